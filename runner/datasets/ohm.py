"""A resistor, measured: voltages against currents."""

from dataclasses import dataclass
from typing import Annotated

import torch
from pydantic import Field

from runner.datasets.data import Split
from runner.datasets.splits import stream
from runner.datasets.synthetic import GeneratedData
from runner.registry import register


@register("dataset", "ohm")
@dataclass(kw_only=True)
class Ohm(GeneratedData):
    """Ohm's law, V = R·I, read from an imperfect voltmeter.

    The input is a current in amperes, uniform from 0 to ``largest_current``; the target is a
    voltage in volts with normal errors of standard deviation ``noise``. So the weight ``w1`` of
    ``model=linreg`` is the resistance in ohms, and its bias the voltmeter's offset in volts.

    Source: "Die galvanische Kette, mathematisch bearbeitet" (Ohm, 1827).

    Attributes:
        resistance: The true resistance in ohms.
        noise: The standard deviation of the voltages' errors, in volts.
        largest_current: The largest current in amperes.
    """

    resistance: Annotated[float, Field(gt=0)]
    noise: Annotated[float, Field(ge=0)]
    largest_current: Annotated[float, Field(gt=0)]

    def true_quantities(self) -> dict[str, float]:
        """Return the resistance in ohms as ``w1``, and no offset as ``b``."""
        return {"w1": self.resistance, "b": 0.0}

    def draw(self, name: str, size: int) -> Split:
        """Draw currents in amperes and measured voltages in volts; see ``GeneratedData``."""
        drawn = stream(self.seed, name).uniform(0, self.largest_current, (size, 1))
        currents = torch.from_numpy(drawn).float()
        errors = torch.from_numpy(stream(self.seed, f"{name} noise").standard_normal((size, 1)))
        voltages = self.resistance * currents.double() + self.noise * errors
        return Split(currents, voltages.float())
