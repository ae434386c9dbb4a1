"""Direction of a metric: whether lower or higher is better."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from runner.columns import measure_of

Direction = Literal["lower", "higher"]
BETTER_LOW = {"loss", "error", "errors", "err", "rmse", "mse", "mae", "perplexity"}
BETTER_HIGH = {"accuracy", "acc", "r2", "f1", "auc", "precision", "recall"}


def recorded_directions(summaries: Iterable[Mapping[str, Any]]) -> dict[str, Direction]:
    """The directions of metrics, by their names without a split, as runs wrote them down.

    Args:
        summaries: The contents of ``summary.json``, whose ``metrics`` have a ``direction`` each;
            those of older runs have none.
    """
    found: dict[str, Direction] = {}
    for summary in summaries:
        metrics = summary.get("metrics")
        for name, facts in metrics.items() if isinstance(metrics, dict) else ():
            told = facts.get("direction") if isinstance(facts, dict) else None
            if told == "lower" or told == "higher":
                found[name] = told
    return found


def direction(metric: str, recorded: Mapping[str, Direction]) -> Direction | None:
    """Which way a metric is better.

    Args:
        metric: Its column, such as ``test/loss`` or ``best/val/accuracy``.
        recorded: What the runs say of their metrics, see `recorded_directions`. Of a metric that
            they say nothing of, as of another program's table, the words of its name tell.

    Returns:
        None where neither tells, as of ``model/weight_norm``.
    """
    if (measure := measure_of(metric)) in recorded:
        return recorded[measure]
    words = set(re.split(r"[^a-z0-9]+", metric.lower().rpartition("/")[2]))
    if bool(words & BETTER_LOW) == bool(words & BETTER_HIGH):
        return None
    return "lower" if words & BETTER_LOW else "higher"
