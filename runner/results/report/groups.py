"""Which runs share a colour in the report's figures, and what the legend calls them."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from runner.results.figures.colours import APART, Legend, entries_of
from runner.results.labels import point_label, short
from runner.results.report.importance import shares
from runner.results.sweep_view import SweepView, sortable

MOST = 12
BINS = 8


@dataclass(frozen=True)
class Groups(Legend):
    """The entries of a report's legend.

    Attributes:
        of_job: The number of each job's entry.
    """

    of_job: dict[int, int] = field(default_factory=dict)


def make_groups(view: SweepView) -> Groups:
    """Give every run its place in the legend.

    Each point has an entry where there are few. Otherwise the runs are told apart by the key that
    explains most of the metric, or by the first where the test set would have to say which; by its
    values or, where these are many, by ranges of them.

    Args:
        view: The sweep.
    """
    if not view.keys:
        return _numbered(view, view.runs["point"], ["all runs"], "", False)
    if view.of_members and len(view.points) > MOST:
        return _numbered(view, 0 * view.runs["point"], ["all members"], "", False)
    if len(view.points) <= (MOST if len(view.keys) == 1 else len(APART)):
        places = {point: place for place, point in enumerate(view.points.index)}
        labels = [point_label(values) for values in view.points.itertuples(index=False)]
        ordered = len(view.keys) == 1 and _is_number(view.runs[view.keys[0]])
        numbers = view.runs["point"].map(places)
        return _numbered(view, numbers, labels, ", ".join(view.keys), ordered)
    return _by_key(view, _telling_key(view))


def _telling_key(view: SweepView) -> str:
    found = {}
    if view.ranks_by:
        found = {share.key: share.share for share in shares(view) if share.share is not None}
    few = [key for key in view.keys if 2 <= view.runs[key].nunique(dropna=False) <= MOST]
    return max(few or view.keys, key=lambda key: found.get(key, -1.0))


def _by_key(view: SweepView, key: str) -> Groups:
    column = view.runs[key]
    values = list(column.drop_duplicates().sort_values(key=sortable))
    ranks = {value: rank for rank, value in enumerate(values) if value == value}
    missing = len(values) - 1
    ranked = column.map(lambda value: ranks.get(value, missing))
    if len(values) <= MOST:
        return _numbered(view, ranked, [short(v) for v in values], key, _is_number(column))
    parts = [values[_edge(i, values) : _edge(i + 1, values)] for i in range(BINS)]
    numbers = [number for number, part in enumerate(parts) for _ in part]
    labels = [f"{short(part[0])} to {short(part[-1])}" for part in parts]
    return _numbered(view, ranked.map(lambda rank: numbers[rank]), labels, key, True)


def _edge(number: int, values: list[object]) -> int:
    return number * len(values) // BINS


def _is_number(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(column)


def _numbered(
    view: SweepView, numbers: "pd.Series[Any]", labels: list[str], title: str, ordered: bool
) -> Groups:
    jobs = (int(job) for job in view.runs["job"])
    ended = set(numbers[view.runs["job"].isin(view.ended["job"])])
    labels = [f"{v}{'' if i in ended else ' (none completed)'}" for i, v in enumerate(labels)]
    entries = entries_of(labels, ordered)
    return Groups(title, entries, dict(zip(jobs, map(int, numbers), strict=True)))
