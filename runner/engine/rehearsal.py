"""A few steps of a group, taken to learn what they do and cost; it is of no use afterwards."""

import time
from collections.abc import Iterator
from itertools import chain, islice, repeat
from typing import NamedTuple

import torch
from torch.utils._pytree import tree_leaves

from runner.engine.batches import boundaries
from runner.engine.capture import Capture
from runner.engine.captured import Captured
from runner.engine.counts import Counting, StepCounts, counting_calls
from runner.engine.group import Group
from runner.engine.registered import is_close
from runner.engine.rng import isolated
from runner.engine.step import predict
from runner.engine.stretch import Eager, Stretch, Takes
from runner.engine.train import Training

DIFFERING = 4  # steps: to capture one, and to replay it on other examples


class Rehearsed(NamedTuple):
    """What was learnt of a group's cost.

    Attributes:
        step: The seconds of a step, the least.
        once: Those that come once besides: to warm up, or to compile.
    """

    step: float
    once: float


def endless_steps(training: Training, take: Takes | None = None) -> Iterator[int]:
    """Take step after step, epoch after epoch, and record nothing.

    Args:
        training: Whose steps.
        take: What takes them; None for one after another.

    Yields:
        How many were taken.
    """
    take = take or Eager(training.group, shared=training.shared)
    for steps, _ in chain.from_iterable(training.steps(take) for _ in repeat(None)):
        training.steps_done += steps  # what a step draws depends on it
        yield steps


def rehearse(training: Training, stretches: int, take: Takes | None = None) -> Rehearsed:
    """Take a few steps, and evaluate, to learn what they cost.

    Args:
        training: Whose steps.
        stretches: How often steps are taken.
        take: What takes them; None for one after another.
    """
    group, taken = training.group, list[tuple[int, float]]()
    clock = time.perf_counter()
    for steps in islice(endless_steps(training, take), stretches):
        if group.device.type == "cuda":
            torch.cuda.synchronize()
        before, clock = clock, time.perf_counter()
        taken.append((steps, clock - before))
    # What can be trained together need not be evaluated together.
    predict(group.members, group.data.prepare(group.data.train.inputs[:2], group.dtype))
    step = min(seconds / steps for steps, seconds in taken)
    return Rehearsed(step, max(seconds - steps * step for steps, seconds in taken))


def count(training: Training) -> StepCounts:
    """Take three steps and say what the later ones did.

    The first step of an epoch prepares the others, and is counted where there are no others.
    """
    steps = endless_steps(training)
    next(steps)
    counting = Counting()
    with counting:
        next(steps)
    with counting_calls() as calls:
        next(steps)
    return StepCounts(counting.operations, calls[0])


def steps_end_alike(group: Group, twin: Group, capture: Capture) -> bool:
    """Take a few steps of two equal groups of one run, and say whether captured ones do the same.

    Examples, learning rate and noise differ from step to step: what was kept from the first one,
    since something asked for a value or remembered one in Python, shows.

    Args:
        group: Its steps are taken one by one.
        twin: The same, built once more; its steps are captured and replayed.
        capture: How to capture.

    Raises:
        RuntimeError: They can't be captured.
    """
    _take_differing_steps(group, Eager(group, shared=True))
    _take_differing_steps(twin, Captured(twin, capture, 1, shared=True))
    pairs = zip(tree_leaves(group.members.parts()), tree_leaves(twin.members.parts()), strict=True)
    return all(is_close(one, other) for one, other in pairs)


def _take_differing_steps(group: Group, take: Takes) -> None:
    rates = group.optimizer.lr * torch.linspace(1, 0.5, DIFFERING, dtype=torch.float64)[:, None]
    table = group.optimizer.coefficients(rates, 0)
    start, end = boundaries(len(group.data.train), group.batch_size)[0]
    places = torch.arange(start, end, device=group.device)
    group.members.model.train()
    with isolated(group.seeds[0], "trial", group.device):
        for step in range(DIFFERING):
            rows = (places + step * end) % len(group.data.train)
            at = {name: t[step].to(group.device, group.dtype) for name, t in table.items()}
            take(Stretch(rows[None], at=[at], first=step))
