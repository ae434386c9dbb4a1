"""One network from two kinds of layers: written out by hand, and the library's."""

import math
from typing import Annotated, Literal

from pydantic import Field, PositiveInt
from torch import Tensor, nn

from runner.hyper import SWEEPABLE
from runner.models.base import Model
from runner.models.noise import Dropout
from runner.models.scratch_batch_norm import ScratchBatchNorm
from runner.models.scratch_dropout import ScratchDropout
from runner.models.scratch_linear import ScratchLinear
from runner.registry import register

Rate = Annotated[float, Field(ge=0, lt=1), SWEEPABLE]


@register("model", "scratch")
class Scratch(Model):
    """A multilayer perceptron with batch normalisation and dropout, to compare its layers.

    "Dive into Deep Learning" writes each layer out by hand before it takes the library's. Here
    both are the same function of the same parameters: they agree to rounding, and what is left to
    compare is their speed. The first linear layer feeds batch normalisation and has no bias.

    Args:
        inputs: The shape of one example.
        outputs: The number of classes or of targets.
        hidden: The width of the hidden layer.
        dropout: The probability of dropping a hidden unit, in [0, 1).
        layers: ``scratch`` for the layers of this project's ``scratch_*.py``, ``library`` for
            torch's, with the project's own dropout.
    """

    example = ("model.hidden=12",)
    smallest_batch = 2  # a batch of one has no variance to normalise by

    def __init__(
        self,
        inputs: tuple[int, ...],
        outputs: int,
        *,
        hidden: PositiveInt,
        dropout: Rate,
        layers: Literal["scratch", "library"],
    ) -> None:
        super().__init__()
        features = math.prod(inputs)
        by_hand = layers == "scratch"
        linear = ScratchLinear if by_hand else nn.Linear
        norm = ScratchBatchNorm if by_hand else nn.BatchNorm1d
        drop = ScratchDropout if by_hand else Dropout
        self.layers = nn.Sequential(
            nn.Flatten(),
            linear(features, hidden, bias=False),
            norm(hidden),
            nn.ReLU(),
            drop(dropout),
            linear(hidden, outputs, bias=True),
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (B, *inputs) to logits (B, outputs)."""
        logits: Tensor = self.layers(inputs)
        return logits
