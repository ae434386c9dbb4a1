"""LeNet."""

from torch import Tensor, nn

from runner.errors import RequestError
from runner.models.activations import Activation, activation_layer
from runner.models.base import Model
from runner.models.init import Init, InitBias, InitStd, initialise
from runner.registry import register

SMALLEST_SIDE = 16


@register("model", "lenet")
class LeNet(Model):
    """Two convolutions and three linear layers, an activation after each but the last.

    "Dive into Deep Learning", "Convolutional Neural Networks (LeNet)"; the network is that of
    LeCun et al., "Gradient-based learning applied to document recognition", 1998. As in
    ``lenet-bn``, no convolution is padded and the pooling takes maxima; the book pads the first
    by two pixels and pools by means.

    Args:
        inputs: The shape of one image, (C, H, W).
        outputs: The number of classes or of targets.
        activation: What follows each convolution and each linear layer but the last.
        init: How the weights are drawn; the chapter takes ``xavier``.
        init_std: The standard deviation of ``normal``.
        init_bias: How the biases are drawn.

    Raises:
        RequestError: The images are too small for the two convolutions and poolings.
    """

    needs_images = True
    channels_last = True
    image_size = 28
    example = ("dataset.resize=16",)

    def __init__(
        self,
        inputs: tuple[int, ...],
        outputs: int,
        *,
        activation: Activation,
        init: Init,
        init_std: InitStd,
        init_bias: InitBias,
    ) -> None:
        super().__init__()
        channels, height, width = inputs
        self.layers = nn.Sequential(
            *_convolution(channels, 6, activation),
            *_convolution(6, 16, activation),
            nn.Flatten(),
            *_linear(16 * pixels_left("lenet", height, width), 120, activation),
            *_linear(120, 84, activation),
            nn.Linear(84, outputs),
        )
        initialise(self, init, init_std, init_bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map images (B, C, H, W) to logits (B, outputs)."""
        logits: Tensor = self.layers(inputs)
        return logits


def pixels_left(name: str, height: int, width: int) -> int:
    """Return how many pixels of an image are left after two convolutions of 5x5 and poolings.

    Args:
        name: The model that asks, for the sentence.
        height: The rows of the image.
        width: Its columns.

    Raises:
        RequestError: The image is too small.
    """
    if min(height, width) < SMALLEST_SIDE:
        raise RequestError(
            f"model={name} needs images of at least {SMALLEST_SIDE}x{SMALLEST_SIDE} pixels and "
            f"these have {height}x{width}: set dataset.resize to auto or to {SMALLEST_SIDE} "
            "or more."
        )
    return _side_left(height) * _side_left(width)


def _side_left(side: int) -> int:
    for _ in range(2):
        side = (side - 4) // 2
    return side


def _convolution(channels: int, outputs: int, activation: Activation) -> list[nn.Module]:
    return [
        nn.Conv2d(channels, outputs, kernel_size=5),
        activation_layer(activation),
        nn.MaxPool2d(2),
    ]


def _linear(inputs: int, outputs: int, activation: Activation) -> list[nn.Module]:
    return [nn.Linear(inputs, outputs), activation_layer(activation)]
