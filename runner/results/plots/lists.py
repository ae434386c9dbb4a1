"""The metric of a sweep over a list of two numbers, such as a rate for each of two layers."""

from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from runner.results.plots.pairs import heat_map
from runner.results.read.runs import parse_value
from runner.results.sweep_view import SweepView


def swept_lists(view: SweepView) -> list[str]:
    """The swept keys whose every value is a list of two numbers, both of which vary."""
    parts = {key: _parts(view.runs[key]) for key in view.keys}
    return [key for key, part in parts.items() if part is not None and (part.nunique() > 1).all()]


def list_heat_map(view: SweepView, key: str) -> Figure:
    """The mean of the metric over the two numbers of a swept list.

    Args:
        view: The sweep.
        key: One of its `swept_lists`.
    """
    parts = _parts(view.runs[key])
    if parts is None:
        raise ValueError(f"not every value of {key} is a list of two numbers")
    down, across = (f"{key}, {which}" for which in ("first", "second"))
    runs = view.runs.assign(**{down: parts[0], across: parts[1]})
    return heat_map(replace(view, runs=runs), down, across)


def _parts(column: "pd.Series[str]") -> pd.DataFrame | None:
    """The two numbers of each list; None where some value is no such list."""
    rows = [_numbers(str(value)) for value in column]
    if any(len(row) != 2 for row in rows):
        return None
    return pd.DataFrame(rows, index=column.index, dtype=float)


def _numbers(text: str) -> list[float]:
    """The numbers of a list as it is written in a table; none where there is anything else."""
    if not (text.startswith("[") and text.endswith("]")):
        return []
    values = [parse_value(part.strip()) for part in text[1:-1].split(",")]
    numbers = [float(value) for value in values if isinstance(value, (int, float))]
    return numbers if len(numbers) == len(values) else []
