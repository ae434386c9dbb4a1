"""What a model keeps in plain attributes: in no checkpoint, and of no member its own."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

# What every module has: parameters, buffers, submodules, hooks, its mode.
INTERNAL = frozenset(vars(nn.Module()))
UNKNOWN = object()  # an object whose values can't be told: a function, for one


def frozen_copies(model: nn.Module, lent: Mapping[str, Tensor] | None = None) -> dict[str, object]:
    """Return copies of all plain attributes of a model's modules, by their dotted names.

    Tensors that are registered as well are told by their names, and objects that can't be looked
    into are all alike.

    Args:
        model: Any module.
        lent: Tensors that it was called with in place of its own, by the same names.
    """
    named = [*_registered(model), *(lent or {}).items()]
    registered = {id(tensor): name for name, tensor in named}
    return {name: _copy(value, registered) for name, value in plain_attributes(model)}


def plain_attributes(model: nn.Module) -> Iterator[tuple[str, object]]:
    """Yield the plain attributes of a model's modules with their dotted names."""
    for path, module in model.named_modules():
        for name, value in vars(module).items():
            if name not in INTERNAL:
                yield f"{path}.{name}".lstrip("."), value


def differing_attributes(some: Mapping[str, Any], others: Mapping[str, Any]) -> list[str]:
    """Return the names of the attributes that are not the same in two sets of copies."""
    names = dict.fromkeys([*some, *others])
    return [n for n in names if not _same(some.get(n, UNKNOWN), others.get(n, UNKNOWN))]


def unregistered(model: nn.Module) -> list[str]:
    """Return the plain attributes that hold layers or parameters unknown to the model."""
    known = {id(module) for module in model.modules()}
    known |= {id(tensor) for _, tensor in _registered(model)}
    return [
        name
        for name, value in plain_attributes(model)
        if any(id(leaf) not in known and _is_learnt(leaf) for leaf in _leaves(value))
    ]


def _registered(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    yield from model.named_parameters(remove_duplicate=False)
    yield from model.named_buffers(remove_duplicate=False)


def _is_learnt(leaf: Any) -> bool:
    if isinstance(leaf, nn.Module):
        return any(True for _ in leaf.parameters())
    return isinstance(leaf, Tensor) and leaf.is_leaf and leaf.requires_grad


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _copy(value: Any, registered: Mapping[int, str]) -> Any:
    if isinstance(value, Tensor):
        return registered.get(id(value)) or value.detach().clone()
    if isinstance(value, list | tuple):
        return [_copy(item, registered) for item in value]
    if isinstance(value, dict):
        return {key: _copy(item, registered) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value.copy()) if value.dtype.kind in "biuf" else UNKNOWN
    return value if isinstance(value, bool | int | float | complex | str | None) else UNKNOWN


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, Tensor):
        return _equal(one, other)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return one is other or bool(one == other) or one != one  # not a number, both times


def _equal(one: Tensor, other: Tensor) -> bool:
    alike = (one.shape, one.dtype, one.device) == (other.shape, other.dtype, other.device)
    return alike and bool(
        torch.equal(one, other)
        or (
            torch.equal(one.isnan(), other.isnan())
            and torch.equal(one.nan_to_num(), other.nan_to_num())
        )
    )
