"""The multilayer perceptron with dropout."""

import math
from typing import Annotated

from pydantic import ConfigDict, Field, PlainValidator, PositiveInt, TypeAdapter
from torch import Tensor, nn

from runner.errors import RequestError
from runner.hyper import SWEEPABLE
from runner.models.activations import Activation, activation_layer
from runner.models.base import Model
from runner.models.init import Init, InitBias, InitStd, initialise
from runner.models.noise import Dropout
from runner.registry import register

Rate = Annotated[float, Field(ge=0, lt=1)]

_STRICT = ConfigDict(strict=True, allow_inf_nan=False)
_ONE: TypeAdapter[float] = TypeAdapter(Rate, config=_STRICT)
_SEVERAL: TypeAdapter[list[float]] = TypeAdapter(list[Rate], config=_STRICT)


def _one_or_several(value: object) -> float | list[float]:
    """Check a number as a number and a list as a list, so that a fault is told once."""
    adapter = _SEVERAL if isinstance(value, list) else _ONE
    return adapter.validate_python(value)


Rates = Annotated[
    float | list[float],
    PlainValidator(_one_or_several, json_schema_input_type=Rate | list[Rate]),
    SWEEPABLE,
]


@register("model", "dropout-mlp")
class DropoutMLP(Model):
    """A multilayer perceptron with dropout after the activation of each hidden layer.

    "Dive into Deep Learning", "Dropout".

    ``activate_logits`` is the slip that ``mlp`` explains: an activation after the last layer too,
    without dropout there.

    Args:
        inputs: The shape of one example.
        outputs: The number of classes or of targets.
        hidden: The width of each hidden layer.
        dropout: The probability of dropping a unit, in [0, 1): one number for every hidden layer,
            or a list of one per hidden layer.
        activation: What follows each hidden layer.
        activate_logits: Whether it follows the last layer too.
        init: How the weights are drawn.
        init_std: The standard deviation of ``normal``.
        init_bias: How the biases are drawn.

    Raises:
        RequestError: The list of rates is not as long as the list of hidden layers.
    """

    example = ("model.hidden=[12,8]",)

    def __init__(
        self,
        inputs: tuple[int, ...],
        outputs: int,
        *,
        hidden: list[PositiveInt],
        dropout: Rates,
        activation: Activation,
        activate_logits: bool,
        init: Init,
        init_std: InitStd,
        init_bias: InitBias,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Flatten()]
        width = math.prod(inputs)
        for after, rate in zip(hidden, _per_layer(dropout, len(hidden)), strict=True):
            layers += [nn.Linear(width, after), activation_layer(activation), Dropout(rate)]
            width = after
        layers.append(nn.Linear(width, outputs))
        if activate_logits:
            layers.append(activation_layer(activation))
        self.layers = nn.Sequential(*layers)
        initialise(self, init, init_std, init_bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (B, *inputs) to logits (B, outputs)."""
        logits: Tensor = self.layers(inputs)
        return logits


def _per_layer(dropout: float | list[float], layers: int) -> list[float]:
    rates = dropout if isinstance(dropout, list) else [dropout] * layers
    if len(rates) != layers:
        raise RequestError(
            f"model.dropout has length {len(rates)} and model.hidden has length {layers}: "
            "give one rate for every layer, or a list of one per layer."
        )
    return rates
