"""Two sweeps of other keys, written as training leaves them, that share one setting."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.results.compare.comparison import Comparison, compare
from runner.results.compare.load import read_side

SHARED = {"model.dropout": 0.0, "regularizer.lambda": 0.0}


def rows_of(epochs: int, level: float, seed: int) -> list[dict[str, float]]:
    """Curves that end at a level, a seed's apart from another's."""
    return [
        {
            "epoch": epoch,
            "train/loss": 1 / epoch + 0.01 * seed,
            "val/loss": 1.1 / epoch + level + 0.01 * seed**2,
            "test/accuracy": 0.8 - 0.5 / epoch - level + 0.02 * seed,
        }
        for epoch in range(1, epochs + 1)
    ]


@pytest.fixture
def sweep_over(folders: Any) -> Callable[..., Path]:
    """A sweep of one key, whose other keys stand in its configs."""

    def sweep_over(
        name: str, key: str, levels: dict[Any, float], seeds: int = 3, epochs: int = 3
    ) -> Path:
        job = 0
        for value, level in levels.items():
            for seed in range(seeds):
                rows = rows_of(epochs, level, seed)
                config: dict[str, Any] = {"dataset": {"name": "digits"}}
                for dotted, at in {**SHARED, key: value}.items():
                    group, _, last = dotted.partition(".")
                    config.setdefault(group, {})[last] = at
                best = {"epoch": epochs, "val/loss": rows[-1]["val/loss"]}
                folders.run(
                    f"{name}/{job}", {key: value, "seed": seed}, rows, best=best, config=config
                )
                job += 1
        (folders.root / name / "multirun.yaml").write_text("hydra: {}\n")
        return folders.root / name  # type: ignore[no-any-return]

    return sweep_over


@pytest.fixture
def dropout_and_lambda(sweep_over: Callable[..., Path]) -> Comparison:
    """Dropout helps, the penalty does not; without both they are one setting."""
    first = sweep_over("a", "model.dropout", {"0": 0.1, "0.2": 0.05, "0.5": 0.2})
    other = sweep_over("b", "regularizer.lambda", {"0": 0.1, "0.001": 0.12})
    return compare([read_side(str(path)) for path in (first, other)])
