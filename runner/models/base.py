"""What the rest of the program asks of a model."""

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor, nn


class Model(nn.Module):
    """A network built as ``Model(inputs, outputs, *, <config keys>)``.

    ``inputs`` is the shape of one example, ``(C, H, W)`` or ``(D,)``; ``outputs`` is the number of
    classes or of target numbers. ``forward`` takes (B, *inputs) and returns (B, outputs).

    Attributes:
        tasks: What the model can learn: ``"classes"``, ``"numbers"`` or both; ``"objective"`` where
            it is the point at which a function is evaluated.
        needs_images: Whether its inputs must be images.
        image_size: The side in pixels to which ``dataset.resize: auto`` resizes images; None keeps
            theirs.
        channels_last: Whether a model that trains by itself is given images whose channels lie last
            in memory, where it was measured to be faster so. It must not flatten by ``view`` then.
        smallest_batch: The fewest examples a training batch may hold.
        example: Overrides that make a small, quick run of it, and choose what it needs of the other
            groups: ``("model.hidden=[12]",)``. The tests over whole registries run on it.
        added_keys: Keys that were added later, and what each stands for in a run that is older.
    """

    tasks: ClassVar[frozenset[str]] = frozenset({"classes", "numbers"})
    needs_images: ClassVar[bool] = False
    image_size: ClassVar[int | None] = None
    channels_last: ClassVar[bool] = False
    smallest_batch: ClassVar[int] = 1
    example: ClassVar[tuple[str, ...]] = ()
    added_keys: ClassVar[Mapping[str, object]] = {}

    def quantities(self, params: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Name the numbers among the parameters that a person wants to read, each (S,).

        Each becomes a column of ``metrics.csv``, and where the data knows its true value, so does
        its absolute error, ``<name>_error``. None at all, unless a model says otherwise.

        Args:
            params: Name to (S, …), the stacked parameters of S members, frozen ones and buffers
                among them.
        """
        return {}
