"""The state of a group: everything that training changes, stacked on a leading member axis S.

A run is a group of one. ``params`` and ``buffers`` map a name to a contiguous (S, …) tensor, and
row i of each belongs to the member in slot i.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from runner.models.noise import NoiseLayer
from runner.optim.base import State, Tensors


@dataclass(frozen=True)
class Members:
    """Stacked parameters, buffers and optimizer state.

    Attributes:
        model: The architecture; its own tensors are never used.
        params: name to (S, …), what is learnt.
        buffers: name to (S, …), running statistics and dropout rates.
        state: The optimizer's slots, each name to (S, …).
    """

    model: nn.Module
    params: Tensors
    buffers: Tensors
    state: State

    def __len__(self) -> int:
        return len(next(iter(self.params.values())))

    def keep(self, rows: Tensor) -> "Members":
        """Return a smaller group with the members in the given slots, (K,) int64."""
        return replace(
            self,
            params=_rows(self.params, rows),
            buffers=_rows(self.buffers, rows),
            state={slot: _rows(tensors, rows) for slot, tensors in self.state.items()},
        )

    def member(self, slot: int) -> dict[str, Tensors]:
        """Return one member's tensors, on the CPU and without the member axis, part by part."""
        parts = {"params": self.params, "buffers": self.buffers}
        parts |= {f"optim/{name}": tensors for name, tensors in self.state.items()}
        return {
            part: {name: tensor[slot].detach().cpu().clone() for name, tensor in tensors.items()}
            for part, tensors in parts.items()
        }

    def restore(self, slot: int, saved: Mapping[str, Tensors]) -> None:
        """Put parameters and buffers back into a slot, as ``member`` gave them."""
        for part, tensors in (("params", self.params), ("buffers", self.buffers)):
            for name, tensor in tensors.items():
                tensor[slot] = saved[part][name]


def stack(
    models: Sequence[nn.Module],
    init: Callable[[Tensors], State],
    device: torch.device,
    dtype: torch.dtype,
) -> Members:
    """Stack models of one architecture into a group.

    Args:
        models: One per member, each with its own initial weights.
        init: The optimizer's ``init``.
        device: Where the group lives.
        dtype: The type of its floating-point tensors.
    """
    for model in models:
        model.to(dtype=dtype)
    noise = {f"{name}.noise" for name, layer in models[0].named_modules() if _is_noisy(layer)}
    params = _stacked([dict(model.named_parameters()) for model in models], device)
    buffers = _stacked([dict(model.named_buffers()) for model in models], device)
    buffers = {name: buffer for name, buffer in buffers.items() if name not in noise}
    return Members(models[0].to(device), params, buffers, init(params))


def noise_shapes(model: nn.Module, example: Tensor) -> dict[str, tuple[int, ...]]:
    """Find how much noise the model takes for one example.

    Args:
        model: Any module; its noise layers are found by their type.
        example: (1, …) one input.

    Returns:
        Buffer name to the shape of its noise without the batch axis.
    """
    layers = {f"{name}.noise": layer for name, layer in model.named_modules() if _is_noisy(layer)}
    if not layers:
        return {}
    shapes: dict[str, tuple[int, ...]] = {}
    hooks = [
        layer.register_forward_pre_hook(
            lambda _, inputs, name=name: shapes.update({name: tuple(inputs[0].shape[1:])})
        )
        for name, layer in layers.items()
    ]
    with torch.no_grad():
        model.eval()(example)
    for hook in hooks:
        hook.remove()
    return shapes


def _is_noisy(layer: nn.Module) -> bool:
    return isinstance(layer, NoiseLayer)


def _stacked(members: Sequence[Tensors], device: torch.device) -> Tensors:
    return {
        name: torch.stack([tensors[name].detach().to(device) for tensors in members])
        for name in members[0]
    }


def _rows(tensors: Tensors, rows: Tensor) -> Tensors:
    return {name: tensor.index_select(0, rows) for name, tensor in tensors.items()}
