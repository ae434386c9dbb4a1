"""Which way a metric is better, told by its name."""

import re

BETTER_LOW = {"loss", "error", "errors", "err", "rmse", "mse", "mae", "perplexity"}
BETTER_HIGH = {"accuracy", "acc", "r2", "f1", "auc", "precision", "recall"}


def direction(metric: str) -> int:
    """Which way a metric is better.

    Args:
        metric: Its name, such as ``test/loss`` or ``best/val/accuracy``; the last part tells.

    Returns:
        -1 where lower is better (losses and errors), 1 where higher is (accuracies), 0 where the
        name does not tell, as of ``weight_norm``.
    """
    words = set(re.split(r"[^a-z0-9]+", metric.lower().rpartition("/")[2]))
    return bool(words & BETTER_HIGH) - bool(words & BETTER_LOW)


def worsening(metric: str, before: float, after: float) -> float:
    """How far a metric moved for the worse; either way counts where the name does not tell."""
    moved = after - before
    return -direction(metric) * moved if direction(metric) else abs(moved)
