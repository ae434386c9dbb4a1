"""How a component declares its config keys.

A component's keys are its fields, if it is a dataclass, and otherwise its constructor's arguments
after ``*``. Their annotations are the only place where a type or a range is written. Two kinds of
keys exist:

- *static* (``hidden: list[int]``): equal for all members of a group;
- *sweepable*: may differ between members. A component of which a group has one instance (an
  optimizer, a regularizer, a schedule, a loss) receives such a key as a float64 tensor of shape
  (S,), one value per member: its annotation is ``Annotated[Tensor, PerMember(...)]``. A model,
  built once per member, receives its own plain value: ``Annotated[float, Field(...), SWEEPABLE]``.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

import torch
from torch import Tensor


class Sweepable:
    """Marks a config key whose value may differ between the members of a group."""


SWEEPABLE = Sweepable()


@dataclass(frozen=True)
class PerMember(Sweepable):
    """A number from the config, handed over as a tensor of shape (S,).

    Attributes:
        gt, ge, lt, le: The range of each number.
        length: If given, the key is a list of this many numbers and the tensor has shape
            (S, length).
    """

    gt: float | None = None
    ge: float | None = None
    lt: float | None = None
    le: float | None = None
    length: int | None = None


Positive = Annotated[Tensor, PerMember(gt=0)]
NonNegative = Annotated[Tensor, PerMember(ge=0)]
Fraction = Annotated[Tensor, PerMember(ge=0, lt=1)]


class Hyper:
    """A component whose hyperparameters are tensors with a leading member axis.

    Attributes:
        example: Overrides that make a small, quick run of it, and choose what it needs of the other
            groups: ``("optim.lr=0.05",)``. The tests over whole registries run on it.
    """

    example: ClassVar[tuple[str, ...]] = ()

    def select(self, rows: Tensor) -> Self:
        """Return a copy that holds the hyperparameters of some members only.

        Args:
            rows: (K,) integer positions of the members to keep.
        """
        return self._mapped(lambda tensor: tensor.index_select(0, rows.to(tensor.device)))

    def to(self, device: torch.device, dtype: torch.dtype) -> Self:
        """Return a copy with the hyperparameters on a device and in the dtype of the logits."""
        return self._mapped(lambda tensor: tensor.to(device, dtype))

    def _mapped(self, function: Callable[[Tensor], Tensor]) -> Self:
        mapped = copy.copy(self)
        for name, value in vars(self).items():
            if isinstance(value, Tensor):
                setattr(mapped, name, function(value))
        return mapped
