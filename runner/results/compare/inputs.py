"""Inputs of a comparison: what each side holds, how sides differ, and what they are called."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from runner.errors import RequestError
from runner.results.compare.data import Seen
from runner.results.labels import short
from runner.results.measures import Measures
from runner.results.read.configs import typed
from runner.results.read.runs import Value
from runner.results.stats import Sample, summarize

PointKey = tuple[Value | None, ...]
"""The values of the keys that tell points apart."""
Repetition = tuple[Value | None, ...]
"""The values of the keys that tell the repetitions of a point apart."""
Pair = tuple[PointKey, PointKey]
"""A point of the first side and one of another that stand against each other."""
DUPLICATE: Final = "again"
"""The repetition key, numbered here, of runs that differ in nothing."""


@dataclass(frozen=True)
class MetricValues:
    """Values of a metric at a point.

    Attributes:
        sample: Mean, spread and count of its finite values.
        values: The finite values, by what tells repetitions apart: seed and fold. Empty where
            only the sample is known.
    """

    sample: Sample
    values: Mapping[Repetition, float] = field(default_factory=dict)

    def equals(self, other: "MetricValues") -> bool:
        """Whether the values are the same, or mean and count where only these are known."""
        if self.values or other.values:
            return self.values == other.values
        return (self.sample.mean, self.sample.n) == (other.sample.mean, other.sample.n)


MOST_KEYS = 3
TIME_OR_NUMBER = re.compile(r"[\d/\\_:.T+-]+")
NO_VALUES: Final = MetricValues(summarize([]))


@dataclass(frozen=True)
class Side:
    """What one argument of a comparison holds.

    Attributes:
        path: As it was typed.
        keys: The keys that tell its points apart.
        repeats: The keys that tell the repetitions of a point apart: seed, fold.
        metrics: The names of its metrics.
        measured: The values of each metric at each point.
        runs: How many runs there are in all.
        failed: How many of them did not complete.
        config: What all its runs share, by dotted names; empty for a CSV file.
        curves: The rows per run and epoch of each point's runs that completed.
        speed: What `runner.results.compare.load.speed_of` tells, as far as it is known.
        loss: The name of the loss, None where it varies or is not known.
        measures: What is on record of its metrics; nothing for a CSV file.
        notes: What was left out in reading it.
        data: The data that its runs saw, as far as it is on record.
    """

    path: str
    keys: list[str]
    repeats: list[str]
    metrics: list[str]
    measured: dict[PointKey, dict[str, MetricValues]]
    runs: int
    failed: int = 0
    config: dict[str, Any] = field(default_factory=dict)
    curves: dict[PointKey, pd.DataFrame] = field(default_factory=dict)
    speed: dict[str, float | str] = field(default_factory=dict)
    loss: str | None = None
    measures: Measures = field(default_factory=Measures)
    notes: list[str] = field(default_factory=list)
    data: Seen = field(default_factory=dict)

    @property
    def points(self) -> list[PointKey]:
        """The values of the keys, point by point."""
        return list(self.measured)

    @property
    def monitor(self) -> str:
        """The metric that chooses among its points."""
        return self.measures.monitor

    def at(self, point: PointKey, metric: str) -> MetricValues:
        """A metric at a point, no values where it is not known."""
        return self.measured.get(point, {}).get(metric, NO_VALUES)

    def all_values(self, metric: str) -> list[float]:
        """All values of a metric, run by run; none where only means and spreads are told."""
        return [value for point in self.points for value in self.at(point, metric).values.values()]

    def key_values(self, key: str) -> list[str]:
        """The values of a key in words, swept or shared; none where it is not known."""
        if key in self.keys:
            column = self.keys.index(key)
            return list(dict.fromkeys(short(point[column]) for point in self.points))
        return [str(self.config[key])] if key in self.config else []

    def setting(self, point: PointKey, keys: Sequence[str]) -> tuple[Value, ...] | None:
        """What keys are at a point, swept or shared; None where one of them is not known."""
        known = self.config | dict(zip(self.keys, point, strict=True))
        # A group is swept by its name.
        names = [key if key in known else f"{key}.name" for key in keys]
        if not all(name in known for name in names):
            return None
        return tuple(typed(known[name]) for name in names)


def point_text(keys: Sequence[str], point: PointKey) -> str:
    """A point in words: ``optim.lr=0.1, model.dropout=0.2``."""
    return ", ".join(f"{key}={short(value)}" for key, value in zip(keys, point, strict=True))


def keys_of_rows(frame: pd.DataFrame, keys: Sequence[str]) -> list[PointKey]:
    """The values of some columns, row by row; what is missing becomes None."""
    if not keys:
        return [()] * len(frame)
    columns = [list(map(_plain, frame[key])) for key in keys]
    return list(zip(*columns, strict=True))


def group_by_point(
    frame: pd.DataFrame, keys: Sequence[str], repeats: Sequence[str], metrics: Sequence[str]
) -> dict[PointKey, dict[str, MetricValues]]:
    """The values of each metric at each point of a table with a row per run.

    Args:
        frame: A row per run, metrics numeric, ``nan`` where a run did not complete.
        keys: The columns that tell points apart.
        repeats: The columns that tell the repetitions of a point apart.
        metrics: The columns to group.

    Raises:
        RequestError: Two rows have the same point and repetition, so neither has a partner.
    """
    points = keys_of_rows(frame, keys)
    repetitions: list[Repetition] = [(number,) for number in range(len(frame))]
    if repeats:
        repetitions = keys_of_rows(frame, repeats)
        _refuse_equal_rows(keys_of_rows(frame, [*keys, *repeats]), [*keys, *repeats])
    found: dict[PointKey, dict[str, dict[Repetition, float]]]
    found = {point: {metric: {} for metric in metrics} for point in points}
    for metric in metrics:
        values = frame[metric].astype(float)
        for point, repetition, value in zip(points, repetitions, values, strict=True):
            if math.isfinite(value):
                found[point][metric][repetition] = value
    return {
        point: {
            metric: MetricValues(summarize(values.values()), values if repeats else {})
            for metric, values in at.items()
        }
        for point, at in found.items()
    }


def _refuse_equal_rows(rows: Sequence[PointKey], names: Sequence[str]) -> None:
    for row, count in Counter(rows).most_common(1):
        if count > 1:
            equal = point_text(names, row)
            raise RequestError(f"{count} rows have {equal}; more columns in --on tell them apart.")


def _plain(value: Any) -> Value | None:
    """A value that equals itself: missing ones become None, numpy's numbers Python's."""
    if value is None or value is pd.NA or value != value:
        return None
    found: Value = value.item() if isinstance(value, np.generic) else value
    return found


def config_differences(sides: Sequence[Side]) -> list[list[str]]:
    """The keys whose values differ, with each side's values in words; ``-`` where it has none."""
    swept = dict.fromkeys(key for side in sides for key in side.keys)
    keys = dict.fromkeys([*swept, *(key for side in sides for key in side.config)])
    found = []
    for key in keys:
        # A CSV file tells its swept keys only.
        known = [side.key_values(key) for side in sides if side.config or key in swept]
        if any(values != known[0] for values in known):
            found.append([key, *(_listed(side.key_values(key)) for side in sides)])
    return found


