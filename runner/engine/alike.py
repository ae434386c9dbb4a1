"""Whether the first of some models can stand for all: training in one loop asks that of it."""

from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from runner.engine.attributes import differing_attributes, frozen_copies
from runner.engine.members import Members
from runner.engine.rng import isolated
from runner.engine.step import alone, together
from runner.optim.base import Tensors

# Of the largest gradient of a parameter: float32 rounds at 1e-7, and normalisation enlarges it.
CLOSE = 1e-2
NEGLIGIBLE = 1e-4  # of the largest gradient of all: there rounding is all there is


class UnlikeError(ValueError):
    """The first of some models can't stand for the others."""


def check_alike(
    models: Sequence[nn.Module],
    members: Members,
    noise: Mapping[str, tuple[int, ...]],
    inputs: Tensor,
) -> None:
    """Make sure that members give together what their models give alone.

    All plain attributes are compared, and gradients of the first member and the last: hooks and
    functions of a model may do something else where there is a member axis.

    Args:
        models: One for each member.
        members: The same, stacked.
        noise: Buffer name to the shape of its noise for one example.
        inputs: (B, …) a few prepared inputs.

    Raises:
        UnlikeError: They don't.
    """
    first = frozen_copies(models[0])
    for model in models[1:]:
        if names := differing_attributes(first, frozen_copies(model)):
            raise UnlikeError(f"the runs' models differ in '{names[0]}', which is no buffer")
    ends = members.keep(torch.tensor([0, len(models) - 1], device=inputs.device))
    with isolated(0, "alike", inputs.device):
        drawn = {name: inputs.new_empty(2, len(inputs), *shape) for name, shape in noise.items()}
        buffers = ends.buffers | {name: tensor.uniform_() for name, tensor in drawn.items()}
    stacked = _gradients(models[0], ends.params, buffers, inputs, is_stacked=True)
    for slot, model in enumerate((models[0], models[-1])):
        params, own = (
            {name: t[slot] for name, t in part.items()} for part in (ends.params, buffers)
        )
        gradients = _gradients(model.to(inputs.device), params, own, inputs, is_stacked=False)
        _compare({name: gradient[slot] for name, gradient in stacked.items()}, gradients)


def _compare(stacked: Tensors, gradients: Tensors) -> None:
    largest = max(float(gradient.abs().max()) for gradient in gradients.values())
    for name, gradient in gradients.items():
        bound = CLOSE * float(gradient.abs().max()) + NEGLIGIBLE * largest
        if (stacked[name] - gradient).abs().max() > bound:
            raise UnlikeError(f"'{name}' has another gradient together than alone")


def _gradients(
    model: nn.Module, params: Tensors, buffers: Tensors, inputs: Tensor, *, is_stacked: bool
) -> Tensors:
    """Return the gradients of a function of the logits whose slope is not zero near them."""
    leaves = {name: param.detach().clone().requires_grad_() for name, param in params.items()}
    changed = {name: buffer.clone() for name, buffer in buffers.items()}
    forward = partial(together, shared=True) if is_stacked else alone
    logits = forward(model.train(), leaves, changed, inputs)
    total, given = (logits + 1).square().sum(), list(leaves.values())
    found = torch.autograd.grad(total, given, allow_unused=True, materialize_grads=True)
    return dict(zip(leaves, found, strict=True))
