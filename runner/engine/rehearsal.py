"""A few steps of a group, taken to learn what they do and cost; it is of no use afterwards."""

import time
from collections.abc import Iterator
from itertools import chain, islice, repeat

import torch

from runner.engine.counts import Counting, StepCounts, counting_calls
from runner.engine.step import predict
from runner.engine.stretch import Eager, Takes
from runner.engine.train import Training


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


def rehearse(training: Training, stretches: int, take: Takes | None = None) -> list[float]:
    """Take a few steps, and evaluate, to learn what they cost.

    Args:
        training: Whose steps.
        stretches: How often steps are taken.
        take: What takes them; None for one after another.

    Returns:
        Seconds of a step, in order; the first ones include warming up, or compiling.
    """
    group, seconds = training.group, []
    clock = time.perf_counter()
    for steps in islice(endless_steps(training, take), stretches):
        if group.device.type == "cuda":
            torch.cuda.synchronize()
        before, clock = clock, time.perf_counter()
        seconds.append((clock - before) / steps)
    # What can be trained together need not be evaluated together.
    predict(group.members, group.data.prepare(group.data.train.inputs[:2], group.dtype))
    return seconds


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
