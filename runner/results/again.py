"""Whether a run that was run again came out the same, and if not, what else differs."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from runner.results.differences import differences, inert
from runner.results.read.runs import Run
from runner.results.resolution import resolution

ROUNDING = 1e-4
"""The relative difference up to which numbers that were computed in float32 count as equal."""
NOTHING = "nothing on record: such training does not give the same bits twice, as on some GPUs"


class Verdict(NamedTuple):
    """What came of running a run again.

    Attributes:
        same: Whether the result is the same, to the bit or to rounding.
        told: That in a sentence.
        differing: What else differs, a sentence each; nothing where the bits are the same.
    """

    same: bool
    told: str
    differing: list[str]


class Distance(NamedTuple):
    """The largest difference of two tables, relative to the largest number of its column."""

    size: float
    column: str


def verdict(before: Run, after: Run) -> Verdict:
    """Compare the tables of two runs, and where they differ what is on record of them.

    Args:
        before: A run that ended.
        after: The same, run again.
    """
    which = f"result as '{inert(before.folder)}'"
    if (before.header, before.rows, before.status) == (after.header, after.rows, after.status):
        rows = f"{len(after.rows)} row{'s' * (len(after.rows) != 1)}"
        return Verdict(True, f"The same {which}, to the bit ({rows} of metrics.csv).", [])
    found = list(differences(before.summary, after.summary)) or [NOTHING]
    differing = [f"{one[:1].upper()}{one[1:]}." for one in found]
    if told := _otherwise(before, after):
        return Verdict(False, f"Not the same {which}: {told}.", differing)
    far = distance(before, after)
    size = f"largest relative difference {far.size:.1g}, in {inert(far.column)}"
    if far.size <= ROUNDING:
        return Verdict(True, f"The same {which}, equal to rounding ({size}).", differing)
    return Verdict(False, f"Not the same {which} ({size}).", differing)


def distance(before: Run, after: Run) -> Distance:
    """Return how far apart two tables of the same rows and columns are.

    What counts answers is as near as can be asked where one answer is another.
    """
    found = [Distance(0.0, "")]
    for name in before.header:
        first, second = (run.metrics[name].to_numpy(float) for run in (before, after))
        finite = np.isfinite(first)
        scale = np.abs([*first[finite], *second[finite]]).max(initial=0.0)
        if not np.array_equal(finite, np.isfinite(second)):
            found.append(Distance(math.inf, name))
        elif scale:
            apart = np.abs(first - second)[finite].max(initial=0.0)
            if apart > _one_answer(name, [*first[finite], *second[finite]]):
                found.append(Distance(float(apart / scale), name))
    return max(found)


def _one_answer(column: str, values: Sequence[float]) -> float:
    """Return by how much rounding may move an accuracy: one answer, where two were near a tie.

    Of other numbers it is nothing. That the losses are near is asked besides.
    """
    is_metric = "/" in column and not column.endswith("/loss")
    return resolution(values) * (1 + ROUNDING) if is_metric else 0.0


def _otherwise(before: Run, after: Run) -> str | None:
    """Say in what more than numbers differ."""
    if before.status != after.status:
        return f"it ended as {inert(before.status)} and now as {after.status}"
    if lost := [name for name in before.header if name not in after.header]:
        return f"it had {inert(lost[0])}, which is not measured now"
    if more := [name for name in after.header if name not in before.header]:
        return f"it had no {more[0]}"
    if len(before.rows) != len(after.rows):
        return f"it had {len(before.rows)} rows of metrics, and now has {len(after.rows)}"
    return None
