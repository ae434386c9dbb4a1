"""RMSProp: gradients divided by the root of their running mean square."""

from dataclasses import dataclass

import torch
from torch import Tensor

from runner.hyper import Fraction, NonNegative
from runner.optim.base import Tensors
from runner.optim.elementwise import Elementwise, any_of
from runner.registry import register


@register("optim", "rmsprop")
@dataclass(kw_only=True, eq=False)
class RMSProp(Elementwise):
    """RMSProp, centred and with momentum where asked for.

    ``s ← alpha s + (1 - alpha) g²``, ``v ← μ v + g / (√s + ε)``, ``w ← w - lr v``; centred, the
    square of the running mean of g is first taken from s.
    Equal to ``torch.optim.RMSprop`` up to rounding.

    Tieleman and Hinton, "Neural Networks for Machine Learning", lecture 6.5, 2012; "Dive into Deep
    Learning", section "RMSProp".

    Attributes:
        alpha: The decay rate of the running mean of squares.
        eps: What is added to the root, against division by zero.
        momentum: The part μ of the last velocity that is kept.
        centered: Whether the square of the gradient's running mean is subtracted.
        rolls: Whether any member has momentum; without, no velocity is kept.
    """

    alpha: Fraction
    eps: NonNegative
    momentum: Fraction
    centered: bool

    def __post_init__(self) -> None:
        super().__post_init__()
        self.rolls = any_of(self.momentum)

    @property
    def slots(self) -> tuple[str, ...]:
        """The running means, and the velocity where there is momentum."""
        extra = {"mean": self.centered, "velocity": self.rolls}
        return ("square", *(slot for slot, used in extra.items() if used))

    def tables(self, lr: Tensor, step: Tensor) -> Tensors:
        """Return the rate, epsilon, the shares of old and new, and the momentum if there is any."""
        tables = {"lr": lr, "eps": self.eps, "kept": self.alpha, "share": 1 - self.alpha}
        return tables | ({"momentum": self.momentum} if self.rolls else {})

    def step(self, param: Tensor, grad: Tensor, slots: Tensors, at: Tensors) -> None:
        """Update one parameter; see ``Elementwise``."""
        scratch = grad.square()
        square = slots["square"].mul_(at["kept"]).addcmul_(scratch, at["share"])
        if self.centered:
            mean = slots["mean"].lerp_(grad, at["share"])
            square = torch.addcmul(square, mean, mean, value=-1, out=scratch)
        direction = grad.div_(torch.sqrt(square, out=scratch).add_(at["eps"]))
        if self.rolls:
            direction = slots["velocity"].mul_(at["momentum"]).add_(direction)
        param.addcmul_(direction, at["lr"], value=-1)
