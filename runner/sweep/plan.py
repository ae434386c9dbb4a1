"""Which runs can train together, and in groups of which width."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch

from runner.build import build_group
from runner.component_keys import sweepable
from runner.config import Config
from runner.config_keys import role_of
from runner.device import own_memory
from runner.engine.cost import SMALL_STEP, step_cost, threads
from runner.engine.counts import StepCounts
from runner.engine.group import Group
from runner.engine.rehearsal import count, rehearse
from runner.engine.rng import isolated
from runner.engine.train import Quiet, Training, steps_per_epoch
from runner.errors import ANYONES
from runner.machine import cores
from runner.registry import SINGLE_CHOICE_GROUPS
from runner.sweep import cost
from runner.sweep.widths import WIDEST, best, evenly, predicted, told

SINGLE_RUN = "a single run"
# Rough: what a step takes besides its products, and what a multiply-add of it takes both ways.
PER_STEP, PER_PRODUCT = 0.0005, 9e-11


@dataclass(frozen=True)
class Plan:
    """One group to train: numbers and text alone, made once, before anything trains.

    Attributes:
        jobs: Positions of its runs in the request; their number is the group's width.
        threads: CPU threads of its operations.
        why: How its width and its threads came about, for the log.
        seconds: What it is predicted to take, roughly: whether workers are worth their start.
    """

    jobs: tuple[int, ...]
    threads: int
    why: str = ""
    seconds: float = 0.0


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


def plan(configs: Sequence[Config], width: int | str, *, on_gpus: bool = False) -> list[Plan]:
    """Decide which runs train together. The same request gives the same plan on a kind of machine.

    Args:
        configs: The runs of a request.
        width: The largest group, or ``"auto"`` for the best by the cost model.
        on_gpus: Whether they train on the GPUs of other machines, which are not at hand here.

    Returns:
        The groups, in the order of their first runs.
    """
    plans = []
    for jobs in groups(configs):
        alike = [configs[job] for job in jobs]
        decided = _decide(alike, width, len(configs), on_gpus=on_gpus)
        plans += [
            Plan(chunk, decided.threads, decided.why, decided.seconds * len(chunk) + decided.steps)
            for chunk in evenly(jobs, decided.width)
        ]
    return plans


class _Decision(NamedTuple):
    """How runs that could train together are cut; ``seconds`` for each run, ``steps`` for all."""

    width: int
    threads: int
    why: str
    seconds: float = 0.0
    steps: float = 0.0


def _decide(configs: Sequence[Config], width: int | str, runs: int, *, on_gpus: bool) -> _Decision:
    """Decide on the width and the threads of runs that could train together, and say why."""
    number = 1
    try:
        alone = build_group(configs[:1], [])
        products = step_cost(alone)
        number = thread_count(configs[0], products, runs)
        with threads(1):
            widest, why = _width(configs, alone, products, width, on_gpus=on_gpus)
        steps = alone.epochs * steps_per_epoch(alone)
        why += _shared_cores(configs[0], products, runs, number)
        return _Decision(widest, number, why, steps * products * PER_PRODUCT, steps * PER_STEP)
    except ANYONES as error:  # where it fails alone, its runs will tell
        reason = str(error).partition("\n")[0]
        why = f"one by one: a fused step fails ({type(error).__name__}: {reason})"
        return _Decision(1, number, why if len(configs) > 1 else SINGLE_RUN)


def _shared_cores(config: Config, products: float, runs: int, number: int) -> str:
    """Say that a run has fewer threads than it would have alone, where that is so."""
    if number == thread_count(config, products, 1):
        return ""
    return f"; {number} thread{'s' * (number > 1)} each, as {runs} runs share {cores()} cores"


def _width(
    configs: Sequence[Config], alone: Group, products: float, width: int | str, *, on_gpus: bool
) -> tuple[int, str]:
    if len(configs) == 1:
        return 1, SINGLE_RUN
    kind = "cuda" if on_gpus else alone.device.type
    if width == "auto" and kind == "cpu" and products > SMALL_STEP:
        return 1, "one by one: steps are compute-bound, so that fused training gains nothing"
    if width == "auto":
        return _best_width(configs, alone, kind)
    if int(width) > 1:
        _try_stacked(configs)
    return int(width), f"width {width} as requested"


def _best_width(configs: Sequence[Config], alone: Group, kind: str) -> tuple[int, str]:
    pair = _try_stacked(configs)
    stacked = _counted(pair)
    widest = _widest(pair, stacked)
    if kind not in cost.constants():  # without figures launches are what counts
        return widest, f"width {widest}: the largest that is estimated to fit into memory"
    counts = cost.Counts(_counted(alone), stacked)
    step = partial(cost.seconds, counts, kind=kind)
    costs = predicted(step, len(configs), widest)
    width = best(costs)
    return width, f"{choice(width, costs)}; {told(costs)}"


def choice(width: int, costs: Mapping[int, float]) -> str:
    """Why runs train together or one by one, in words."""
    if width > 1:
        faster = costs[1] / costs[width]
        return f"width {width}: predicted to be {faster:.2g} times as fast as one by one"
    ratio = min((cost for size, cost in costs.items() if size > 1), default=costs[1]) / costs[1]
    if ratio > 1.05:
        return f"fused training would take {ratio:.2g} times as long, so these run one by one"
    return "fused training would save less than a tenth of the time, so these run one by one"


def _try_stacked(configs: Sequence[Config]) -> Group:
    """Take a step with two members, which shows whether the model can be stacked at all.

    Returns:
        The two, as unlike as the points of a sweep are.
    """
    pair = build_group([configs[0], configs[-1]], [])
    with isolated(pair.seeds[0], "global", pair.device):
        rehearse(Training(pair, Quiet()), 1)
    return pair


def _counted(group: Group) -> StepCounts:
    with isolated(group.seeds[0], "global", group.device):
        return count(Training(group, Quiet()))


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


def thread_count(config: Config, products: float, runs: int) -> int:
    """Return the CPU threads of a run's operations: one, where a step is small or cores are few.

    It does not depend on the size of the run's group, nor on how many workers there are.

    Args:
        config: That of any member of a group.
        products: The ``step_cost`` of the group.
        runs: How many runs the sweep has; 1 for a run on its own.
    """
    asked = config.device["threads"]
    if asked != "auto":
        return int(asked)
    if products < SMALL_STEP:
        return 1
    return max(1, min(torch.get_num_threads(), cores() // runs))
