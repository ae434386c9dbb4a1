"""Some of a dataset's classes, as if it had no others."""

from collections.abc import Sequence
from typing import Annotated

import torch
from pydantic import Field

from runner.datasets.data import Split
from runner.errors import RequestError

ClassSubset = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2)] | None


def of_classes(split: Split, subset: Sequence[int] | None) -> Split:
    """Keep the examples of some classes, which are numbered anew in the order they are named in.

    Args:
        split: N examples with targets (N,) int64.
        subset: The numbers of the classes; None keeps all as they are.
    """
    if subset is None:
        return split
    numbers = torch.full((max(*subset, int(split.targets.max())) + 1,), -1)
    numbers[subset] = torch.arange(len(subset))
    kept = split.take((numbers[split.targets] >= 0).nonzero().flatten())
    return Split(kept.inputs, numbers[kept.targets])


def chosen(names: tuple[str, ...], subset: Sequence[int] | None) -> tuple[str, ...]:
    """Return the names of the classes that are kept, in the order of their new numbers.

    Raises:
        RequestError: There is no such class, or one is named twice.
    """
    if subset is None:
        return names
    written = f"dataset.class_subset=[{','.join(map(str, subset))}]"
    if len(set(subset)) < len(subset):
        raise RequestError(f"{written} names a class twice.")
    if max(subset) >= len(names):
        known = ", ".join(f"{number} {name}" for number, name in enumerate(names))
        raise RequestError(f"{written} is not allowed; the classes are {known}.")
    return tuple(names[number] for number in subset)
