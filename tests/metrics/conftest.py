"""Metrics taken as the engine takes them: batch by batch, for all members at once."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from runner.engine.measure import Tally
from runner.metrics.base import Metric

MEMBERS, EXAMPLES, OUTPUTS, BATCH = 3, 20, 4, 8  # the last batch has four examples


@pytest.fixture
def draw() -> Callable[[int, str], SimpleNamespace]:
    """Draws what models say and what is true: ``draw(seed, "classes")``."""

    def draw(seed: int, task: str) -> SimpleNamespace:
        source = torch.Generator().manual_seed(seed)
        shape = (MEMBERS, EXAMPLES, OUTPUTS)
        logits = torch.randn(shape, generator=source, dtype=torch.float64)
        if task == "classes":
            targets = torch.randint(OUTPUTS, shape[:2], generator=source)
        else:
            targets = torch.randn(shape, generator=source, dtype=torch.float64)
        return SimpleNamespace(logits=logits, targets=targets)

    return draw


@pytest.fixture
def measured() -> Callable[..., dict[str, Tensor]]:
    """Measures in batches, as an evaluation does: ``measured({"accuracy": metric}, drawn)``."""

    def measured(
        metrics: Mapping[str, Metric], drawn: SimpleNamespace, batch: int = BATCH
    ) -> dict[str, Tensor]:
        tally = Tally(metrics)
        for logits, targets in zip(
            drawn.logits.split(batch, 1), drawn.targets.split(batch, 1), strict=True
        ):
            tally.add(logits.new_zeros(logits.shape[:2]), logits, targets)
        return tally.means()

    return measured
