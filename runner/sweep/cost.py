"""What a step costs at any width: predicted from what it does, never timed.

A step's work is a few amounts: calls, operations, multiply-adds, bytes. ``cost.yaml`` has the
seconds that one of each takes, as ``benchmarks/calibrate.py`` measured them, and their sum is what
a step costs.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from runner.engine.counts import Operation, StepCounts

MULTIPLYING = {"product", "convolution", "grouped convolution"}
COUNTED = 2  # members of the stacked step that is counted


@dataclass(frozen=True)
class Counts:
    """What one step does.

    Attributes:
        alone: That of a run by itself.
        stacked: That of ``COUNTED`` runs together.
    """

    alone: StepCounts
    stacked: StepCounts


def seconds(counts: Counts, width: int, kind: str = "cpu") -> float:
    """Predict the time of a step of a group, on one thread of a CPU or on a GPU."""
    prices: dict[str, float] = constants()[kind]
    return sum(prices[name] * amount for name, amount in work(counts, width).items())


def work(counts: Counts, width: int) -> dict[str, float]:
    """Return the work of a step, by the names that ``cost.yaml`` has for it.

    Where a step moves more than a cache holds, the rest of it comes from further away.
    """
    step, scale = (counts.alone, 1.0) if width == 1 else (counts.stacked, width / COUNTED)
    amounts: Counter[str] = Counter({"call": step.calls, "operation": len(step.operations)})
    for operation in step.operations:
        amounts.update(effort(operation, scale))
    moved = scale * sum(operation.moved for operation in step.operations)
    amounts["byte beyond the cache"] = max(0.0, moved - constants()["cache"])
    return dict(amounts)


def effort(operation: Operation, scale: float) -> dict[str, float]:
    """Return what an operation does, for ``scale`` times as many members as were counted."""
    amounts: dict[str, float] = {}
    if operation.kind in MULTIPLYING:
        amounts[operation.kind] = scale * operation.products
        if operation.kind != "product":
            amounts["call of a convolution"] = 1.0
    elif operation.moved:
        amounts[f"byte, {operation.kind}"] = scale * operation.moved
    if scale * operation.fresh > constants()["mapped"]:
        amounts["byte mapped"] = scale * operation.fresh
    return amounts


@cache
def constants() -> dict[str, Any]:
    """Return what ``cost.yaml`` says."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    constants: dict[str, Any] = yaml.safe_load(text)
    return constants
