"""The points that were trained again, as a person is told of them: the figures to quote."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from rich.markup import escape
from rich.table import Table

from runner.columns import Status, split_of
from runner.results.labels import readable
from runner.results.read.runs import Run
from runner.results.stats import Estimate, paired, summarize
from runner.results.sweep import Sweep
from runner.search.rounds import Search
from runner.sweep.best_point import BestPoint
from runner.sweep.progress import console
from runner.sweep.summary_output import about, say_failures


class Confirmed(NamedTuple):
    """A point that was trained again.

    Attributes:
        number: Its number in the search.
        runs: Those on fresh seeds that completed.
        value: The mean of the metric at their best epochs, with its 95 % interval by Student's t.
    """

    number: int
    runs: list[Run]
    value: Estimate


def say_confirmed(search: Search, sweep: Sweep) -> None:
    """Tell how good the best points are on fresh seeds, and all that one needs of the best."""
    found = confirmed(search, sweep.runs)
    monitor, seeds = search.place.monitor, search.settings.confirm.seeds
    out = console()
    out.print(f"On {seeds} fresh seeds each, {monitor.column} at the best epoch:")
    table = Table(box=None, pad_edge=False, header_style="bold")
    keys = [dimension.key for dimension in search.request.dimensions]
    arrow = "↓" if monitor.direction == "lower" else "↑"
    for column in ("trial", *keys, f"{monitor.column} {arrow}", "95 % interval", "n"):
        table.add_column(escape(column), justify="right")
    for one in found:
        values = search.values(one.number)
        cells = [escape(values.get(key, "")) for key in keys]
        mean = readable(one.value.difference) if one.runs else "none completed"
        table.add_row(str(one.number), *cells, mean, _interval(one.value), str(len(one.runs)))
    out.print(table)
    say_failures(sweep.runs)
    if found[0].runs:
        _say_best(search, found[0], sweep)


def confirmed(search: Search, runs: Sequence[Run]) -> list[Confirmed]:
    """Return the points that were trained again, the best first.

    Args:
        search: The search.
        runs: Those of the sweep that confirms, by job: the seeds of a point follow each other.
    """
    monitor, seeds = search.place.monitor, search.settings.confirm.seeds
    best = search.best(search.settings.confirm.points)
    found = []
    for place, number in enumerate(best):
        own = [run for run in runs if run.job // seeds == place and run.status == Status.OK]
        values = [run.best[monitor.column] for run in own]
        found.append(Confirmed(number, own, paired(values) if values else _unknown()))
    sign = 1 if monitor.direction == "lower" else -1
    found.sort(key=lambda one: sign * one.value.difference if one.runs else math.inf)
    return found


def _unknown() -> Estimate:
    return Estimate(math.nan, math.nan, math.nan, math.nan, (), "paired")


def _interval(value: Estimate) -> str:
    if math.isnan(value.low):
        return ""
    return f"{readable(value.low)} to {readable(value.high)}"


def _say_best(search: Search, best: Confirmed, sweep: Sweep) -> None:
    """Name the best point; of it alone, and once, the metrics of the test set."""
    monitor, out = search.place.monitor, console()
    values = [f"{key}={value}" for key, value in search.values(best.number).items()]
    sign = 1 if monitor.direction == "lower" else -1
    runs = sorted(best.runs, key=lambda run: sign * run.best[monitor.column])
    for line in about(BestPoint(monitor.column, values, runs), sweep.folder, "best"):
        out.print(escape(line), soft_wrap=True)
    names = [name for name in runs[0].best if split_of(name) == "test"]
    told = []
    for name in names:
        sample = summarize(run.best[name] for run in runs)
        spread = "" if math.isnan(sample.std) else f" ± {sample.std:.2g}"
        told.append(f"{name} {readable(sample.mean)}{spread}")
    if told:
        out.print(escape(f"  on the test set: {', '.join(told)} (mean ± std of n = {len(runs)})"))
