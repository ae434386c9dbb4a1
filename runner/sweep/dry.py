"""``--dry-run``: the points of a request, their groups, and what they will cost."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from runner.build import build_group
from runner.config import Config
from runner.engine.cost import threads
from runner.engine.train import Training, steps_per_epoch
from runner.sweep.plan import Plan, Quiet, plan, thread_count
from runner.sweep.points import Point
from runner.sweep.screen import console

SHOWN = 20
REHEARSED = 6  # steps; the slowest half is warming up
# An epoch's evaluations and files, as a share of its steps: enough to say minutes or hours.
BESIDES = 1.3


def show(points: Sequence[Point], configs: Sequence[Config], width: int | str) -> int:
    """Print the points and groups of a request and an estimate of its cost; start nothing.

    The cost is measured: a few steps of each group, on the real data, thrown away.

    Returns:
        The exit code, 0.
    """
    plans = plan(configs, width)
    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("job", "group", "overrides"):
        table.add_column(column, overflow="fold")
    group_of = {job: number for number, group in enumerate(plans) for job in group.jobs}
    for job, point in list(enumerate(points))[:SHOWN]:
        table.add_row(str(job), str(group_of[job]), escape(" ".join(point.overrides)))
    out.print(table)
    if len(points) > SHOWN:
        out.print(f"and {len(points) - SHOWN} more points")
    seconds = [_seconds([configs[job] for job in group.jobs]) for group in plans]
    for number, (group, cost) in enumerate(zip(plans, seconds, strict=True)):
        out.print(f"group {number}: {_runs(group)}, about {in_words(cost)} ({group.why})")
    out.print(f"{len(points)} points, about {in_words(sum(seconds))} in all; nothing was started.")
    return 0


def in_words(seconds: float) -> str:
    """Say a time as a person would: ``8 s``, ``3 min``, ``2.5 h``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _seconds(configs: Sequence[Config]) -> float:
    group = build_group(configs, [])
    steps = group.epochs * steps_per_epoch(group)
    with threads(thread_count(configs[0], group)):
        times = Training(group, Quiet()).rehearse(REHEARSED)
    return BESIDES * steps * min(times)


def _runs(group: Plan) -> str:
    return "1 run" if len(group.jobs) == 1 else f"{len(group.jobs)} runs together"
