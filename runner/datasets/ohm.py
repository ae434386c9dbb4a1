"""A resistor, measured: voltages against currents."""

from typing import Annotated

import torch
from pydantic import Field

from runner.datasets.data import Split
from runner.datasets.splits import Fold, Folds, Seed, Share, Size, stream
from runner.datasets.synthetic import GeneratedData
from runner.registry import register


@register("dataset", "ohm")
class Ohm(GeneratedData):
    """Ohm's law, V = R·I, read from an imperfect voltmeter.

    The input is a current in amperes, uniform from 0 to ``largest_current``; the target is a
    voltage in volts with normal errors of standard deviation ``noise``. So the weight ``w1`` of
    ``model=linreg`` is the resistance in ohms, and its bias the voltmeter's offset in volts.

    Source: "Die galvanische Kette, mathematisch bearbeitet" (Ohm, 1827).
    """

    def __init__(
        self,
        *,
        resistance: Annotated[float, Field(gt=0)],
        noise: Annotated[float, Field(ge=0)],
        largest_current: Annotated[float, Field(gt=0)],
        train_size: Size,
        test_size: Size,
        val_fraction: Share,
        folds: Folds,
        fold: Fold,
        seed: Seed,
    ) -> None:
        super().__init__(
            train_size=train_size,
            test_size=test_size,
            val_fraction=val_fraction,
            folds=folds,
            fold=fold,
            seed=seed,
        )
        self.resistance = resistance
        self.noise = noise
        self.largest_current = largest_current

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
