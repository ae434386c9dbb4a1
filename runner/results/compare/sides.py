"""The sides of a comparison: what each holds, point by point and run by run."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from runner.errors import RequestError
from runner.results.labels import short
from runner.results.measures import Measures
from runner.results.stats import Sample, describe

Point = tuple[Any, ...]
Repetition = tuple[Any, ...]


@dataclass(frozen=True)
class Cell:
    """A metric at a point.

    Attributes:
        sample: Mean, spread and count of its finite values.
        values: The finite values, by what tells repetitions apart: seed and fold. Empty where
            only the sample is known.
    """

    sample: Sample
    values: Mapping[Repetition, float]


NOTHING = Cell(describe([]), {})


@dataclass(frozen=True)
class Side:
    """What one argument of a comparison holds.

    Attributes:
        path: As it was typed.
        keys: The keys that tell its points apart.
        repeats: The keys that tell the repetitions of a point apart: seed, fold.
        metrics: The names of its metrics.
        cells: Each metric at each point.
        runs: How many runs there are in all.
        failed: How many of them did not end well.
        config: What all its runs share, by dotted names; empty for a CSV file.
        curves: The rows per run and epoch of each point's runs that ended well.
        speed: What `runner.results.compare.speed.speed_of` tells, as far as it is known.
        measures: What is on record of its metrics; nothing for a CSV file.
        loss: The name of the loss, None where it varies or is not known.
        notes: What was left out in reading it.
    """

    path: str
    keys: list[str]
    repeats: list[str]
    metrics: list[str]
    cells: dict[Point, dict[str, Cell]]
    runs: int
    failed: int = 0
    config: dict[str, Any] = field(default_factory=dict)
    curves: dict[Point, pd.DataFrame] = field(default_factory=dict)
    speed: dict[str, Any] = field(default_factory=dict)
    measures: Measures = field(default_factory=Measures)
    loss: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def points(self) -> list[Point]:
        """The values of the keys, point by point."""
        return list(self.cells)

    def values(self, key: str) -> list[str]:
        """The values of a key in words, swept or shared; none where it is not known."""
        if key in self.keys:
            column = self.keys.index(key)
            return list(dict.fromkeys(value_words(point[column]) for point in self.points))
        return [str(self.config[key])] if key in self.config else []

    def setting(self, point: Point, keys: Sequence[str]) -> tuple[Any, ...] | None:
        """What keys are at a point, swept or shared; None where one of them is not known."""
        known = self.config | dict(zip(self.keys, point, strict=True))
        # A group is swept by its name.
        names = [key if key in known else f"{key}.name" for key in keys]
        if not all(name in known for name in names):
            return None
        return tuple(_settled(known[name]) for name in names)

    def known(self, metric: str) -> list[float]:
        """All values of a metric, run by run; none where only means and spreads are told."""
        cells = (at[metric] for at in self.cells.values() if metric in at)
        return [value for cell in cells for value in cell.values.values()]

    def cell(self, point: Point, metric: str) -> Cell:
        """A metric at a point, nothing where it is not known."""
        return self.cells.get(point, {}).get(metric, NOTHING)


def value_words(value: Any) -> str:
    """A swept value for a table."""
    return "-" if value is None else short(value)


def point_words(keys: Sequence[str], point: Point) -> str:
    """A point in words: ``optim.lr=0.1, model.dropout=0.2``."""
    pairs = zip(keys, point, strict=True)
    return ", ".join(f"{key}={value_words(value)}" for key, value in pairs)


def _settled(value: Any) -> Any:
    """A value as written in a request or in a config, the same for both."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    words = "null" if value is None else str(value)
    return words.replace(" ", "").replace("'", "").lower()


def points_of(frame: pd.DataFrame, keys: Sequence[str]) -> list[Point]:
    """The values of some columns, row by row; what is missing becomes None."""
    if not keys:
        return [()] * len(frame)
    return [tuple(_plain(value) for value in row) for row in zip(*(frame[k] for k in keys))]  # noqa: B905


def cells_of(
    frame: pd.DataFrame, keys: Sequence[str], repeats: Sequence[str], metrics: Sequence[str]
) -> dict[Point, dict[str, Cell]]:
    """Sort a table with a row per run into cells.

    Args:
        frame: A row per run, metrics numeric, ``nan`` where a run did not end well.
        keys: The columns that tell points apart.
        repeats: The columns that tell the repetitions of a point apart.
        metrics: The columns to sort.

    Raises:
        RequestError: Two rows have the same point and repetition, so neither has a partner.
    """
    places = list(zip(points_of(frame, keys), points_of(frame, repeats), strict=True))
    if repeats:
        _refuse_twins(places, [*keys, *repeats])
    values: dict[Point, dict[str, dict[Repetition, float]]] = {}
    for number, (point, repetition) in enumerate(places):
        at = values.setdefault(point, {metric: {} for metric in metrics})
        for metric in metrics:
            value = float(frame[metric].iloc[number])
            if math.isfinite(value):
                at[metric][repetition if repeats else (number,)] = value
    return {p: {m: _cell(found, repeats) for m, found in at.items()} for p, at in values.items()}


def not_numbers(frame: pd.DataFrame, metrics: Sequence[str], unit: str) -> list[str]:
    """What to say of values that are no finite numbers, of rows that are runs or but rows."""
    lost = {metric: int((~np.isfinite(frame[metric].to_numpy(float))).sum()) for metric in metrics}
    return [
        f"{name} is no number in {count} of {len(frame)} {unit}"
        for name, count in lost.items()
        if count
    ]


def _refuse_twins(places: Sequence[tuple[Point, Repetition]], names: Sequence[str]) -> None:
    (point, repetition), count = Counter(places).most_common(1)[0]
    if count > 1:
        words = point_words(names, (*point, *repetition))
        raise RequestError(f"{count} rows have {words}; more columns in --on tell them apart.")


def _cell(values: dict[Repetition, float], repeats: Sequence[str]) -> Cell:
    return Cell(describe(values.values()), values if repeats else {})


def _plain(value: Any) -> Any:
    """A value that equals itself: missing ones become None, numpy's numbers Python's."""
    if value is None or value is pd.NA or value != value:
        return None
    return value.item() if isinstance(value, np.generic) else value
