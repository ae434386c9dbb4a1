"""Checksums of tensors: the same content has the same one, on any machine and at any place."""

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b

import torch
from torch import Tensor

from runner.datasets.data import Split


def checksum_of(tensors: Mapping[str, Tensor]) -> str:
    """Return a checksum of the names, types, shapes and values of some tensors.

    Args:
        tensors: Name to a tensor of any shape and type, on the CPU.
    """
    found = blake2b(digest_size=8)
    for name, tensor in sorted(tensors.items()):
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        found.update(tensor.contiguous().flatten().view(torch.uint8).numpy().data)
    return found.hexdigest()


def checksum_of_examples(splits: Mapping[str, Split | None], names: Sequence[str] | None) -> str:
    """Return a checksum of examples as they were read, before anything is computed from them.

    What is computed (a mean, an image resized) may have other last bits on another processor.

    Args:
        splits: The examples, in parts; None for a part that there is not.
        names: Of classes, or of features; None where there are none.
    """
    tensors = {
        f"{part}.{name}": tensor
        for part, split in splits.items()
        if split is not None
        for name, tensor in (("inputs", split.inputs), ("targets", split.targets))
    }
    named = torch.frombuffer(bytearray(json.dumps(names).encode()), dtype=torch.uint8)
    return checksum_of(tensors | {"names": named})
