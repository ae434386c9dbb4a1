"""How the learning rate changes with time: factors that multiply each member's own rate."""

from abc import ABC, abstractmethod
from math import pi
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from runner.hyper import Hyper, PerMember, Positive
from runner.registry import register

Decay = Annotated[Tensor, PerMember(gt=0, le=1)]
Final = Annotated[Tensor, PerMember(ge=0, le=1)]


class Schedule(Hyper, ABC):
    """A function from the time trained to a factor of the base learning rate.

    "Dive into Deep Learning", section "Learning Rate Scheduling".
    """

    @abstractmethod
    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return the factor of the learning rate for each step.

        Args:
            elapsed: (T,) float64 epochs trained before each step, from 0 to below ``epochs``:
                0 at the first step, 1.5 half-way through the second epoch.
            epochs: How many epochs the run trains in all.

        Returns:
            (T, S) float64, or (T, 1) where the members cannot differ.
        """


@register("schedule", "constant")
class Constant(Schedule):
    """The base learning rate throughout."""

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return (T, 1) ones."""
        return torch.ones_like(elapsed).unsqueeze(1)


@register("schedule", "step")
class Step(Schedule):
    """Multiplies the rate by ``factor`` after every ``every`` epochs, like torch's ``StepLR``."""

    def __init__(self, *, every: Annotated[int, Field(ge=1)], factor: Decay) -> None:
        self.every = every
        self.factor = factor

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return ``factor ^ ⌊epoch / every⌋``, (T, S)."""
        return self.factor ** (_epoch(elapsed) / self.every).floor()


@register("schedule", "exponential")
class Exponential(Schedule):
    """Multiplies the rate by ``gamma`` after each epoch, like torch's ``ExponentialLR``."""

    def __init__(self, *, gamma: Decay) -> None:
        self.gamma = gamma

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return ``gamma ^ epoch``, (T, S)."""
        return self.gamma ** _epoch(elapsed)


@register("schedule", "polynomial")
class Polynomial(Schedule):
    """Falls to zero at the end of the last epoch, like torch's ``PolynomialLR``."""

    def __init__(self, *, power: Positive) -> None:
        self.power = power

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return ``(1 - epoch / epochs) ^ power``, (T, S)."""
        return (1 - _epoch(elapsed) / epochs) ** self.power


@register("schedule", "cosine")
class Cosine(Schedule):
    """Falls along half a cosine from 1 to ``final_factor``, like torch's ``CosineAnnealingLR``.

    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.
    """

    def __init__(self, *, final_factor: Final) -> None:
        self.final_factor = final_factor

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return ``final + (1 - final) (1 + cos(π epoch / epochs)) / 2``, (T, S)."""
        height = (1 + torch.cos(pi * _epoch(elapsed) / epochs)) / 2
        return self.final_factor + (1 - self.final_factor) * height


def _epoch(elapsed: Tensor) -> Tensor:
    """The whole epochs done, (T, 1): these schedules change once an epoch."""
    return elapsed.floor().unsqueeze(1)
