"""What a model registers, its parameters and buffers: faults that show before it computes."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from runner.engine.attributes import unregistered
from runner.engine.members import learnt
from runner.optim.base import Tensors

# Of the largest number: the same twice differs by what an accelerator sums in another order.
CLOSE = 1e-4


def faults(model: nn.Module, twin: nn.Module) -> Iterator[str]:
    """Yield why a model can't be trained as it is meant to be, each as the end of a sentence.

    Args:
        model: Any module.
        twin: The same, built once more.
    """
    yield from _of_parameters(model)
    for name, tensor in tensors_of(model).items():
        if tensor.is_complex():
            yield f"has complex numbers in '{name}'; keep real and imaginary part"
    for one, other in _in_one_memory(model):
        yield (
            f"has one memory for '{one}' and '{other}'; tie them by making both the same "
            f"nn.Parameter"
        )
    if not _alike(tensors_of(model), tensors_of(twin)):
        yield (
            "is built otherwise each time, whatever the seed; draw its initial values with torch "
            "and its global generator, which is seeded"
        )


def _of_parameters(model: nn.Module) -> Iterator[str]:
    if not any(True for _ in model.parameters()):
        yield "has no parameters: there is nothing to train"
    if not learnt(model):
        yield "has frozen parameters alone: there is nothing to train"
    for name in unregistered(model):
        yield (
            f"keeps layers or parameters in '{name}', where they are not trained; use "
            f"nn.ModuleList, nn.ModuleDict or nn.ParameterList"
        )
    for name, parameter in model.named_parameters():
        if parameter._backward_hooks or parameter._post_accumulate_grad_hooks:
            yield f"has a hook on the parameter '{name}', which would not be called"


def tensors_of(model: nn.Module) -> Tensors:
    """Return a model's parameters and buffers; one that is tied has its first name alone."""
    return dict(model.named_parameters()) | dict(model.named_buffers())


@torch.no_grad()
def spoil(model: nn.Module) -> None:
    """Overwrite a model's own tensors, so that whatever is computed with them shows."""
    for tensor in tensors_of(model).values():
        if tensor.is_floating_point():
            tensor.fill_(torch.nan)


def is_close(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors are the same but for rounding."""
    if torch.equal(one, other):
        return True
    if one.shape != other.shape or not one.is_floating_point():
        return False
    scale = float(one.detach().nan_to_num(0, 0, 0).abs().max())
    return torch.allclose(one, other, rtol=0, atol=CLOSE * scale, equal_nan=True)


def _alike(some: Tensors, others: Tensors) -> bool:
    return some.keys() == others.keys() and all(is_close(t, others[n]) for n, t in some.items())


def _in_one_memory(model: nn.Module) -> Iterator[tuple[str, str]]:
    """Yield tensors that are one in memory and two by name: each would go its own way."""
    owners: dict[int, str] = {}
    for name, tensor in tensors_of(model).items():
        owner = owners.setdefault(tensor.data_ptr(), name)
        if tensor.numel() and owner != name:
            yield owner, name
