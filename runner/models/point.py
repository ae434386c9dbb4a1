"""A point on which a function is minimised: its coordinates are all that is learnt."""

from collections.abc import Mapping
from math import sqrt
from typing import Annotated, Any

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

from runner.hyper import SWEEPABLE
from runner.models.base import Model
from runner.models.noise import NoiseLayer
from runner.registry import register

SMALLEST = 2.0**-25  # half of the smallest number above 0 that is drawn

Start = Annotated[list[float], Field(min_length=1), SWEEPABLE]
Deviation = Annotated[float, Field(ge=0), SWEEPABLE]


@register("model", "point")
class PointModel(Model):
    """The coordinates themselves, whatever the input.

    "Dive into Deep Learning", chapter "Optimization Algorithms", minimises functions of one and
    two coordinates; the noise is that of its section "Stochastic Gradient Descent".

    Args:
        inputs: Not used; there is no data.
        outputs: Not used.
        start: Where the search begins, one number per coordinate.
        noise: The standard deviation of normal noise added to every coordinate of each gradient.
    """

    tasks = frozenset({"objective"})
    example = ("model.noise=0.5",)

    def __init__(
        self, inputs: tuple[int, ...], outputs: int, *, start: Start, noise: Deviation
    ) -> None:
        super().__init__()
        self.coordinates = nn.Parameter(torch.tensor(start, dtype=torch.float64))
        self.noise = GradientNoise(noise)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the point (B, D), once for each of (B, 0) inputs."""
        point: Tensor = self.noise(self.coordinates.expand(len(inputs), -1))
        return point

    def quantities(self, params: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the coordinates ``x1`` to ``xD``, each (S,)."""
        columns = params["coordinates"].unbind(1)
        return {f"x{number}": column for number, column in enumerate(columns, start=1)}


class GradientNoise(NoiseLayer):
    """Changes nothing on the way forward, and adds normal noise to the gradient on the way back.

    Args:
        deviation: Its standard deviation; a buffer, so that members of a group may differ in it.
    """

    deviation: Tensor

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.register_buffer("deviation", torch.tensor(float(deviation)), persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the inputs (B, D)."""
        if not self.training:
            return inputs
        uniform = self.uniform(inputs)
        # At 0, which may be drawn, the normal distribution's quantile is infinite.
        normal = sqrt(2) * torch.erfinv(2 * uniform.clamp(min=SMALLEST) - 1)
        noisy: Tensor = _AddToGradient.apply(inputs, normal * self.deviation)
        return noisy


class _AddToGradient(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(inputs: Tensor, noise: Tensor) -> Tensor:
        return inputs.clone()

    @staticmethod
    def setup_context(ctx: FunctionCtx, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(inputs[1])

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (noise,) = ctx.saved_tensors
        return grad + noise, None
