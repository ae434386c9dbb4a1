"""Which runs share a colour in the report's figures, and what the legend calls them."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from runner.results.page.legend import APART, Legend
from runner.results.report.importance import shares
from runner.results.study import Study, sortable
from runner.results.words import point_label, short

MOST = 12
BINS = 8


@dataclass(frozen=True)
class Groups(Legend):
    """The entries of a report's legend.

    Attributes:
        of_job: The number of each job's entry.
    """

    of_job: dict[int, int] = field(default_factory=dict)


def make_groups(study: Study) -> Groups:
    """Give every run its place in the legend.

    Each point has an entry where there are few. Otherwise the runs are told apart by the key that
    explains most of the metric, by its values or, where these are many, by ranges of them.

    Args:
        study: The sweep.
    """
    if not study.keys:
        return _numbered(study, study.sweep["point"], ["all runs"], "", False)
    if len(study.points) <= (MOST if len(study.keys) == 1 else len(APART)):
        places = {point: place for place, point in enumerate(study.points.index)}
        labels = [point_label(values) for values in study.points.itertuples(index=False)]
        ordered = len(study.keys) == 1 and _is_number(study.sweep[study.keys[0]])
        numbers = study.sweep["point"].map(places)
        return _numbered(study, numbers, labels, ", ".join(study.keys), ordered)
    return _by_key(study, _telling_key(study))


def _telling_key(study: Study) -> str:
    found = {share.key: share.share for share in shares(study) if share.share is not None}
    few = [key for key in study.keys if 2 <= study.sweep[key].nunique(dropna=False) <= MOST]
    return max(few or study.keys, key=lambda key: found.get(key, -1.0))


def _by_key(study: Study, key: str) -> Groups:
    column = study.sweep[key]
    values = list(column.drop_duplicates().sort_values(key=sortable))
    ranks = {value: rank for rank, value in enumerate(values) if value == value}
    missing = len(values) - 1
    ranked = column.map(lambda value: ranks.get(value, missing))
    if len(values) <= MOST:
        return _numbered(study, ranked, [short(v) for v in values], key, _is_number(column))
    parts = [values[_edge(i, values) : _edge(i + 1, values)] for i in range(BINS)]
    numbers = [number for number, part in enumerate(parts) for _ in part]
    labels = [f"{short(part[0])} to {short(part[-1])}" for part in parts]
    return _numbered(study, ranked.map(lambda rank: numbers[rank]), labels, key, True)


def _edge(number: int, values: list[Any]) -> int:
    return number * len(values) // BINS


def _is_number(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(column)


def _numbered(
    study: Study, numbers: "pd.Series[Any]", labels: list[str], title: str, ordered: bool
) -> Groups:
    jobs = (int(job) for job in study.sweep["job"])
    ended = set(numbers[study.sweep["job"].isin(study.ended["job"])])
    labels = [f"{v}{'' if i in ended else ' (none ended)'}" for i, v in enumerate(labels)]
    return Groups(title, labels, ordered, dict(zip(jobs, map(int, numbers), strict=True)))
