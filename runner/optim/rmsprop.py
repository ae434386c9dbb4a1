"""RMSProp: gradients divided by the root of their running mean square."""

import torch
from torch import Tensor

from runner.hyper import Fraction, NonNegative, Positive
from runner.optim.base import Tensors
from runner.optim.elementwise import Elementwise, any_of
from runner.registry import register


@register("optim", "rmsprop")
class RMSProp(Elementwise):
    """RMSProp, centred and with momentum where asked for.

    ``s ← alpha s + (1 - alpha) g²``, ``v ← μ v + g / (√s + ε)``, ``w ← w - lr v``; centred, the
    square of the running mean of g is first taken from s.
    Equal to ``torch.optim.RMSprop`` up to rounding.

    Tieleman and Hinton, "Neural Networks for Machine Learning", lecture 6.5, 2012; "Dive into Deep
    Learning", section "RMSProp".

    Attributes:
        rolls: Whether any member has momentum; without, no velocity is kept.
    """

    def __init__(
        self,
        *,
        lr: Positive,
        alpha: Fraction,
        eps: NonNegative,
        momentum: Fraction,
        centered: bool,
        weight_decay: NonNegative,
        clip_norm: Positive | None,
    ) -> None:
        super().__init__(lr, weight_decay, clip_norm)
        self.alpha = alpha
        self.eps = eps
        self.momentum = momentum
        self.centered = centered
        self.rolls = any_of(momentum)
        extra = {"mean": centered, "velocity": self.rolls}
        self.slots = ("square", *(slot for slot, used in extra.items() if used))

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
