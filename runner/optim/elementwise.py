"""Optimizers that treat every parameter by itself: what they share, written once."""

from abc import abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from runner.hyper import NonNegative, Positive
from runner.optim.base import Objective, Optimizer, State, Tensors, per_member
from runner.optim.clip import clip_


@dataclass(kw_only=True, eq=False)
class Elementwise(Optimizer):
    """Clips, decays, and then updates one parameter after another.

    What a group does not use is absent from its tables, and ``update`` does what it finds there:
    no weight decay costs nothing.

    Attributes:
        weight_decay: (S,) coefficients of the decay.
        clip_norm: (S,) largest norm of a member's whole gradient, or None for no limit.
        decays: Whether any member has a weight decay.
    """

    weight_decay: NonNegative
    clip_norm: Positive | None

    def __post_init__(self) -> None:
        self.decays = any_of(self.weight_decay)

    @property
    def slots(self) -> tuple[str, ...]:
        """What is kept for every parameter from one step to the next; here, nothing."""
        return ()

    def init(self, params: Tensors) -> State:
        """Return zeros for every slot and parameter."""
        return {
            slot: {name: torch.zeros_like(p) for name, p in params.items()} for slot in self.slots
        }

    def coefficients(self, lr: Tensor, first_step: int) -> Tensors:
        """Return the tables of the method, of the decay and of the clipping; see ``Optimizer``."""
        step = torch.arange(first_step, first_step + len(lr), dtype=lr.dtype, device=lr.device)
        tables = self.tables(lr, step.unsqueeze(1))
        if self.decays:
            tables |= self.decay_tables(lr)
        if self.clip_norm is not None:
            tables["clip_norm"] = self.clip_norm
        return {name: table.expand_as(lr) for name, table in tables.items()}

    def update(
        self, params: Tensors, grads: Tensors, state: State, at: Tensors, objective: Objective
    ) -> None:
        """Take one step, in place; see ``Optimizer``."""
        if "clip_norm" in at:
            clip_(grads, at["clip_norm"])
        shaped: dict[int, Tensors] = {}
        for name, param in params.items():
            if param.ndim not in shaped:
                shaped[param.ndim] = {key: per_member(row, param) for key, row in at.items()}
            slots = {slot: tensors[name] for slot, tensors in state.items()}
            if self.decays:
                self.decay(param, grads[name], shaped[param.ndim])
            self.step(param, grads[name], slots, shaped[param.ndim])

    def decay_tables(self, lr: Tensor) -> Tensors:
        """Return the tables that ``decay`` needs, each (T, S) or expandable to it."""
        return {"weight_decay": self.weight_decay}

    def decay(self, param: Tensor, grad: Tensor, at: Tensors) -> None:
        """Decay the weights: here by adding the gradient of half the squared norm to ``grad``."""
        grad.addcmul_(param, at["weight_decay"])

    @abstractmethod
    def tables(self, lr: Tensor, step: Tensor) -> Tensors:
        """Return the tables that ``step`` needs, each (T, S) or expandable to it.

        Args:
            lr: (T, S) learning rates, schedule included.
            step: (T, 1) steps taken before each of these, 0 at the start.
        """

    @abstractmethod
    def step(self, param: Tensor, grad: Tensor, slots: Tensors, at: Tensors) -> None:
        """Update one parameter and its slots in place.

        Args:
            param: (S, …).
            grad: (S, …), decay included; serves as scratch space.
            slots: slot name to (S, …).
            at: The row of ``tables`` for this step, each (S, 1, …), ready to broadcast.
        """


def any_of(values: Tensor) -> bool:
    """Whether any value differs from zero: asked at construction, never in a step."""
    return bool(values.any())
