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
        buffers: name to (S, …), what is not: running statistics, dropout rates, and the
            parameters that are frozen (``requires_grad=False``).
        state: The optimizer's slots, each name to (S, …).
        autocast: The type that the model computes in where it is not that of its parameters.
    """

    model: nn.Module
    params: Tensors
    buffers: Tensors
    state: State
    autocast: torch.dtype | None = None

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

    def parts(self) -> dict[str, Tensors]:
        """Return all tensors, part by part: ``params``, ``buffers``, ``optim/<slot>``."""
        parts = {"params": self.params, "buffers": self.buffers}
        return parts | {f"optim/{name}": tensors for name, tensors in self.state.items()}

    def member(self, slot: int) -> dict[str, Tensors]:
        """Return one member's tensors, on the CPU and without the member axis, part by part."""
        return {
            part: {name: tensor[slot].detach().cpu().clone() for name, tensor in tensors.items()}
            for part, tensors in self.parts().items()
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
    autocast: torch.dtype | None = None,
) -> Members:
    """Stack models of one architecture into a group.

    Args:
        models: One per member, each with its own initial weights.
        init: The optimizer's ``init``.
        device: Where the group lives.
        dtype: The type of its floating-point tensors.
        autocast: The type that the models compute in, if it is another.

    Raises:
        ValueError: The models do not have the same parameters and buffers.
    """
    for model in models:
        model.to(dtype=dtype)
    params = _stacked([learnt(model) for model in models], device)
    buffers = _stacked([_carried(model) for model in models], device)
    return Members(models[0].to(device), params, buffers, init(params), autocast)


def learnt(model: nn.Module) -> Tensors:
    """Return the parameters that training changes; one that is tied has its first name alone."""
    return {name: param for name, param in model.named_parameters() if param.requires_grad}


def frozen(model: nn.Module) -> Tensors:
    """Return the parameters that stay as they are."""
    return {name: param for name, param in model.named_parameters() if not param.requires_grad}


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


def _carried(model: nn.Module) -> Tensors:
    """What a model computes with and does not learn; its noise is drawn anew in every step."""
    noise = {f"{name}.noise" for name, layer in model.named_modules() if _is_noisy(layer)}
    buffers = {name: buffer for name, buffer in model.named_buffers() if name not in noise}
    return frozen(model) | buffers


def _stacked(members: Sequence[Tensors], device: torch.device) -> Tensors:
    if any(tensors.keys() != members[0].keys() for tensors in members):
        raise ValueError("the runs' models do not have the same parameters and buffers")
    return {
        name: torch.stack([tensors[name].detach().to(device) for tensors in members])
        for name in members[0]
    }


def _rows(tensors: Tensors, rows: Tensor) -> Tensors:
    return {name: tensor.index_select(0, rows) for name, tensor in tensors.items()}
