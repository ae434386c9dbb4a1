"""Adadelta: steps in the unit of the parameters, from two running mean squares."""

from dataclasses import dataclass

import torch
from torch import Tensor

from runner.hyper import Fraction, NonNegative
from runner.optim.base import Tensors
from runner.optim.elementwise import Elementwise
from runner.registry import register


@register("optim", "adadelta")
@dataclass(kw_only=True, eq=False)
class Adadelta(Elementwise):
    """Adadelta.

    ``s ← rho s + (1 - rho) g²``, ``d = √((u + ε) / (s + ε)) g``,
    ``u ← rho u + (1 - rho) d²``, ``w ← w - lr d``.
    Equal to ``torch.optim.Adadelta`` up to rounding.

    Zeiler, "Adadelta: an adaptive learning rate method", 2012; "Dive into Deep Learning", section
    "Adadelta".

    Attributes:
        rho: The decay rate of both running means.
        eps: What is added to both means, against division by zero.
    """

    slots = ("square", "change")

    rho: Fraction
    eps: NonNegative

    def tables(self, lr: Tensor, step: Tensor) -> Tensors:
        """Return the rate, epsilon, and the shares of old and new."""
        return {"lr": lr, "eps": self.eps, "kept": self.rho, "share": 1 - self.rho}

    def step(self, param: Tensor, grad: Tensor, slots: Tensors, at: Tensors) -> None:
        """Update one parameter; see ``Elementwise``."""
        square, change = slots["square"], slots["change"]
        scratch = grad.square()
        square.mul_(at["kept"]).addcmul_(scratch, at["share"])
        torch.add(square, at["eps"], out=scratch)
        delta = grad.mul_((change + at["eps"]).div_(scratch).sqrt_())
        change.mul_(at["kept"]).addcmul_(torch.square(delta, out=scratch), at["share"])
        param.addcmul_(delta, at["lr"], value=-1)
