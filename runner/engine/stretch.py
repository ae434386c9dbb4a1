"""Some steps in a row: from the places of their examples to their losses.

Shapes: K steps, S members, B examples of a batch, C outputs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from runner.engine.batches import Batches
from runner.engine.draws import Draws
from runner.engine.group import Group
from runner.engine.step import Step
from runner.optim.base import Tensors


@dataclass(frozen=True)
class Stretch:
    """What some steps in a row are given.

    Attributes:
        rows: The places of their examples in the training set, batch after batch: (1, K·B) where
            all members see the same ones, else (S, K·B).
        at: The optimizer's coefficients of each step, name to (S,).
        first: How many steps were taken before these.
    """

    rows: Tensor
    at: Sequence[Tensors]
    first: int

    def __len__(self) -> int:
        return len(self.at)

    @property
    def batch_size(self) -> int:
        """B."""
        return self.rows.shape[1] // len(self)


class Taken(NamedTuple):
    """What some steps in a row gave, each from before its update.

    Attributes:
        losses: (S, K·B).
        logits: (S, K·B, C).
        targets: (S, K·B) classes or (S, K·B, T) numbers.
        norms: Weight name to (S,): the mean norm of its gradient, where it is kept.
    """

    losses: Tensor
    logits: Tensor
    targets: Tensor
    norms: Tensors


class Takes(Protocol):
    """Whatever takes steps.

    Attributes:
        length: K, of as many batches of full size as it takes at once.
    """

    length: int

    def __call__(self, stretch: Stretch) -> Taken:
        """Take the steps of a stretch, of `length` batches of full size or of any single one."""


class Eager:
    """Takes steps one by one, and starts each of their operations by itself.

    Args:
        group: The group, trained in place; this is made anew when it loses members.
        shared: Whether all members see the same examples.
    """

    length = 1

    def __init__(self, group: Group, *, shared: bool) -> None:
        self.members, self.shared = len(group), shared
        self.batches = Batches(group.data, group.dtype)
        self.draws = Draws(group, shared=shared)
        self.step = Step(
            *(group.members, group.loss, group.regularizer, group.optimizer),
            gradient_norms=group.gradient_norms,
        )

    def __call__(self, stretch: Stretch) -> Taken:
        """Take the steps; see `Takes`."""
        if len(stretch) == 1:
            return self._take(stretch.rows, stretch.at[0], stretch.first)
        batches = torch.split(stretch.rows, stretch.batch_size, dim=1)
        pairs = enumerate(zip(batches, stretch.at, strict=True), stretch.first)
        return joined([self._take(rows, at, number) for number, (rows, at) in pairs])

    def _take(self, rows: Tensor, at: Tensors, number: int) -> Taken:
        inputs, targets = self.batches.gather(rows, self.members)
        inputs = self.draws.augmented(inputs, number)
        noise = self.draws.noise(number, rows.shape[1])
        losses, logits = self.step(inputs, targets, noise, at, shared=self.shared)
        return Taken(losses, logits, targets, self.step.norms)


def joined(steps: Sequence[Taken]) -> Taken:
    """Return what some steps of equal batches gave as one."""
    losses, logits, targets, norms = zip(*steps, strict=True)
    means = {name: torch.stack([step[name] for step in norms]).mean(0) for name in norms[0]}
    return Taken(torch.cat(losses, 1), torch.cat(logits, 1), torch.cat(targets, 1), means)


def in_a_row(bounds: Sequence[tuple[int, int]], length: int) -> Iterator[list[tuple[int, int]]]:
    """Cut batches into stretches of ``length`` equal ones, and of one where as many are not left.

    Args:
        bounds: (start, end) of each batch, of one size up to the last.
        length: How many make a stretch.
    """
    sizes = [end - start for start, end in bounds]
    alike = sum(size == sizes[0] for size in sizes)
    cut = alike - alike % length
    yield from (list(bounds[at : at + length]) for at in range(0, cut, length))
    yield from ([batch] for batch in bounds[cut:])
