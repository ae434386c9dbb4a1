"""How the weights and biases of a new model are drawn.

The draws come from torch's global generator, which the caller seeds and restores.
"""

from typing import Annotated, Literal

from pydantic import Field
from torch import Tensor, nn

Init = Literal["default", "normal", "kaiming", "xavier", "zeros"]
InitStd = Annotated[float, Field(gt=0)]
InitBias = Literal["auto", "zeros", "default", "normal"]

_LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


def initialise(module: nn.Module, init: Init, init_std: float, init_bias: InitBias) -> None:
    """Draw the weights and biases of every linear and convolutional layer anew, in place.

    Normalisation layers always keep the scale 1 and the shift 0 that torch gives them. Biases are
    drawn after all the weights, so that the weights of a seed do not depend on ``init_bias``.

    Args:
        module: The model, with its layers built.
        init: The weights, one of

            - ``default``: torch's own, uniform within ±1/√fan_in;
            - ``normal``: N(0, init_std²), as in "Dive into Deep Learning", "Linear Regression
              Implementation from Scratch" and "Implementation of Multilayer Perceptrons";
            - ``kaiming``: N(0, 2/fan_in), which keeps the variance through ReLU: He et al.,
              "Delving deep into rectifiers", 2015;
            - ``xavier``: uniform within ±√(6/(fan_in + fan_out)): Glorot and Bengio,
              "Understanding the difficulty of training deep feedforward neural networks", 2010;
            - ``zeros``: all zero.
        init_std: The standard deviation; ``normal`` alone uses it, of weights and of biases.
        init_bias: The biases, one of

            - ``auto``: torch's own where the weights are, and zero elsewhere;
            - ``zeros``: all zero;
            - ``default``: torch's own, uniform within ±1/√fan_in;
            - ``normal``: N(0, init_std²), as the first edition of the book draws all parameters
              in "Concise Implementation" of weight decay.
    """
    # There is nothing to fill where there is no memory, and trying imports torch's compiler.
    layers = [m for m in module.modules() if isinstance(m, _LAYERS) and not m.weight.is_meta]
    if init != "default":
        for layer in layers:
            _fill(layer.weight, init, init_std)
    if init_bias == "auto":
        init_bias = "default" if init == "default" else "zeros"
    if init_bias != "default":
        for layer in layers:
            if layer.bias is not None:
                _fill(layer.bias, init_bias, init_std)


def _fill(tensor: Tensor, init: Init, init_std: float) -> None:
    match init:
        case "normal":
            nn.init.normal_(tensor, std=init_std)
        case "kaiming":
            nn.init.kaiming_normal_(tensor, nonlinearity="relu")
        case "xavier":
            nn.init.xavier_uniform_(tensor)
        case _:
            nn.init.zeros_(tensor)
