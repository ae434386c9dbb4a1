"""ResNet."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, PositiveInt
from torch import Tensor, nn
from torch.nn.functional import relu

from runner.errors import RequestError
from runner.models.base import Model
from runner.models.init import Init, InitBias, InitStd, initialise
from runner.registry import register

Stem = Literal["7x7", "3x3"]
HALVINGS = {"7x7": 2, "3x3": 0}  # of a side, by the stem alone


@register("model", "resnet")
class ResNet(Model):
    """Blocks that add what they compute to what they were given; ResNet-18 as it is configured.

    "Dive into Deep Learning", "Residual Networks (ResNet) and ResNeXt"; He et al., "Deep residual
    learning for image recognition", 2016. The convolutions that feed batch normalisation have no
    bias. Those on the shortcuts are not normalised, as in the book, and have one.

    Args:
        inputs: The shape of one image, (C, H, W).
        outputs: The number of classes or of targets.
        stem: The first convolution: ``7x7``, followed by pooling, turns a side into a quarter of
            it; ``3x3`` keeps it, for images as small as those of CIFAR-10 (section 4.2 there).
        widths: The channels of each stage; every stage but the first halves height and width.
        blocks: The number of residual blocks in each stage.
        init: How the weights are drawn.
        init_std: The standard deviation of ``normal``.
        init_bias: How the biases are drawn.

    Raises:
        RequestError: The images are too small to be halved by every stage.
    """

    needs_images = True
    image_size = 96
    example = ("model.widths=[4,6]", "model.blocks=1", "dataset.resize=32")
    added_keys = {"stem": "7x7"}
    smallest_batch = 2  # small images end as one pixel, where a single example has no variance

    def __init__(
        self,
        inputs: tuple[int, ...],
        outputs: int,
        *,
        stem: Stem,
        widths: Annotated[list[PositiveInt], Field(min_length=1)],
        blocks: PositiveInt,
        init: Init,
        init_std: InitStd,
        init_bias: InitBias,
    ) -> None:
        super().__init__()
        _check_size(inputs, len(widths), HALVINGS[stem])
        self.stem = _stem(inputs[0], widths[0], stem)
        first = _stage(widths[0], widths[0], blocks, stride=1)
        later = [_stage(before, after, blocks, stride=2) for before, after in pairwise(widths)]
        self.stages = nn.Sequential(first, *later)
        self.head = nn.Linear(widths[-1], outputs)
        initialise(self, init, init_std, init_bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map images (B, C, H, W) to logits (B, outputs)."""
        features: Tensor = self.stages(self.stem(inputs))
        logits: Tensor = self.head(features.mean(dim=(2, 3)))
        return logits


class ResidualBlock(nn.Module):
    """Two normalised convolutions, added to their inputs before the last activation.

    Args:
        channels: The channels that enter the block.
        outputs: The channels that leave it.
        stride: The stride of the first convolution. Where the stride or the channels change the
            shape, a convolution of 1x1 brings the inputs to the new one.
    """

    def __init__(self, channels: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            *_normalised(channels, outputs, stride), nn.ReLU(), *_normalised(outputs, outputs, 1)
        )
        same = stride == 1 and channels == outputs
        self.shortcut = nn.Identity() if same else nn.Conv2d(channels, outputs, 1, stride)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (B, channels, H, W) to (B, outputs, ceil(H / stride), ceil(W / stride))."""
        return relu(self.residual(inputs) + self.shortcut(inputs))


def _stem(channels: int, outputs: int, stem: Stem) -> nn.Sequential:
    if stem == "3x3":
        return nn.Sequential(*_normalised(channels, outputs, stride=1), nn.ReLU())
    return nn.Sequential(
        nn.Conv2d(channels, outputs, kernel_size=7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
    )


def _stage(channels: int, outputs: int, blocks: int, stride: int) -> nn.Sequential:
    """Return residual blocks of which the first changes the shape."""
    first = ResidualBlock(channels, outputs, stride)
    return nn.Sequential(first, *(ResidualBlock(outputs, outputs, 1) for _ in range(blocks - 1)))


def _normalised(channels: int, outputs: int, stride: int) -> list[nn.Module]:
    return [
        nn.Conv2d(channels, outputs, kernel_size=3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
    ]


def _check_size(inputs: tuple[int, ...], stages: int, halvings: int) -> None:
    _, height, width = inputs
    # The stem halves a side, rounding up, `halvings` times and each later stage once: what the
    # last stage is given must be more than one pixel, or there is nothing to halve.
    smallest = 2 ** (halvings + stages - 2) + 1 if stages > 1 else 1
    if min(height, width) < smallest:
        raise RequestError(
            f"model=resnet with {stages} stages needs images of at least {smallest}x{smallest} "
            f"pixels and these have {height}x{width}: set dataset.resize to auto or to {smallest} "
            "or more, or give model.widths fewer stages."
        )
