"""Gradient descent that looks for the length of each step."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor

from runner.hyper import PerMember
from runner.optim.base import Objective, Optimizer, State, Tensors, per_member
from runner.registry import register

Inside = Annotated[Tensor, PerMember(gt=0, lt=1)]
TRIALS = 40  # a step shortened so often is none


@register("optim", "line-search")
@dataclass(kw_only=True, eq=False)
class LineSearch(Optimizer):
    """Gradient descent with backtracking: a step is shortened until the objective falls enough.

    From ``t = lr``, t is multiplied by ``shrink`` until Armijo's condition
    ``f(w - t g) ≤ f(w) - slope · t ‖g‖²`` holds. Each member has its own t, so that members of a
    group search together.

    Armijo, "Minimization of functions having Lipschitz continuous first partial derivatives",
    1966; Boyd and Vandenberghe, "Convex Optimization", section 9.2.

    Attributes:
        shrink: By what a step that is too long is multiplied.
        slope: The part of the fall promised by the gradient that a step has to reach.
    """

    capturable = False
    example = ("optim.lr=0.05",)

    shrink: Inside
    slope: Inside

    def init(self, params: Tensors) -> State:
        """Return no state."""
        return {}

    def coefficients(self, lr: Tensor, first_step: int) -> Tensors:
        """Return ``lr``, ``shrink`` and ``slope``; see ``Optimizer``."""
        return {"lr": lr, "shrink": self.shrink.expand_as(lr), "slope": self.slope.expand_as(lr)}

    def update(
        self, params: Tensors, grads: Tensors, state: State, at: Tensors, objective: Objective
    ) -> None:
        """Take one step, in place; see ``Optimizer``."""
        start = objective(params)
        squares = [grad.flatten(1).square().sum(1) for grad in grads.values()]
        fall = at["slope"] * torch.stack(squares).sum(0)
        length = at["lr"].clone()
        for _ in range(TRIALS):
            value = objective(_moved(params, grads, length))
            short_enough = value <= start - length * fall
            # What is not a number fails every comparison: such a step is shortened too.
            length = torch.where(short_enough, length, length * at["shrink"])
            if bool(short_enough.all()):
                break
        for name, moved in _moved(params, grads, length).items():
            params[name].copy_(moved)


def _moved(params: Tensors, grads: Tensors, length: Tensor) -> Tensors:
    return {name: param - per_member(length, param) * grads[name] for name, param in params.items()}
