"""What is minimised: one loss per example, before any mean or penalty."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor

from runner.columns import Task
from runner.hyper import Hyper

CLASSES: frozenset[Task] = frozenset({"classes"})
NUMBERS: frozenset[Task] = frozenset({"numbers"})
OBJECTIVE: frozenset[Task] = frozenset({"objective"})


class Loss(Hyper, ABC):
    """A loss per example.

    Attributes:
        tasks: What it can be used for: ``"classes"``, ``"numbers"`` or both, or ``"objective"``.
        label: What it is called on an axis; the name of its choice where it is empty.
    """

    tasks: ClassVar[frozenset[Task]]
    label: ClassVar[str] = ""

    @abstractmethod
    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of each example, (S, B).

        Args:
            logits: (S, B, C) logits of classes, or (S, B, T) predicted numbers.
            targets: (S, B) int64 classes, or (S, B, T) numbers.
        """
