"""How the learning rate changes with time: factors that multiply each member's own rate."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import pi
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from runner.hyper import Fraction, Hyper, NonNegative, PerMember, Positive
from runner.registry import register

Decay = Annotated[Tensor, PerMember(gt=0, le=1)]
Final = Annotated[Tensor, PerMember(ge=0, le=1)]
Share = Annotated[Tensor, PerMember(gt=0, lt=1)]


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

    def observe(self, losses: Tensor) -> None:
        """Hear how the epoch ended; most schedules follow the clock alone.

        Args:
            losses: (S,) float64 ``val/loss`` of each member, or ``train/loss`` where nothing is
                held out; the test set chooses nothing.
        """

    def remark(self) -> str | None:
        """Return in a sentence what a person should know of it before a run; most have nothing."""
        return None

    def state(self) -> dict[str, Tensor]:
        """Return what ``observe`` has changed, attribute to (S,), for a checkpoint."""
        return {}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take back what ``state`` gave."""
        for name, tensor in state.items():
            setattr(self, name, tensor)


@register("schedule", "constant")
class Constant(Schedule):
    """The base learning rate throughout."""

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return (T, 1) ones."""
        return torch.ones_like(elapsed).unsqueeze(1)


@register("schedule", "step")
@dataclass(kw_only=True, eq=False)
class StepDecay(Schedule):
    """Multiplies the rate by ``factor`` after every ``every`` epochs, like torch's ``StepLR``.

    Attributes:
        every: The epochs between two steps.
        factor: By what the rate is multiplied at each.
    """

    every: Annotated[int, Field(ge=1)]
    factor: Decay

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return ``factor ^ ⌊epoch / every⌋``, (T, S)."""
        return self.factor ** (_epoch(elapsed) / self.every).floor()


@register("schedule", "exponential")
@dataclass(kw_only=True, eq=False)
class Exponential(Schedule):
    """Multiplies the rate by ``gamma`` after each epoch, like torch's ``ExponentialLR``.

    Attributes:
        gamma: The factor of an epoch.
    """

    gamma: Decay

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return ``gamma ^ epoch``, (T, S)."""
        return self.gamma ** _epoch(elapsed)


@register("schedule", "polynomial")
@dataclass(kw_only=True, eq=False)
class Polynomial(Schedule):
    """Falls to zero at the end of the last epoch, like torch's ``PolynomialLR``.

    Attributes:
        power: The exponent of the part of the training that is left: 1 falls in a line.
    """

    power: Positive

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return ``(1 - epoch / epochs) ^ power``, (T, S)."""
        return (1 - _epoch(elapsed) / epochs) ** self.power


@register("schedule", "inverse-time")
@dataclass(kw_only=True, eq=False)
class InverseTime(Schedule):
    """Falls as a power of time, for ever: 1/t with ``power`` 1, the inverse root with 1/2.

    It changes with every step. Powers above 1/2 and up to 1 meet the conditions of Robbins and
    Monro, "A stochastic approximation method", 1951: the rates sum to infinity, so that any start
    can be left behind, and their squares do not, so that the noise dies down. "Dive into Deep
    Learning", section "Stochastic Gradient Descent", calls it polynomial decay and takes
    ``(1 + 0.1 t)^(-1/2)``; Keras has power 1 as ``InverseTimeDecay``.

    Attributes:
        rate: How fast the learning rate falls, per epoch: the factor is (1 + rate · t)^(-power).
        power: The exponent.
    """

    rate: NonNegative
    power: Positive

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return ``(1 + rate t) ^ -power``, t in epochs, (T, S)."""
        return (1 + self.rate * elapsed.unsqueeze(1)) ** -self.power


@register("schedule", "cosine")
@dataclass(kw_only=True, eq=False)
class Cosine(Schedule):
    """Falls along half a cosine from 1 to ``final_factor``, like torch's ``CosineAnnealingLR``.

    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.

    Attributes:
        final_factor: The factor at the end.
    """

    final_factor: Final

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return ``final + (1 - final) (1 + cos(π epoch / epochs)) / 2``, (T, S)."""
        return _cosine(1.0, self.final_factor, _epoch(elapsed) / epochs)


