"""What a metric is: what it sums over batches, and what it makes of the sums."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from runner.columns import Direction, Measure, Task

Sums = Mapping[str, Tensor]


class Metric(ABC):
    """A number for each member, from sums over the examples of a split.

    All members are measured at once, and nothing is fetched from the device before the epoch's end:
    its methods work on tensors with a leading member axis and never ask for a value (``.item()``).

    Shapes: S members, B examples, C classes, T target numbers.

    Attributes:
        tasks: What it can measure: ``"classes"``, ``"numbers"`` or both.
        default_for: The tasks for which it is measured without being asked for.
        direction: Which way is better.
        label: What it is called on an axis, beside its name.
        unit: What it is counted in: ``"fraction"`` for a share of the examples, from 0 to 1; None
            for a number without a unit.
    """

    tasks: ClassVar[frozenset[Task]]
    default_for: ClassVar[frozenset[Task]] = frozenset()
    direction: ClassVar[Direction]
    label: str
    unit: ClassVar[str | None] = None

    @abstractmethod
    def sums(self, logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return what a batch adds to each sum, a name to (S, …): a count, a confusion matrix.

        Args:
            logits: (S, B, C) logits of classes, or (S, B, T) predicted numbers.
            targets: (S, B) int64 classes, or (S, B, T) numbers.
        """

    @abstractmethod
    def finish(self, sums: Sums, examples: int) -> Tensor:
        """Return the metric of each member, (S,).

        Args:
            sums: The sums over all batches.
            examples: How many examples each member saw.
        """

    def join(self, before: Sums, more: Sums) -> dict[str, Tensor]:
        """Return the sums over batches, from those before and those of one more: here, added.

        Args:
            before: The sums so far.
            more: What ``sums`` returned for the next batch.
        """
        return {name: before[name] + value for name, value in more.items()}

    def column(self, name: str) -> str:
        """Return what stands behind the split in the metric's columns: its choice's name.

        Args:
            name: The name of its choice.
        """
        return name

    @property
    def measure(self) -> Measure:
        """What a run's summary says of it."""
        return Measure(self.direction, self.label, self.unit)
