"""How the weights of a new model are drawn.

The draws come from torch's global generator, which the caller seeds and restores.
"""

from typing import Annotated, Literal

from pydantic import Field
from torch import Tensor, nn

Init = Literal["default", "normal", "kaiming", "xavier", "zeros"]
InitStd = Annotated[float, Field(gt=0)]

_LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


def initialise(module: nn.Module, init: Init, init_std: float) -> None:
    """Draw the weights of every linear and convolutional layer anew, in place.

    Every choice but ``default`` sets the biases to zero. Normalisation layers always keep the
    scale 1 and the shift 0 that torch gives them.

    Args:
        module: The model, with its layers built.
        init: One of

            - ``default``: torch's own, uniform within ±1/√fan_in, biases too;
            - ``normal``: N(0, init_std²), as in "Dive into Deep Learning", "Linear Regression
              Implementation from Scratch" and "Implementation of Multilayer Perceptrons";
            - ``kaiming``: N(0, 2/fan_in), which keeps the variance through ReLU: He et al.,
              "Delving deep into rectifiers", 2015;
            - ``xavier``: uniform within ±√(6/(fan_in + fan_out)): Glorot and Bengio,
              "Understanding the difficulty of training deep feedforward neural networks", 2010;
            - ``zeros``: all zero.
        init_std: The standard deviation; ``normal`` alone uses it.
    """
    if init == "default":
        return
    for layer in module.modules():
        # There is nothing to fill where there is no memory, and trying imports torch's compiler.
        if isinstance(layer, _LAYERS) and not layer.weight.is_meta:
            _fill(layer.weight, init, init_std)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def _fill(weight: Tensor, init: Init, init_std: float) -> None:
    match init:
        case "normal":
            nn.init.normal_(weight, std=init_std)
        case "kaiming":
            nn.init.kaiming_normal_(weight, nonlinearity="relu")
        case "xavier":
            nn.init.xavier_uniform_(weight)
        case _:
            nn.init.zeros_(weight)
