"""What a step draws at random, each member from its own streams."""

import torch
from torch import Tensor

from runner.datasets.augment import DRAWS, augment
from runner.engine.group import Group
from runner.optim.base import Tensors


def draw_noise(group: Group, examples: int) -> Tensors:
    """Draw the noise of one step, buffer name to (S, B, …) uniform in [0, 1)."""
    noise = {
        name: torch.empty(len(group), examples, *shape, device=group.device, dtype=group.dtype)
        for name, shape in group.noise.items()
    }
    for slot, streams in enumerate(group.streams if noise else ()):
        for tensor in noise.values():
            tensor[slot].uniform_(generator=streams.noise)
    return noise


def augmented(group: Group, inputs: Tensor, *, shared: bool) -> Tensor:
    """Augment the images of one step, each member's by its own draws.

    Args:
        group: The group; its data says which kinds of augmentation.
        inputs: (B, C, H, W) if shared, since all members have one seed then, else (S, B, C, H, W).
        shared: Whether all members see the same examples.

    Returns:
        The images, of the same shape; ``inputs`` itself where there is no augmentation.
    """
    if not group.data.augment:
        return inputs
    drawing = group.streams[:1] if shared else group.streams
    examples = inputs.shape[0 if shared else 1]
    uniform = torch.empty(len(drawing), examples, DRAWS, device=group.device, dtype=group.dtype)
    for row, streams in zip(uniform, drawing, strict=True):
        row.uniform_(generator=streams.augment)
    images = inputs.reshape(-1, *inputs.shape[-3:])
    return augment(images, group.data.augment, uniform.flatten(0, 1)).view_as(inputs)
