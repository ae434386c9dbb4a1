"""What an optimizer is: two pure functions over stacked parameters, and a table of coefficients."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from runner.hyper import Hyper, Positive

Tensors = dict[str, Tensor]
State = dict[str, Tensors]
# The objective of each member, (S,), on the batch of this step, at any (S, …) parameters; it can be
# differentiated twice. For methods that ask for more than a gradient.
Objective = Callable[[Tensors], Tensor]


@dataclass(kw_only=True, eq=False)
class Optimizer(Hyper, ABC):
    """Updates the parameters of all members of a group at once.

    Everything that changes with time or differs between members reaches ``update`` through the
    table of ``coefficients``, worked out in float64 ahead of the steps: no step computes a bias
    correction, and no Python number is frozen into a captured step.

    Attributes:
        capturable: Whether ``update`` does the same operations in each step, asking for the value
            of no tensor, as ``device.compile`` needs.
        lr: (S,) base learning rates, before the schedule.
    """

    capturable: ClassVar[bool] = True

    lr: Positive

    @abstractmethod
    def init(self, params: Tensors) -> State:
        """Return the state before the first step: slot name, then parameter name, to (S, …)."""

    @abstractmethod
    def coefficients(self, lr: Tensor, first_step: int) -> Tensors:
        """Return what ``update`` needs, for a stretch of steps.

        Args:
            lr: (T, S) float64 learning rates, schedule included.
            first_step: How many steps were taken before these, 0 at the start.

        Returns:
            Named float64 tables of shape (T, S).
        """

    @abstractmethod
    def update(
        self, params: Tensors, grads: Tensors, state: State, at: Tensors, objective: Objective
    ) -> None:
        """Take one step, in place, in ``params`` and ``state``; ``grads`` may be overwritten.

        Args:
            params: name to (S, …).
            grads: The gradients of the objective, of the same shapes.
            state: What ``init`` returned, as the last step left it.
            at: The row of ``coefficients`` for this step, each (S,), in the parameters' dtype.
            objective: What is minimised in this step, penalty included, at any parameters.
        """


def per_member(values: Tensor, like: Tensor) -> Tensor:
    """Shape (S,) values so that they broadcast over the members of ``like``, (S, …)."""
    return values.view(-1, *(1,) * (like.ndim - 1))
