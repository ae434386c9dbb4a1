"""Losses that compare what a model says of an example with its target.

Shapes: S members, B examples, C classes, T target numbers.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss

from runner.columns import Task
from runner.hyper import Fraction, Positive
from runner.losses.base import CLASSES, NUMBERS, Loss
from runner.registry import register


@register("loss", "auto")
class AutoLoss(Loss):
    """Cross-entropy for classes, half the squared error for numbers.

    Attributes:
        stands_for: The loss it is, by task.
    """

    tasks = CLASSES | NUMBERS
    stands_for: ClassVar[dict[Task, str]] = {"classes": "cross-entropy", "numbers": "squared"}

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the loss that suits the targets, (S, B); see ``Loss``."""
        if targets.is_floating_point():
            return _squared_error(logits, targets) / 2
        return _cross_entropy(logits, targets)


@register("loss", "cross-entropy")
@dataclass(kw_only=True, eq=False)
class CrossEntropy(Loss):
    """The negative log-likelihood of the target class, with smoothed labels where asked for.

    Smoothing ε replaces the one-hot target by ``(1 - ε) · one-hot + ε / C``.

    Szegedy et al., "Rethinking the inception architecture for computer vision", 2016; "Dive into
    Deep Learning", section "Softmax Regression".

    Attributes:
        label_smoothing: The part ε of a label that is spread evenly over all classes.
    """

    tasks = CLASSES

    label_smoothing: Fraction

    def __post_init__(self) -> None:
        self.smooths = bool(self.label_smoothing.any())

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the cross-entropy of each example, (S, B); see ``Loss``."""
        if not self.smooths:
            return _cross_entropy(logits, targets)
        log_p = logits.log_softmax(-1)
        true = log_p.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        return -torch.lerp(true, log_p.mean(-1), _column(self.label_smoothing, logits))


@register("loss", "squared")
class Squared(Loss):
    """Half the squared error, ``(ŷ - y)² / 2``, averaged over the target numbers.

    "Dive into Deep Learning", section "Linear Regression".
    """

    tasks = NUMBERS
    label = "half squared error"

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return half the squared error of each example, (S, B); see ``Loss``."""
        return _squared_error(logits, targets) / 2


@register("loss", "mse")
class MSE(Loss):
    """The squared error, ``(ŷ - y)²``, averaged over the target numbers."""

    tasks = NUMBERS
    label = "mean squared error"

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the squared error of each example, (S, B); see ``Loss``."""
        return _squared_error(logits, targets)


@register("loss", "mse-one-hot")
class MSEOneHot(Loss):
    """The squared error of the logits against one-hot targets, averaged over the classes.

    A regression on the classes: what a course shows before cross-entropy, or in place of it.
    """

    tasks = CLASSES
    label = "mean squared error"

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the squared error of each example, (S, B); see ``Loss``."""
        classes = torch.arange(logits.shape[-1], device=targets.device)
        return _squared_error(logits, (targets.unsqueeze(-1) == classes).to(logits))


@register("loss", "huber")
@dataclass(kw_only=True, eq=False)
class Huber(Loss):
    """Half the squared error up to ``delta`` and linear beyond, averaged over the target numbers.

    Huber, "Robust estimation of a location parameter", 1964.

    Attributes:
        delta: The error up to which the loss is quadratic.
    """

    tasks = NUMBERS

    delta: Positive

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return Huber's loss of each example, (S, B); see ``Loss``."""
        error = (logits - targets).abs()
        capped = error.minimum(_column(self.delta, logits).unsqueeze(-1))
        return (capped * (error - capped / 2)).mean(-1)


def _cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    flat = cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return flat.view(targets.shape)


def _squared_error(logits: Tensor, targets: Tensor) -> Tensor:
    return mse_loss(logits, targets, reduction="none").mean(-1)


def _column(values: Tensor, like: Tensor) -> Tensor:
    """Shape (S,) values to (S, 1), in the dtype and on the device of ``like``."""
    return values.to(like).unsqueeze(1)
