"""DenseNet."""

from typing import Annotated

import torch
from pydantic import Field, PositiveInt
from torch import Tensor, nn

from runner.errors import RequestError
from runner.models.base import Model
from runner.models.init import Init, InitBias, InitStd, initialise
from runner.registry import register


@register("model", "densenet")
class DenseNet(Model):
    """Blocks in which every convolution sees the outputs of all before it.

    "Dive into Deep Learning", "Densely Connected Networks"; Huang et al., "Densely connected
    convolutional networks", 2017. No convolution has a bias: through pooling and concatenation,
    each one's output reaches only batch normalisation, which would subtract it.

    Args:
        inputs: The shape of one image, (C, H, W).
        outputs: The number of classes or of targets.
        blocks: The number of convolutions in each dense block.
        growth: The channels that each of them adds.
        stem: The channels of the first convolution.
        init: How the weights are drawn.
        init_std: The standard deviation of ``normal``.
        init_bias: How the biases are drawn.

    Raises:
        RequestError: The images are too small to be halved between the blocks.
    """

    needs_images = True
    channels_last = True
    image_size = 96
    example = ("model.blocks=[2,1]", "model.growth=4", "model.stem=6", "dataset.resize=32")
    smallest_batch = 2  # small images end as one pixel, where a single example has no variance

    def __init__(
        self,
        inputs: tuple[int, ...],
        outputs: int,
        *,
        blocks: Annotated[list[PositiveInt], Field(min_length=1)],
        growth: PositiveInt,
        stem: PositiveInt,
        init: Init,
        init_std: InitStd,
        init_bias: InitBias,
    ) -> None:
        super().__init__()
        _check_size(inputs, blocks)
        self.stem = _stem(inputs[0], stem)
        self.blocks, channels = _blocks(stem, blocks, growth)
        self.norm = nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU())
        self.head = nn.Linear(channels, outputs)
        initialise(self, init, init_std, init_bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map images (B, C, H, W) to logits (B, outputs)."""
        features: Tensor = self.norm(self.blocks(self.stem(inputs)))
        logits: Tensor = self.head(features.mean(dim=(2, 3)))
        return logits


class DenseBlock(nn.Module):
    """Convolutions that each add ``growth`` channels to all the channels before them.

    Args:
        channels: The channels that enter the block.
        convolutions: How many convolutions it has.
        growth: The channels that each of them adds.
    """

    def __init__(self, channels: int, convolutions: int, growth: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            _normalised(channels + i * growth, growth, kernel_size=3) for i in range(convolutions)
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (B, channels, H, W) to (B, channels + convolutions * growth, H, W)."""
        features = inputs
        for convolution in self.convolutions:
            features = torch.cat([features, convolution(features)], dim=1)
        return features


def _stem(channels: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, outputs, kernel_size=7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
    )


def _blocks(channels: int, blocks: list[int], growth: int) -> tuple[nn.Sequential, int]:
    """Return the blocks with a transition between each two, and the channels that leave them."""
    layers: list[nn.Module] = []
    for i, convolutions in enumerate(blocks):
        if i > 0:
            layers.append(_transition(channels, channels // 2))
            channels //= 2
        layers.append(DenseBlock(channels, convolutions, growth))
        channels += convolutions * growth
    return nn.Sequential(*layers), channels


def _transition(channels: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(_normalised(channels, outputs, kernel_size=1), nn.AvgPool2d(2))


def _normalised(channels: int, outputs: int, kernel_size: int) -> nn.Sequential:
    """Return normalisation, activation and a convolution that keeps height and width."""
    return nn.Sequential(
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.Conv2d(channels, outputs, kernel_size, padding=kernel_size // 2, bias=False),
    )


def _check_size(inputs: tuple[int, ...], blocks: list[int]) -> None:
    _, height, width = inputs
    # The stem turns a side n into ceil(n / 4), and each transition halves it, rounding down.
    smallest = 4 * 2 ** (len(blocks) - 1) - 3
    if min(height, width) < smallest:
        raise RequestError(
            f"model=densenet with {len(blocks)} blocks needs images of at least "
            f"{smallest}x{smallest} pixels and these have {height}x{width}: set dataset.resize to "
            f"auto or to {smallest} or more."
        )
