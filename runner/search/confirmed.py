"""The points that were trained again, as a person is told of them: the figures to quote."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from rich.markup import escape

from runner.columns import Status, split_of
from runner.engine.monitor import Monitor
from runner.results.labels import interval, readable, spread
from runner.results.read.runs import Run
from runner.results.stats import Estimate, paired, summarize
from runner.results.sweep import Sweep
from runner.search.rounds import Search
from runner.sweep.best_point import BestPoint
from runner.sweep.console import console
from runner.sweep.point_table import Point, PointTable
from runner.sweep.summary_output import about, say_failures


class Confirmed(NamedTuple):
    """A point that was trained again.

    Attributes:
        number: Its number in the search.
        runs: Those on fresh seeds that completed.
        values: The mean of each goal at their best epochs, with its 95 % interval by Student's t.
    """

    number: int
    runs: list[Run]
    values: list[Estimate]


def heading(goal: Monitor) -> str:
    """Return the heading of a goal's column, with the way that is better."""
    return f"{goal.column} {'↓' if goal.direction == 'lower' else '↑'}"


def say_confirmed(search: Search, sweep: Sweep) -> None:
    """Tell how good the best points are on fresh seeds, and all that one needs of the best."""
    found, goals = confirmed(search, sweep.runs), search.place.goals
    out = console()
    out.print(f"On {search.settings.confirm.seeds} fresh seeds each, at the best epoch:")
    keys = [dimension.key for dimension in search.request.dimensions]
    told = [*(f"{heading(goal)} (95 %)" for goal in goals), "n"]
    points = [
        Point(search.values(one.number), _reached(one, len(goals)), str(one.number))
        for one in found
    ]
    PointTable(keys, told, points, "trial").show(out)
    say_failures(sweep.runs)
    for one in found if len(goals) > 1 else found[:1]:
        if one.runs:
            _say_best(search, one, sweep)


def confirmed(search: Search, runs: Sequence[Run]) -> list[Confirmed]:
    """Return the points that were trained again, the best first, but last what did not complete.

    Args:
        search: The search.
        runs: Those of the sweep that confirms, by job: the seeds of a point follow each other.
    """
    goals, seeds = search.place.goals, search.settings.confirm.seeds
    found = []
    for place, number in enumerate(search.best(search.settings.confirm.points)):
        own = [run for run in runs if run.job // seeds == place and run.status == Status.OK]
        means = [paired([run.best[goal.column] for run in own]) for goal in goals] if own else []
        found.append(Confirmed(number, own, means))
    sign = 1 if goals[0].direction == "lower" else -1

    def rank(one: Confirmed) -> tuple[int, float]:
        """A point of which the bad seeds diverged is no good point: its mean is of the others."""
        return seeds - len(one.runs), sign * one.values[0].difference if one.runs else math.inf

    return sorted(found, key=rank)


def _reached(one: Confirmed, goals: int) -> list[str]:
    reached = map(_with_interval, one.values) if one.runs else ["none completed"] * goals
    return [*reached, str(len(one.runs))]


def _with_interval(value: Estimate) -> str:
    mean = readable(value.difference)
    if math.isnan(value.low):
        return mean
    return f"{mean} ({interval(value.low, value.high, digits=2)})"


def _say_best(search: Search, best: Confirmed, sweep: Sweep) -> None:
    """Name a point, and once, after all was chosen, its metrics of the test set."""
    monitor, out = search.place.monitor, console()
    values = [f"{key}={value}" for key, value in search.values(best.number).items()]
    sign = 1 if monitor.direction == "lower" else -1
    runs = sorted(best.runs, key=lambda run: sign * run.best[monitor.column])
    is_best = len(search.place.goals) == 1
    why = f"best by {monitor.column} at the best epoch" if is_best else f"trial {best.number}"
    for line in about(BestPoint(monitor.column, values, runs), sweep.folder, why):
        out.print(escape(line), soft_wrap=True)
    names = [name for name in runs[0].best if split_of(name) == "test"]
    told = []
    for name in names:
        sample = summarize(run.best[name] for run in runs)
        told.append(f"{name} {spread(sample.mean, sample.std)}")
    if told:
        words = f"  on the test set: {', '.join(told)} (mean ± std of n = {len(runs)})"
        out.print(escape(words), soft_wrap=True)