class SideNames(NamedTuple):
    """What sides are called: by what they are, not by when they were started.

    Attributes:
        shared: What they have in common: ``digits, mlp``; may be empty.
        each: What tells them apart, a name for each.
    """

    shared: str
    each: list[str]

    @property
    def title(self) -> str:
        """The sides in one line."""
        first, *others = self.each
        against = " and ".join(others) if len(others) < 3 else f"{len(others)} sides"
        shared = f"{self.shared}: " if self.shared else ""
        return f"{shared}{against} compared with {first}"


def name_sides(sides: Sequence[Side], letters: Sequence[str]) -> SideNames:
    """Name sides by dataset, model and swept keys, and where these are equal by what differs.

    All names are different. Where nothing else tells sides apart they are the ends of their paths,
    or their letters where those are but times.
    """
    what, swept = list(map(_dataset_and_model, sides)), list(map(_swept_keys, sides))
    whole = [" by ".join(filter(None, pair)) for pair in zip(what, swept, strict=True)]
    if len({*what}) == 1 and what[0] and _are_distinct(swept):
        return SideNames(what[0], swept)
    if _are_distinct(whole):
        return SideNames("", whole)
    shared = whole[0] if len({*whole}) == 1 else ""
    return SideNames(shared, _only_difference(sides) or _path_ends(sides) or list(letters))


def _dataset_and_model(side: Side) -> str:
    """Nothing of a CSV file, which does not tell."""
    names = [side.config.get(f"{group}.name") for group in ("dataset", "model")]
    if names[0] == "none":
        names = [side.config.get("loss.name")]
    return ", ".join(str(name) for name in names if name is not None)


def _swept_keys(side: Side) -> str:
    more = [f"{len(side.keys) - MOST_KEYS} more"] if len(side.keys) > MOST_KEYS else []
    return ", ".join([*(short(key, 60) for key in side.keys[:MOST_KEYS]), *more])


def _only_difference(sides: Sequence[Side]) -> list[str]:
    """``optim.name=adam``, where one key differs, or one component; else nothing."""
    rows = config_differences(sides)
    rows = [row for row in rows if row[0].endswith(".name")] or rows
    names = [f"{rows[0][0]}={value}" for value in rows[0][1:]] if len(rows) == 1 else []
    return names if _are_distinct(names) else []


def _path_ends(sides: Sequence[Side]) -> list[str]:
    """The paths from where they part; nothing where these are but times or numbers."""
    parts = [Path(side.path).parts for side in sides]
    shared = next((i for i, of in enumerate(zip(*parts, strict=False)) if len({*of}) > 1), 0)
    ends = ["/".join(of[shared:]) for of in parts]
    ends = ends if all(ends) else [side.path for side in sides]
    useful = _are_distinct(ends) and not any(map(TIME_OR_NUMBER.fullmatch, ends))
    return ends if useful else []


def _are_distinct(names: Sequence[str]) -> bool:
    return all(names) and len({*names}) == len(names) > 0


def _listed(values: Sequence[str]) -> str:
    text = ", ".join(values) or "-"
    return text if len(text) <= 24 or len(values) < 2 else f"{len(values)} values"
