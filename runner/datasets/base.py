"""What the rest of the program asks of a dataset."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from runner.columns import Task
from runner.datasets.data import Data


class Dataset(ABC):
    """A description of data, built from its config keys alone; nothing is read before ``load``.

    Attributes:
        task: ``"classes"`` or ``"numbers"``: what the targets are, unless a key decides it.
        images: Whether the examples are images (C, H, W).
        drawn: Whether the keys decide every example, as a law with a seed does. Such data carry no
            checksum: their last bits are the processor's, and would make of one run two.
        example: Overrides that make a small, quick run of it, and choose what it needs of the other
            groups: ``("dataset.train_size=80",)``. The tests over whole registries run on it.
    """

    task: ClassVar[Task]
    images: ClassVar[bool] = False
    drawn: ClassVar[bool] = False
    example: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def task_of(cls, config: Mapping[str, object]) -> Task:
        """Return what the targets are, before anything is read.

        Args:
            config: The dataset's keys and their values.
        """
        return cls.task

    @classmethod
    def standardizes_target(cls, config: Mapping[str, object]) -> bool:
        """Return whether the loss is of targets in standard deviations from their mean.

        Args:
            config: The dataset's keys and their values.
        """
        return False

    def smallest_memory(self) -> int:
        """Return the bytes that the examples take at least, where keys say it; 0 for unknown."""
        return 0

    @abstractmethod
    def load(self) -> Data:
        """Read or generate the data, on the CPU.

        Raises:
            RequestError: The data is not at hand or damaged; the sentence names the file, where
                it was looked for, and the ways to get it.
        """
