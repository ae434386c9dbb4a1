"""Whether a run that was run again came out the same, and if not, what else differs."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from runner.columns import is_metric, loss_beside, of_gradient, of_model, split_of
from runner.results.differences import differences, inert
from runner.results.read.runs import Run
from runner.results.resolution import resolution

ROUNDING = 1e-4
"""The relative difference up to which numbers that were computed in float32 count as equal."""
COARSEST = 0.02
"""The largest part of all that one answer may be."""
OF_A_MODEL = {split_of(of_model("")), split_of(of_gradient(""))}
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
    """The largest difference of two tables, relative to the largest number of its column.

    Attributes:
        size: That number.
        column: Where it is.
        turned: The columns in which a single answer is another, which are not in it.
    """

    size: float
    column: str
    turned: list[str]

    def __str__(self) -> str:
        parts = [f"one answer is another in {inert(name)}" for name in self.turned[:1]]
        if self.size:
            where = f"in {inert(self.column)}"
            parts.insert(0, f"largest relative difference {self.size:.1g}, {where}")
        return "; ".join(parts)


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
    if far.size <= ROUNDING:
        return Verdict(True, f"The same {which}, equal to rounding ({far}).", differing)
    return Verdict(False, f"Not the same {which} ({far}).", differing)


def distance(before: Run, after: Run) -> Distance:
    """Return how far apart two tables of the same rows and columns are.

    In what counts answers, such as an accuracy, one answer may be another.
    """
    found, turned = [(0.0, "")], []
    for name in before.header:
        first, second = (run.metrics[name].to_numpy(float) for run in (before, after))
        finite = np.isfinite(first)
        scale = np.abs([*first[finite], *second[finite]]).max(initial=0.0)
        if not np.array_equal(finite, np.isfinite(second)):
            found.append((math.inf, name))
        elif scale:
            apart = np.abs(first - second)[finite].max(initial=0.0)
            answer = _one_answer(name, [*first[finite], *second[finite]])
            if ROUNDING * scale < apart <= answer:
                turned.append(name)
            else:
                found.append((float(apart / scale), name))
    return Distance(*max(found), turned)


def _one_answer(column: str, values: Sequence[float]) -> float:
    """Return by how much rounding may move an accuracy: one answer, where two were near a tie.

    Of other numbers it is nothing, and neither where the values are too few to tell the step in
    which they move: it must be one of fifty or finer.
    """
    if not is_metric(column) or column == loss_beside(column) or split_of(column) in OF_A_MODEL:
        return 0.0
    step = resolution(values)
    return step * (1 + ROUNDING) if step <= COARSEST else 0.0


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
