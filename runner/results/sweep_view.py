"""A sweep made ready for drawing: its points, the metric that tells them apart, its words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from runner.columns import SETTLED, Status, Task
from runner.results.labels import counted, describe, labelled, repetitions
from runner.results.measures import Measures
from runner.results.read.runs import Run
from runner.results.stats import spans_decades
from runner.results.tables import Tables, point_columns, point_numbers, replicate_columns

MOST_NAMED = 4
MANY_VALUES = 25
MEMBER = "member"


@dataclass(frozen=True)
class SweepView:
    """A sweep and how to speak of it.

    Attributes:
        runs: A row per run, its point's number in the column ``point``.
        curves: A row per run and epoch, with the same column.
        keys: The swept keys without those that tell repetitions apart.
        metric: The metric by which points are told apart.
        measures: What is known of the metrics, and the task.
        what: What all runs share: their name and tags, dataset and model.
    """

    runs: pd.DataFrame
    curves: pd.DataFrame
    keys: list[str]
    metric: str
    measures: Measures
    what: str

    @property
    def of_members(self) -> bool:
        """Whether it is a population, whose members go by numbers that say nothing of them."""
        return self.keys == [MEMBER]

    @cached_property
    def ended(self) -> pd.DataFrame:
        """The runs that completed, or all where none did: an interrupted sweep has curves too."""
        good = self.runs[self.runs["status"] == Status.OK]
        return good if len(good) else self.runs

    @cached_property
    def points(self) -> pd.DataFrame:
        """The swept values of each point, indexed by its number, numbers in order of size."""
        first = self.runs.drop_duplicates("point").set_index("point")[self.keys]
        return first.sort_values(self.keys, key=sortable) if self.keys else first

    @property
    def label(self) -> str:
        """The metric's name for an axis."""
        return self.measures.label(self.metric)

    @property
    def words(self) -> str:
        """The metric's name in a sentence."""
        return self.measures.words(self.metric)

    @property
    def task(self) -> Task | None:
        """What the targets are; None where it is not known."""
        return self.measures.task

    @property
    def log(self) -> bool:
        """Whether the metric is drawn on a log scale: an error of numbers, or one over decades."""
        values = self.ended[self.metric]
        if self.measures.is_error(self.metric) and self._of_numbers:
            return bool(values.gt(0).any() and not values.lt(0).any())
        if self.measures.is_fraction(self.metric):
            return False
        return not values.le(0).any().item() and spans_decades(values, 3)

    def log_curves(self, names: Sequence[str]) -> bool:
        """Whether curves of these metrics are drawn on a log scale, on the page and in a PNG.

        Errors are, a loss among them, where they are of numbers or span more than three powers of
        ten.

        Args:
            names: Columns of ``curves`` that share an axis.
        """
        if not all(map(self.measures.is_error, names)):
            return False
        rows = self.curves.loc[self.curves["job"].isin(self.ended["job"]), list(names)]
        return is_log_error(rows, self._of_numbers)

    @property
    def drawable(self) -> pd.DataFrame:
        """The runs that ended, with a metric that has a place on its scale."""
        values = self.ended[self.metric].astype(float)
        return self.ended[np.isfinite(values) & ((values > 0) | (not self.log))]

    @cached_property
    def lost(self) -> pd.DataFrame:
        """The runs that did not complete, though they were to."""
        return self.runs[~self.runs["status"].isin(SETTLED)]

    @cached_property
    def pruned(self) -> pd.DataFrame:
        """The runs that a search let go; none where no run completed, and so all are drawn."""
        ended = self.runs["job"].isin(self.ended["job"])
        return self.runs[self.runs["status"].eq(Status.PRUNED) & ~ended]

    @cached_property
    def continuous(self) -> list[str]:
        """The keys with a value of its own at each of many points, as a search draws them.

        At such a value there is nothing to take a mean over but repetitions, and no line joins
        what differs in other keys as well.
        """
        if len(self.keys) == 1 and not self.runs["status"].eq(Status.PRUNED).any():
            return []
        points = self.runs[self.keys].drop_duplicates()
        return [key for key in self.keys if _is_continuous(points[key])]

    def is_scattered(self, key: str) -> bool:
        """Whether runs are drawn by this key as dots alone, without means."""
        return key in self.continuous or not self.pruned.empty

    @property
    def _of_numbers(self) -> bool:
        return self.task not in ("objective", "classes")

    @property
    def ranks_by(self) -> str | None:
        """The metric that ranks points: of a function its value, else the one that chooses.

        None where that was not measured: the test set ranks nothing.
        """
        name = self.metric if self.task == "objective" else self.measures.monitor
        known = name in self.ended and np.isfinite(self.ended[name].astype(float)).any()
        return name if known else None

    def by(self, metric: str) -> "SweepView | None":
        """The same sweep by another metric; None where no run that ended has it."""
        other = replace(self, metric=metric)
        return other if metric in self.runs and len(other.drawable) else None

    @property
    def opening(self) -> str:
        """How a title begins: with what all runs share."""
        return f"{self.what}: " if self.what else ""

    @property
    def varies(self) -> str:
        """What varies, in words."""
        if len(self.keys) > MOST_NAMED:
            return f"{', '.join(self.keys[:MOST_NAMED])} and {len(self.keys) - MOST_NAMED} more"
        return " and ".join(self.keys) if self.keys else "one point"

    @property
    def repeated(self) -> bool:
        """Whether any point has more than one run."""
        return bool(self.runs.groupby("point").size().max() > 1)

    @property
    def replicates(self) -> str:
        """How many runs each point has, in words."""
        sizes = self.runs.groupby("point").size()
        low, high = int(sizes.min()), int(sizes.max())
        if high == 1:
            return "one run each" if len(sizes) > 1 else "one run"
        count = f"{low}" if low == high else f"{low} to {high}"
        seeds = self.runs["seed"].nunique() == high
        unit = repetitions(replicate_columns(self.runs)) if seeds else "runs"
        return f"{count} {unit}" + (" each" if len(sizes) > 1 else "")

    @cached_property
    def failure_summary(self) -> str:
        """How many runs did not complete, in words; empty where all did."""
        bad = self.lost["status"].value_counts()
        parts = ", ".join(f"{count} {status}" for status, count in bad.items())
        runs = f"{len(self.runs)} runs" if len(self.runs) > 1 else "1 run"
        return f"; {parts} of {runs}" if parts else ""

    @cached_property
    def endings(self) -> str:
        """How many points a search let go, and how many runs did not complete, in words."""
        count = self.pruned["point"].nunique()
        of = counted(self.runs["point"].nunique(), "point")
        pruned = f"; {count} of {of} let go early (pruned)" if count else ""
        return f"{pruned}{self.failure_summary}"

    @property
    def curveless(self) -> str:
        """How many runs that completed have no curve, in words; empty where all have one."""
        lost = int((~self.ended["job"].isin(self.curves["job"])).sum())
        return f"; {lost} without a curve" if lost else ""


