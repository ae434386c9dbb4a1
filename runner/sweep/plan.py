"""Which runs can train together, and in groups of which width."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from runner.build import build_group
from runner.config import Config, sweepable
from runner.engine.cost import SMALL_STEP, multiply_adds, threads
from runner.engine.group import Group
from runner.engine.recorder import Row
from runner.engine.train import Training
from runner.registry import SINGLE

# Values in which the members of a group may differ although no component declares them.
FREE = {"seed", "name", "repeats", "expect", "logger"}

PROBE = 16  # members of the stacked step that is timed
WARM_UP, MEASURED = 3, 5  # the first steps of a group take much longer
PAYS = 0.9  # near ties go to one after another
WIDEST = 1024


@dataclass(frozen=True)
class Plan:
    """One group to train.

    Attributes:
        jobs: Positions of its runs in the request.
        why: How its width came about, for the log.
    """

    jobs: tuple[int, ...]
    why: str = ""


def groups(configs: Sequence[Config]) -> list[list[int]]:
    """Partition runs into those that could train together.

    Returns:
        Positions of the runs of each group, in the order of their first runs.
    """
    together: dict[str, list[int]] = {}
    for job, config in enumerate(configs):
        together.setdefault(_static(config), []).append(job)
    return list(together.values())


def _static(config: Config) -> str:
    """Write down all that the members of a group must share."""
    node = {key: value for key, value in config.model_dump().items() if key not in FREE}
    for group in SINGLE:
        free = sweepable(group, node[group]["name"])
        # Whether a value is there at all is a matter of what is computed, so that stays.
        node[group] = {
            key: "*" if key in free and value is not None else value
            for key, value in node[group].items()
        }
    return json.dumps(node, sort_keys=True)


def plan(configs: Sequence[Config], width: int | str) -> list[Plan]:
    """Decide which runs train together.

    Args:
        configs: The runs of a request.
        width: The largest group, or ``"auto"`` to measure whether stacking pays.

    Returns:
        The groups, in the order of their first runs.
    """
    plans = []
    for jobs in groups(configs):
        widest, why = _width([configs[job] for job in jobs], width)
        chunks = (jobs[start : start + widest] for start in range(0, len(jobs), widest))
        plans += [Plan(tuple(chunk), why) for chunk in chunks]
    return plans


def _width(configs: Sequence[Config], width: int | str) -> tuple[int, str]:
    if len(configs) == 1:
        return 1, "a single run"
    try:
        return _measured_width(configs) if width == "auto" else _asked_width(configs, int(width))
    except Exception as error:  # a model of anyone's; where it fails alone, its runs will tell
        reason = str(error).partition("\n")[0]
        return 1, f"one after another: a stacked step fails ({type(error).__name__}: {reason})"


def _asked_width(configs: Sequence[Config], width: int) -> tuple[int, str]:
    if width > 1:  # two members show whether the model can be stacked at all
        Training(build_group(configs[:2], []), Quiet()).rehearse(1)
    return width, f"width {width} was asked for"


def _measured_width(configs: Sequence[Config]) -> tuple[int, str]:
    alone = build_group(configs[:1], [])
    if alone.device.type == "cpu" and step_cost(alone) > SMALL_STEP:
        return 1, "one after another: its steps are bound by arithmetic, not by overhead"
    ratio = _ratio(alone, configs[:PROBE])
    measured = f"a stacked step takes {ratio:.2f} of the time of the same steps one by one"
    return (WIDEST, measured) if ratio < PAYS else (1, f"one after another: {measured}")


def _ratio(alone: Group, configs: Sequence[Config]) -> float:
    """Measure a stacked step against as many single ones; below 1, stacking wins."""
    number = thread_count(configs[0], alone)
    stacked = _seconds_per_step(build_group(configs, []), number)
    return stacked / (len(configs) * _seconds_per_step(alone, number))


def _seconds_per_step(group: Group, number: int) -> float:
    with threads(number):
        return min(Training(group, Quiet()).rehearse(WARM_UP + MEASURED)[WARM_UP:])


class Quiet:
    """Watches a rehearsal and says nothing."""

    def step(self) -> None:
        """Do nothing."""

    def epoch(self, rows: list[Row]) -> None:
        """Do nothing."""


def thread_count(config: Config, group: Group) -> int:
    """Return the CPU threads of a group's operations: one, where a member's step is small.

    It does not depend on the group's size: a run gets as many threads alone as in a sweep.
    """
    asked = config.device["threads"]
    if asked != "auto":
        return int(asked)
    return 1 if step_cost(group) < SMALL_STEP else torch.get_num_threads()


def step_cost(group: Group) -> float:
    """Return the multiply-adds of the forward step of one member of a group."""
    example = group.data.prepare(group.data.train.inputs[:1], group.dtype)
    examples = min(group.batch_size, len(group.data.train))
    return examples * multiply_adds(group.members.model, example)
