"""What a step draws at random, each member by its own keys."""

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor

from runner.datasets.augment import DRAWS, augment
from runner.engine.counter import places, uniform
from runner.engine.group import Group
from runner.engine.rng import derive
from runner.optim.base import Tensors

# Numbers that are drawn at once, of as many steps as they are enough for: a CPU's cache holds them,
# and on a GPU they are worth a launch.
BLOCK, BLOCK_OF_GPU = 2**16, 2**22


class Draws:
    """The noise and the augmentation of a group's steps.

    Args:
        group: The group; made anew when it loses members.
        shared: Whether all members see the same examples: one draw augments them for all then.
    """

    def __init__(self, group: Group, *, shared: bool) -> None:
        self.group = group
        drawing = group.seeds[:1] if shared else group.seeds
        if group.noise:
            self._noise = Numbers(group.seeds, "noise", group.device)
        if group.data.augment:
            self._augment = Numbers(drawing, "augment", group.device)

    def ahead(self, steps: Tensor) -> None:
        """Draw for the steps of the given numbers, (K,) int64, from now on called 0 to K - 1."""
        if self.group.noise:
            self._noise.ahead(steps)
        if self.group.data.augment:
            self._augment.ahead(steps)

    def noise(self, step: int, examples: int) -> Tensors:
        """Draw the noise of one step.

        Args:
            step: Which one, counted from the start of the training.
            examples: B, how many a batch has.

        Returns:
            Buffer name to (S, B, …), uniform in [0, 1).
        """
        shapes = self.group.noise
        if not shapes:
            return {}
        sizes = [examples * prod(shape) for shape in shapes.values()]
        drawn = self._noise.at(step, sum(sizes)).to(self.group.dtype)
        parts = torch.split(drawn, sizes, dim=1)
        return {
            name: part.view(len(part), examples, *shape)
            for (name, shape), part in zip(shapes.items(), parts, strict=True)
        }

    def augmented(self, inputs: Tensor, step: int) -> Tensor:
        """Augment the images of one step, each member's by its own draws.

        Args:
            inputs: (B, C, H, W) if all members share them, else (S, B, C, H, W).
            step: Which one, counted from the start of the training.

        Returns:
            The images, of the same shape; ``inputs`` itself where there is no augmentation.
        """
        kinds = self.group.data.augment
        if not kinds:
            return inputs
        images = inputs.reshape(-1, *inputs.shape[-3:])
        drawn = self._augment.at(step, len(images) // len(self._augment) * DRAWS)
        return augment(images, kinds, drawn.reshape(-1, DRAWS).to(inputs.dtype)).view_as(inputs)


class Numbers:
    """Uniform numbers of some members, drawn for several steps at once where they are few.

    Args:
        seeds: One for each member.
        stream: What the numbers are for.
        device: Where they are drawn.
    """

    def __init__(self, seeds: Sequence[int], stream: str, device: torch.device) -> None:
        self._keys = torch.tensor([derive(seed, stream) for seed in seeds], device=device)
        self._first, self._block = 0, torch.empty(0, 0, 0)
        self._at_once = BLOCK if device.type == "cpu" else BLOCK_OF_GPU
        self._steps: Tensor | None = None

    def ahead(self, steps: Tensor) -> None:
        """Draw for steps whose numbers, (K,), are read when they are drawn; see `Draws.ahead`."""
        self._steps, self._block = steps, torch.empty(0, 0, 0)

    def __len__(self) -> int:
        return len(self._keys)

    def at(self, step: int, numbers: int) -> Tensor:
        """Return the (S, N) numbers of a step, which depend on the member, step and place alone."""
        held, drawn = self._block.shape[1:]
        if numbers > drawn or not 0 <= step - self._first < held:
            self._first, self._block = step, torch.empty(0, 0, 0)  # the old one makes room
            # Captured steps go on reading it, whatever else is drawn in between.
            self._places = places(numbers, self._keys.device)
            self._block = uniform(self._keys, self._coming(step, numbers), numbers)
        return self._block[:, step - self._first, :numbers]

    def _coming(self, step: int, numbers: int) -> Tensor:
        end = step + max(1, self._at_once // max(1, len(self) * numbers))
        if self._steps is not None:
            return self._steps[step:end]
        return torch.arange(step, end, device=self._keys.device)
