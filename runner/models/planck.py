"""Planck's law as a model of one parameter: the temperature of a black body."""

import math
from collections.abc import Mapping
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn

from runner.errors import RequestError
from runner.hyper import SWEEPABLE
from runner.models.base import Model
from runner.registry import register

# 2hc² in kW·µm⁵/(sr·m²·nm), and hc/k in µm·kK: exact in the SI of 2019, rounded here.
FIRST_CONSTANT = 119.10429723971884
SECOND_CONSTANT = 14.387768775039337


def spectral_radiance(wavelengths: Tensor, kilokelvins: Tensor) -> Tensor:
    """Return a black body's spectral radiance, by Planck's law.

    Formed with decaying exponentials alone: a cold body's radiance and gradient go to zero, where
    the usual e^x - 1 in the denominator overflows and makes them NaN.

    Args:
        wavelengths: In micrometres, above 0.
        kilokelvins: The temperature in thousands of kelvin, above 0; broadcast.

    Returns:
        Radiances in kW/(sr·m²·nm).
    """
    exponents = SECOND_CONSTANT / (wavelengths * kilokelvins)
    photons = torch.exp(-exponents) / -torch.expm1(-exponents)
    return FIRST_CONSTANT / wavelengths**5 * photons


@register("model", "planck")
class PlanckLaw(Model):
    """The spectral radiance of a black body, whose temperature is learnt.

    Its one parameter is the logarithm of the temperature in kilokelvin, so that the temperature
    stays positive and a step changes it in proportion. Nothing is drawn: every seed begins alike.
    The loss is in radiance units squared, some hundreds at the start: ``optim=adam`` suits it,
    ``sgd`` needs a learning rate near 1e-4.

    "Ueber das Gesetz der Energieverteilung im Normalspectrum" (Planck, 1901).

    Args:
        inputs: The shape of one example, (1,): a wavelength in micrometres.
        outputs: 1: a spectral radiance in kW/(sr·m²·nm).
        start: The temperature in kelvin at which learning begins.

    Raises:
        RequestError: Examples or targets are not single numbers.
    """

    tasks = frozenset({"numbers"})
    example = ("dataset=planck", "model.start=2900")

    def __init__(
        self,
        inputs: tuple[int, ...],
        outputs: int,
        *,
        start: Annotated[float, Field(gt=0), SWEEPABLE],
    ) -> None:
        super().__init__()
        if (tuple(inputs), outputs) != ((1,), 1):
            raise RequestError(
                "model=planck maps one wavelength to one radiance, as dataset=planck has them; "
                f"here an example has the shape {tuple(inputs)}, and its target {outputs} numbers."
            )
        self.log_kilokelvins = nn.Parameter(torch.full((1,), math.log(start / 1000)))

    def forward(self, inputs: Tensor) -> Tensor:
        """Map wavelengths (B, 1) in micrometres to radiances (B, 1) in kW/(sr·m²·nm)."""
        return spectral_radiance(inputs, self.log_kilokelvins.exp())

    def quantities(self, params: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Name the ``temperature`` in kelvin, (S,)."""
        return {"temperature": 1000 * params["log_kilokelvins"].exp()[:, 0]}
