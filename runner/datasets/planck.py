"""The light of a black body, measured: radiances against wavelengths."""

from dataclasses import dataclass
from typing import Annotated

import torch
from pydantic import Field

from runner.datasets.data import Split
from runner.datasets.splits import stream
from runner.datasets.synthetic import GeneratedData
from runner.models.planck import spectral_radiance
from runner.registry import register

# Micrometres: from the ultraviolet to the infrared, where a star such as the sun is bright.
SHORTEST, LONGEST = 0.2, 3.0


@register("dataset", "planck")
@dataclass(kw_only=True)
class PlanckData(GeneratedData):
    """A black body's spectral radiance, with errors in proportion to it.

    The input is a wavelength in micrometres, uniform from ``SHORTEST`` to ``LONGEST``; the target
    is the spectral radiance in kW/(sr·m²·nm), times 1 plus a normal error of standard deviation
    ``noise``. ``temperature`` is in kelvin; 5,772 K is the sun's.

    Source: "Ueber das Gesetz der Energieverteilung im Normalspectrum" (Planck, 1901).

    Attributes:
        temperature: The true temperature in kelvin.
        noise: The standard deviation of the errors, as a part of the radiance.
    """

    # A cooler star, whose radiances are of the order of 1: usual learning rates suit it.
    example = (*GeneratedData.example, "dataset.temperature=2500", "model=planck")

    temperature: Annotated[float, Field(gt=0)]
    noise: Annotated[float, Field(ge=0)]

    def true_quantities(self) -> dict[str, float]:
        """Return the temperature in kelvin."""
        return {"temperature": self.temperature}

    def draw(self, name: str, size: int) -> Split:
        """Draw wavelengths in micrometres and measured radiances; see ``GeneratedData``."""
        drawn = stream(self.seed, name).uniform(SHORTEST, LONGEST, (size, 1))
        wavelengths = torch.from_numpy(drawn).float()
        errors = torch.from_numpy(stream(self.seed, f"{name} noise").standard_normal((size, 1)))
        kilokelvins = torch.tensor(self.temperature / 1000, dtype=torch.float64)
        radiances = spectral_radiance(wavelengths.double(), kilokelvins)
        return Split(wavelengths, (radiances * (1 + self.noise * errors)).float())