def make_view(
    runs: Sequence[Run], tables: Tables, measures: Measures, *, members: bool = False
) -> SweepView | None:
    """Make a sweep ready for drawing.

    Args:
        runs: The sweep's runs; one that has a config tells what was run.
        tables: The sweep's tables.
        measures: What is on record of its metrics.
        members: Whether the runs are those of a population: no two are repetitions of one point,
            whatever they began with, and each goes by its number as a member.

    Returns:
        The view, or None where no run has a metric to show.
    """
    metric = measures.main([str(name) for name in tables.sweep.columns])
    if metric is None or metric not in tables.curves.columns:
        return None
    keys = [MEMBER] if members else point_columns(tables.sweep)
    named = {MEMBER: tables.sweep["job"].map(str)} if members else {}  # a number, and no size
    rows = tables.sweep.assign(**named)
    rows["point"] = point_numbers(rows, keys)
    points = dict(zip(rows["job"], rows["point"], strict=True))
    curves = tables.curves.assign(point=tables.curves["job"].map(points))
    what = describe(next((run.config for run in runs if run.config), {}), keys)
    told = labelled(next((run.summary for run in runs if run.summary), {}), what)
    return SweepView(rows, curves, keys, metric, measures, told)


def _is_continuous(values: "pd.Series[Any]") -> bool:
    """Whether the values of a key, point by point, are many, and most of them of one point."""
    if not pd.api.types.is_numeric_dtype(values):
        return False
    counts = values.value_counts()
    return len(counts) > MANY_VALUES and bool(counts.median() == 1)


def is_log_error(values: npt.ArrayLike, of_numbers: bool) -> bool:
    """Whether errors by epoch are drawn on a log scale: those of numbers, or over three decades.

    Args:
        values: The errors.
        of_numbers: Whether what is predicted are numbers.
    """
    known = np.asarray(values, np.float64).ravel()
    known = known[np.isfinite(known)]
    if of_numbers:
        return bool((known > 0).any() and not (known < 0).any())
    return spans_decades(known, 3)


def sortable(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Values that sort: numbers by size, then words in the order in which they were typed.

    Args:
        values: The values in the order of the runs.
    """
    if pd.api.types.is_numeric_dtype(values):
        return values
    known = list(values.dropna().unique())
    known.sort(key=lambda value: (isinstance(value, str), 0 if isinstance(value, str) else value))
    ranks = {value: rank for rank, value in enumerate(known)}
    # What is missing stands between the numbers and the words.
    numbers = sum(not isinstance(value, str) for value in known)
    return values.map(ranks).fillna(numbers - 0.5)
