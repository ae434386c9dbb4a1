"""The numbers of a comparison in words, for the rows of its tables."""

import math

from runner.results.compare.comparison import Row
from runner.results.compare.sides import Point, Side, value_words
from runner.results.stats import Estimate

# The last part of a key tells a repetition by name, but for the data's own seed.
DATA = {"dataset.seed": "data set"}


def head(first: str, other: str) -> list[str]:
    """The names of the columns that `row_cells` fills, but for the first."""
    return [first, other, f"{other} - {first}", "95 % interval", "n", "p"]


def row_cells(row: Row, label: str) -> list[str]:
    """A row of a table: what it is of, both means, their difference, its interval, n and p."""
    found, estimate = row.found, row.found.estimate
    return [
        label,
        number(found.first),
        number(found.other),
        number(estimate.difference, "+.3g"),
        interval(estimate),
        "+".join(map(str, estimate.counts)),
        p_words(row.p),
    ]


def number(value: float, form: str = ".4g") -> str:
    """A number for a table, ``-`` where there is none."""
    return "-" if math.isnan(value) else "0" if value == 0 else f"{value:{form}}"


def interval(estimate: Estimate) -> str:
    """The interval's ends, ``-`` where there is none."""
    if math.isnan(estimate.low):
        return "-"
    half = (estimate.high - estimate.low) / 2
    places = 2 - math.floor(math.log10(half)) if 0 < half < math.inf else 99
    # Both ends to the same place: three digits of the half width.
    form = f".{places}f" if 0 <= places <= 6 else ".3g"
    return f"{number(estimate.low, form)} to {number(estimate.high, form)}"


def p_words(p: float) -> str:
    """A p-value for a table."""
    return "-" if math.isnan(p) else "<0.001" if p < 0.001 else f"{p:.3f}"


def point_label(point: Point) -> str:
    """A point's values, under a head that names its keys."""
    return ", ".join(map(value_words, point)) or "-"


def repetition(side: Side) -> str:
    """What a repetition of a side is: a seed, a fold, or where nothing tells, a run."""
    names = [key for key in side.repeats if key != "again"]
    return " and ".join(DATA.get(key, key.rpartition(".")[2]) for key in names) or "run"


def runs_words(estimate: Estimate, side: Side) -> str:
    """What was paired, and how many there are of it."""
    unit = repetition(side)
    if estimate.method == "paired":
        count = estimate.counts[0]
        return f"paired by {unit}: {count} pair{'s' if count > 1 else ''}"
    left, right = estimate.counts
    if left == right == 1:
        return "one run each"
    unit = "repetition" if " " in unit else unit
    return f"not paired (Welch): {left} {unit}{'s' if left != 1 else ''} against {right}"
