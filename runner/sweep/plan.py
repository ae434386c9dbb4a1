"""Which runs can train together, and in groups of which width."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch

from runner.build import build_group
from runner.config import Config, sweepable
from runner.config_keys import role_of
from runner.device import own_memory
from runner.engine.cost import SMALL_STEP, step_cost, threads
from runner.engine.counts import StepCounts
from runner.engine.group import Group
from runner.engine.recorder import Row
from runner.engine.rng import isolated
from runner.engine.train import Training
from runner.registry import SINGLE_CHOICE_GROUPS
from runner.sweep import cost
from runner.sweep.widths import WIDEST, best, evenly, predicted, told

SINGLE_RUN = "a single run"


@dataclass(frozen=True)
class Plan:
    """One group to train: numbers and text alone, made once, before anything trains.

    Attributes:
        jobs: Positions of its runs in the request; their number is the group's width.
        threads: CPU threads of its operations.
        why: How its width came about, for the log.
    """

    jobs: tuple[int, ...]
    threads: int
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
    node = {key: value for key, value in config.model_dump().items() if role_of(key).is_shared}
    for group in SINGLE_CHOICE_GROUPS:
        free = sweepable(group, node[group]["name"])
        # Whether a value is there at all is a matter of what is computed, so that stays.
        node[group] = {
            key: "*" if key in free and value is not None else value
            for key, value in node[group].items()
        }
    return json.dumps(node, sort_keys=True)


def plan(configs: Sequence[Config], width: int | str) -> list[Plan]:
    """Decide which runs train together. The same request gives the same plan on a kind of machine.

    Args:
        configs: The runs of a request.
        width: The largest group, or ``"auto"`` for the best by the cost model.

    Returns:
        The groups, in the order of their first runs.
    """
    plans = []
    for jobs in groups(configs):
        widest, number, why = _decide([configs[job] for job in jobs], width)
        plans += [Plan(chunk, number, why) for chunk in evenly(jobs, widest)]
    return plans


def _decide(configs: Sequence[Config], width: int | str) -> tuple[int, int, str]:
    """Return the width and the threads of runs that could train together, and why."""
    number = 1
    try:
        alone = build_group(configs[:1], [])
        products = step_cost(alone)
        number = thread_count(configs[0], products)
        with threads(1):
            widest, why = _width(configs, alone, products, width)
        return widest, number, why
    except Exception as error:  # a model of anyone's; where it fails alone, its runs will tell
        reason = str(error).partition("\n")[0]
        why = f"one after another: a stacked step fails ({type(error).__name__}: {reason})"
        return 1, number, why if len(configs) > 1 else SINGLE_RUN


def _width(
    configs: Sequence[Config], alone: Group, products: float, width: int | str
) -> tuple[int, str]:
    if len(configs) == 1:
        return 1, SINGLE_RUN
    if width == "auto" and alone.device.type == "cpu" and products > SMALL_STEP:
        return 1, "one after another: its steps are bound by arithmetic, not by overhead"
    if width == "auto":
        return _best_width(configs, alone)
    if int(width) > 1:
        _try_stacked(configs)
    return int(width), f"width {width} was asked for"


def _best_width(configs: Sequence[Config], alone: Group) -> tuple[int, str]:
    pair = _try_stacked(configs)
    stacked = _counted(pair)
    widest = _widest(pair, stacked)
    if alone.device.type not in cost.constants():  # without figures launches are what counts
        return widest, f"width {widest}: as wide as its memory surely allows"
    counts = cost.Counts(_counted(alone), stacked)
    step = partial(cost.seconds, counts, kind=alone.device.type)
    costs = predicted(step, len(configs), widest)
    width = best(costs)
    choice = f"width {width}" if width > 1 else "one after another"
    return width, f"{choice}, by {told(costs)}"


def _try_stacked(configs: Sequence[Config]) -> Group:
    """Take a step with two members, which shows whether the model can be stacked at all.

    Returns:
        The two, as unlike as the points of a sweep are.
    """
    pair = build_group([configs[0], configs[-1]], [])
    with isolated(pair.seeds[0], "global", pair.device):
        Training(pair, Quiet()).rehearse(1)
    return pair


def _counted(group: Group) -> StepCounts:
    with isolated(group.seeds[0], "global", group.device):
        return Training(group, Quiet()).count()


def _widest(group: Group, step: StepCounts) -> int:
    """Return the largest width whose memory stays under the limit, as estimated.

    A member is charged with its state and with all that a step asks for, though most of it is
    given back before the step ends.
    """
    members = group.members
    held = [*members.params.values(), *members.buffers.values()]
    held += [tensor for tensors in members.state.values() for tensor in tensors.values()]
    each = sum(tensor.nbytes for tensor in held) + sum(done.fresh for done in step.operations)
    own = own_memory(group.device)
    limit = own / 2 if own else cost.constants()["memory"]
    return max(1, min(WIDEST, int(limit * len(group) / each)))


class Quiet:
    """Watches a rehearsal and says nothing."""

    def step(self) -> None:
        """Do nothing."""

    def epoch(self, rows: list[Row]) -> None:
        """Do nothing."""


def thread_count(config: Config, products: float) -> int:
    """Return the CPU threads of a group's operations: one, where a member's step is small.

    It does not depend on the group's size: a run gets as many threads alone as in a sweep.

    Args:
        config: That of any member.
        products: The ``step_cost`` of the group.
    """
    asked = config.device["threads"]
    if asked != "auto":
        return int(asked)
    return 1 if products < SMALL_STEP else torch.get_num_threads()
