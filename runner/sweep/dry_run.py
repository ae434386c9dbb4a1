"""``--dry-run``: the points of a request, their groups, and what they will cost."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from rich.markup import escape
from rich.table import Table

from runner.build import build_device, build_group
from runner.config import Config
from runner.engine.cost import threads
from runner.engine.rehearsal import rehearse
from runner.engine.train import Quiet, Training, steps_per_epoch
from runner.registry import find
from runner.request.points import RequestedRun
from runner.sweep.console import console
from runner.sweep.plan import Plan, plan

SHOWN = 20
REHEARSED = 6  # times; the first ones warm up, or compile
# An epoch's evaluations and files, as a share of its steps: enough to say minutes or hours.
BESIDES = 1.3
COMPILING = 30.0  # seconds; of networks without convolutions it was 4 to 8 (see benchmarks/)


def show(points: Sequence[RequestedRun], configs: Sequence[Config], width: int | str) -> int:
    """Print the points and groups of a request and an estimate of its cost; start nothing.

    The plan is the one that a start would make. The cost in time is measured, as it is only told:
    a few steps of each group, on the real data, thrown away.

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
    times = [cost(group, configs).of(configs[group.jobs[0]].epochs) for group in plans]
    for why, members in groupby(enumerate(plans), key=lambda numbered: numbered[1].why):
        _say_groups([number for number, _ in members], plans, times, why)
    asked = "1 point" if len(points) == 1 else f"{len(points)} points"
    out.print(f"{asked}, about {duration(sum(times))} in all; nothing was started.")
    if any(map(_may_gain_by_compiling, plans, times, [configs[p.jobs[0]] for p in plans])):
        out.print(
            "Small steps may take less time compiled: ask again with device.compile=inductor."
        )
    return 0


def duration(seconds: float) -> str:
    """Say a time as a person would: ``8 s``, ``3 min``, ``2.5 h``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class Cost(NamedTuple):
    """Roughly what a group will take.

    Attributes:
        epoch: The seconds of an epoch, evaluation and files included.
        once: Those that come once besides: to warm up, or to compile.
    """

    epoch: float
    once: float

    def of(self, epochs: int) -> float:
        """Return the seconds of so many epochs."""
        return self.once + epochs * self.epoch


def cost(plan: Plan, configs: Sequence[Config]) -> Cost:
    """Return what a group costs, by a few of its steps that are thrown away."""
    group = build_group([configs[job] for job in plan.jobs], [])
    with threads(plan.threads):
        training = Training(group, Quiet())
        rehearsed = rehearse(training, REHEARSED, training.take)
    return Cost(BESIDES * steps_per_epoch(group) * rehearsed.step, rehearsed.once)


def _may_gain_by_compiling(plan: Plan, seconds: float, config: Config) -> bool:
    """Whether a group trains for longer than compiling takes, by steps that are small on a CPU."""
    device = build_device(config)
    can = find("optim", config.optim["name"]).capturable and device.compile == "none"
    return can and device.resolve().type == "cpu" and plan.threads == 1 and seconds > COMPILING


def _say_groups(
    numbers: Sequence[int], plans: Sequence[Plan], times: Sequence[float], why: str
) -> None:
    """Say what groups of one reason hold and cost, in one line for all of them."""
    first, last = numbers[0], numbers[-1]
    which = f"group {first}" if first == last else f"groups {first} to {last}"
    runs = sum(len(plans[number].jobs) for number in numbers)
    took = duration(sum(times[number] for number in numbers))
    what = "1 run" if runs == 1 else f"{runs} runs"
    console().print(f"{which}: {what}, about {took} ({why})")
