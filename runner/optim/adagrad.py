"""Adagrad: gradients divided by the root of the sum of their squares."""

from dataclasses import dataclass

import torch
from torch import Tensor

from runner.hyper import NonNegative
from runner.optim.base import State, Tensors, per_member
from runner.optim.elementwise import Elementwise
from runner.registry import register


@register("optim", "adagrad")
@dataclass(kw_only=True, eq=False)
class Adagrad(Elementwise):
    """Adagrad, with a rate that may also decay by itself.

    ``s ← s + g²``, ``w ← w - lr / (1 + t · lr_decay) · g / (√s + ε)`` at step t = 0, 1, …, with s
    starting at ``initial_accumulator``. Equal to ``torch.optim.Adagrad`` up to rounding.

    Duchi et al., "Adaptive subgradient methods for online learning and stochastic optimization",
    2011; "Dive into Deep Learning", section "Adagrad".

    Attributes:
        lr_decay: How fast the learning rate falls by itself, per step.
        eps: What is added to the root, against division by zero.
        initial_accumulator: The sum of squares that training begins with.
    """

    slots = ("square",)
    example = ("optim.lr=0.02",)

    lr_decay: NonNegative
    eps: NonNegative
    initial_accumulator: NonNegative

    def init(self, params: Tensors) -> State:
        """Return sums that start at each member's ``initial_accumulator``."""
        state = super().init(params)
        for square in state["square"].values():
            square.copy_(per_member(self.initial_accumulator, square))
        return state

    def tables(self, lr: Tensor, step: Tensor) -> Tensors:
        """Return the decayed rate and epsilon."""
        return {"rate": lr / (1 + step * self.lr_decay), "eps": self.eps}

    def step(self, param: Tensor, grad: Tensor, slots: Tensors, at: Tensors) -> None:
        """Update one parameter; see ``Elementwise``."""
        square = slots["square"].addcmul_(grad, grad)
        direction = grad.div_(torch.sqrt(square).add_(at["eps"]))
        param.addcmul_(direction, at["rate"], value=-1)