@register("schedule", "warmup-cosine")
@dataclass(kw_only=True, eq=False)
class WarmupCosine(Schedule):
    """Rises in a line to 1 over the first ``warmup`` epochs, then falls along half a cosine.

    It changes with every step. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1
    hour", 2017; "Dive into Deep Learning", section "Learning Rate Scheduling".

    Attributes:
        warmup: The epochs in which the rate rises.
        initial_factor: The factor at the beginning.
        final_factor: The factor at the end.
    """

    warmup: Positive
    initial_factor: Final
    final_factor: Final

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return the rise up to ``warmup`` epochs and the fall behind it, (T, S)."""
        time = elapsed.unsqueeze(1)
        rise = torch.lerp(self.initial_factor, torch.ones(()).double(), time / self.warmup)
        # A warm-up as long as the run leaves no time to fall in.
        rest = (epochs - self.warmup).clamp(min=1e-9)
        fall = _cosine(1.0, self.final_factor, (time - self.warmup) / rest)
        return torch.where(time < self.warmup, rise, fall)


@register("schedule", "one-cycle")
@dataclass(kw_only=True, eq=False)
class OneCycle(Schedule):
    """Rises along half a cosine to 1, and falls along another to almost nothing.

    It changes with every step. Like torch's ``OneCycleLR``, the momentum left alone. Smith and
    Topin, "Super-convergence: very fast training of neural networks using large learning rates",
    2018.

    Attributes:
        rise: The part of the training in which the rate rises.
        initial_factor: The factor at the beginning.
        final_factor: The factor at the end.
    """

    rise: Share
    initial_factor: Final
    final_factor: Final

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return the factors, (T, S); ``rise`` is the part of the training that goes up."""
        time = elapsed.unsqueeze(1) / epochs
        up = _cosine(self.initial_factor, 1.0, time / self.rise)
        down = _cosine(1.0, self.final_factor, (time - self.rise) / (1 - self.rise))
        return torch.where(time < self.rise, up, down)


@register("schedule", "plateau")
@dataclass(kw_only=True, eq=False)
class Plateau(Schedule):
    """Multiplies the rate by ``factor`` when the loss has not fallen for more than ``patience``.

    It hears ``val/loss``, or ``train/loss`` where nothing is held out. An epoch counts as better
    if its loss is below the best by more than ``threshold`` of it, like torch's
    ``ReduceLROnPlateau``. Each member has its own count, so that members of a group train on
    together.

    Attributes:
        factor: By what the rate is multiplied.
        patience: The epochs without a better loss that are waited for.
        threshold: By what part of the best loss another must be lower to count as better.
        best, waited, scale: (S,) the lowest loss, the epochs since, and the factor by now.
    """

    factor: Decay
    patience: Annotated[int, Field(ge=0)]
    threshold: Fraction

    def __post_init__(self) -> None:
        self.best = torch.full_like(self.factor, torch.inf)
        self.waited = torch.zeros_like(self.factor)
        self.scale = torch.ones_like(self.factor)

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return the factor that the losses so far have led to, (T, S)."""
        return self.scale.expand(len(elapsed), -1)

    def observe(self, losses: Tensor) -> None:
        """Count the epochs without a better loss; see ``Schedule``."""
        # A loss may be below 0, where a share of the best would point the wrong way.
        better = losses < self.best - self.threshold * self.best.abs().nan_to_num(posinf=0.0)
        self.best = torch.where(better, losses, self.best)
        self.waited = torch.where(better, 0.0, self.waited + 1)
        tired = self.waited > self.patience
        self.scale = torch.where(tired, self.scale * self.factor, self.scale)
        self.waited = torch.where(tired, 0.0, self.waited)

    def state(self) -> dict[str, Tensor]:
        """Return ``best``, ``waited`` and ``scale``, each (S,)."""
        return {"best": self.best, "waited": self.waited, "scale": self.scale}


def _cosine(start: Tensor | float, end: Tensor | float, share: Tensor) -> Tensor:
    """Go from ``start`` to ``end`` along half a cosine, as ``share`` goes from 0 to 1."""
    return end + (start - end) * (1 + torch.cos(pi * share)) / 2


def _epoch(elapsed: Tensor) -> Tensor:
    """The whole epochs done, (T, 1): some schedules change once an epoch."""
    return elapsed.floor().unsqueeze(1)
