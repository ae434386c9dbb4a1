"""Which examples a step sees, and the gathering of them into reused buffers."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from runner.datasets.data import Data, Split


def boundaries(examples: int, batch_size: int) -> list[tuple[int, int]]:
    """Cut an epoch into batches.

    A single example left at the end joins the batch before it, since batch normalisation can't
    standardise one example; every example is seen once an epoch.

    Returns:
        (start, end) of each batch.
    """
    starts = list(range(0, examples, batch_size))
    if batch_size > 1 and len(starts) > 1 and examples - starts[-1] == 1:
        starts.pop()
    return list(zip(starts, [*starts[1:], examples], strict=True))


class Batches:
    """Gathers batches for S members.

    Args:
        data: The data, on the device.
        dtype: The floating-point type of the inputs.
    """

    def __init__(self, data: Data, dtype: torch.dtype) -> None:
        self.data, self.dtype = data, dtype
        self._buffers: dict[tuple[object, ...], Tensor] = {}

    def gather(self, rows: Tensor, members: int) -> tuple[Tensor, Tensor]:
        """Return the examples of one batch.

        Args:
            rows: Their places in the training set: (1, B) for all members, or (S, B).
            members: S.

        Returns:
            Inputs, (B, …) where all members see the same and (S, B, …) else, valid until the next
            batch, and targets, (S, B) or (S, B, T).
        """
        inputs = self._inputs(rows.reshape(-1))
        targets = self.data.train.targets[rows]
        if len(rows) > 1:
            inputs = inputs.view(*rows.shape, *inputs.shape[1:])
        return inputs, targets.expand(members, *targets.shape[1:])

    def _inputs(self, rows: Tensor) -> Tensor:
        source = self.data.train.inputs
        raw = torch.index_select(source, 0, rows, out=self._buffer(source, len(rows), source.dtype))
        return self.data.prepare(raw, self.dtype, self._buffer(source, len(rows), self.dtype))

    def _buffer(self, source: Tensor, rows: int, dtype: torch.dtype) -> Tensor:
        """Return memory to write into: fresh memory for each batch costs more than the gather."""
        key = (rows, dtype)
        if key not in self._buffers:
            shape = (rows, *source.shape[1:])
            self._buffers[key] = torch.empty(shape, dtype=dtype, device=source.device)
        return self._buffers[key]


def whole(
    data: Data, split: Split, size: int, dtype: torch.dtype
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield a split in order: inputs (B, …) and targets (B, …), ``size`` examples at a time."""
    for start in range(0, len(split), size):
        end = start + size
        yield data.prepare(split.inputs[start:end], dtype), split.targets[start:end]


def order(generators: Sequence[torch.Generator], examples: int, *, shared: bool) -> Tensor:
    """Shuffle the examples for each member, each from its own generator.

    Returns:
        (1, N) if shared, since all orders are equal then, else (S, N).
    """
    orders = [torch.randperm(examples, generator=generator) for generator in generators]
    return torch.stack(orders[:1] if shared else orders)
