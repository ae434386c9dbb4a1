"""The metric that chooses: a run's best epoch, and whether its patience runs out."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from runner.columns import MONITOR, Direction


@dataclass(frozen=True)
class Monitor:
    """A metric of the validation split, and which way it is better.

    Attributes:
        column: Its column, such as ``val/loss``.
        direction: Which way is better.
    """

    column: str = MONITOR
    direction: Direction = "lower"

    def improves(self, row: Mapping[str, float], best: Mapping[str, float] | None) -> bool:
        """Whether an epoch is better than the best before it; one that is equal is not.

        Args:
            row: The epoch's metrics; without a validation split it is no better than any.
            best: Those of the best epoch so far; None before the first.
        """
        value = row.get(self.column, math.nan)
        if not math.isfinite(value) or best is None:
            return math.isfinite(value)
        gain = value - best[self.column]
        return gain > 0 if self.direction == "higher" else gain < 0
