"""LeNet with batch normalisation."""

from torch import Tensor, nn

from runner.models.activations import Activation, activation_layer
from runner.models.base import Model
from runner.models.init import Init, InitBias, InitStd, initialise
from runner.models.lenet import pixels_left
from runner.registry import register


@register("model", "lenet-bn")
class LeNetBN(Model):
    """Two convolutions and three linear layers, normalised before each activation.

    "Dive into Deep Learning", "Batch Normalization"; the network is that of LeCun et al.,
    "Gradient-based learning applied to document recognition", 1998. Layers whose output reaches
    only batch normalisation carry no bias: the shift would be subtracted at once, and its
    gradient is nothing but rounding.

    Args:
        inputs: The shape of one image, (C, H, W).
        outputs: The number of classes or of targets.
        activation: What follows each normalisation.
        init: How the weights are drawn.
        init_std: The standard deviation of ``normal``.
        init_bias: How the biases are drawn.

    Raises:
        RequestError: The images are too small for the two convolutions and poolings.
    """

    needs_images = True
    image_size = 28
    example = ("dataset.resize=16",)
    smallest_batch = 2  # a batch of one has no variance to normalise by in the linear layers

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
            *_linear(16 * pixels_left("lenet-bn", height, width), 120, activation),
            *_linear(120, 84, activation),
            nn.Linear(84, outputs),
        )
        initialise(self, init, init_std, init_bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map images (B, C, H, W) to logits (B, outputs)."""
        logits: Tensor = self.layers(inputs)
        return logits


def _convolution(channels: int, outputs: int, activation: Activation) -> list[nn.Module]:
    return [
        nn.Conv2d(channels, outputs, kernel_size=5, bias=False),
        nn.BatchNorm2d(outputs),
        activation_layer(activation),
        nn.MaxPool2d(2),
    ]


def _linear(inputs: int, outputs: int, activation: Activation) -> list[nn.Module]:
    return [
        nn.Linear(inputs, outputs, bias=False),
        nn.BatchNorm1d(outputs),
        activation_layer(activation),
    ]
