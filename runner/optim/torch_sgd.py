"""The library's stochastic gradient descent."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim.sgd import sgd

from runner.hyper import Fraction, NonNegative
from runner.optim.base import Objective, Optimizer, State, Tensors
from runner.registry import register

BUFFER = "momentum_buffer"


@register("optim", "torch-sgd")
@dataclass(kw_only=True, eq=False)
class TorchSGD(Optimizer):
    """``torch.optim.SGD``, called for one member after another: what ``sgd`` is compared with.

    It is the function that torch's own class calls, on views of the stacked parameters; the
    momentum buffers are held in the state, so that checkpoints and smaller groups find them. It
    takes Python numbers, which an accelerator has to be waited for: use ``sgd`` for speed.

    Attributes:
        momentum: The part of the last velocity that is kept.
        weight_decay: The multiple of the weights that is added to the gradient.
        rolls: Whether any member has momentum; without, no buffer is kept.
    """

    capturable = False
    example = ("optim.lr=0.05",)

    momentum: Fraction
    weight_decay: NonNegative

    def __post_init__(self) -> None:
        self.rolls = bool(self.momentum.any())

    def init(self, params: Tensors) -> State:
        """Return the momentum buffers, all zero: the first step then leaves the gradient there."""
        if not self.rolls:
            return {}
        return {BUFFER: {name: torch.zeros_like(param) for name, param in params.items()}}

    def coefficients(self, lr: Tensor, first_step: int) -> Tensors:
        """Return the members' own numbers for every step; see ``Optimizer``."""
        numbers = {"lr": lr, "momentum": self.momentum, "weight_decay": self.weight_decay}
        return {name: number.expand_as(lr) for name, number in numbers.items()}

    def update(
        self, params: Tensors, grads: Tensors, state: State, at: Tensors, objective: Objective
    ) -> None:
        """Take one step, in place; see ``Optimizer``."""
        numbers = {name: row.tolist() for name, row in at.items()}
        for slot in range(len(at["lr"])):
            sgd(
                [param[slot] for param in params.values()],
                [grads[name][slot] for name in params],
                [state[BUFFER][name][slot] if self.rolls else None for name in params],
                lr=numbers["lr"][slot],
                momentum=numbers["momentum"][slot],
                weight_decay=numbers["weight_decay"][slot],
                dampening=0,
                nesterov=False,
                maximize=False,
            )
