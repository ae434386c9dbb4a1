"""What a step costs, and how many threads it deserves."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from runner.engine.group import Group

# Below this many multiply-adds a second thread costs more than it does (see benchmarks/).
SMALL_STEP = 20e6


def multiply_adds(model: nn.Module, example: Tensor) -> int:
    """Count the multiply-adds of one example's forward pass, in layers with a weight matrix.

    Args:
        model: Any module.
        example: (1, …) one input.
    """
    total = 0

    def count(layer: nn.Module, _: object, output: Tensor) -> None:
        nonlocal total
        weight = getattr(layer, "weight", None)
        if isinstance(weight, Tensor) and weight.ndim >= 2:
            total += output.numel() * weight[0].numel()

    hooks = [layer.register_forward_hook(count) for layer in model.modules()]
    with torch.no_grad():  # of two: not every model takes a single example
        model.eval()(example.expand(2, *example.shape[1:]))
    for hook in hooks:
        hook.remove()
    return total // 2


def step_cost(group: Group) -> float:
    """Return the multiply-adds of the forward step of one member of a group."""
    example = group.data.prepare(group.data.train.inputs[:1], group.dtype)
    examples = min(group.batch_size, len(group.data.train))
    return examples * multiply_adds(group.members.model, example)


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Let operations use this many CPU threads inside the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def deterministic(wanted: bool) -> Iterator[None]:
    """Refuse operations whose result varies from run to run inside the block, where wanted."""
    if not wanted:  # saying so would import torch's compiler, for a second
        yield
        return
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


@contextmanager
def tf32(wanted: bool, device: torch.device) -> Iterator[None]:
    """Let a GPU's float32 products round their factors to ten bits inside the block, or not."""
    if device.type != "cuda":
        yield
        return
    backends: Any = torch.backends  # not all of it is annotated
    kinds = (backends.cuda.matmul, backends.cudnn.conv, backends.cudnn.rnn)
    before = [kind.fp32_precision for kind in kinds]
    for kind in kinds:
        kind.fp32_precision = "tf32" if wanted else "ieee"
    try:
        yield
    finally:
        for kind, precision in zip(kinds, before, strict=True):
            kind.fp32_precision = precision
