"""The words that tables, comparisons and figures have in common."""

from collections.abc import Sequence
from typing import Any

LOSSES = {
    "squared": "half squared error",
    "mse": "mean squared error",
    "mse-one-hot": "mean squared error",
}


def short(value: Any, width: int = 22) -> str:
    """A value for a label: numbers without idle digits, long words cut."""
    text = f"{value:g}" if isinstance(value, (int, float)) else str(value)
    if value != value:
        text = "not set"
    return text if len(text) <= width else text[: width - 1] + "…"


def plain(text: str) -> str:
    """The text as it is: a dollar sign starts no formula."""
    return text.replace("$", r"\$")


def metric_label(metric: str, loss: str | None) -> str:
    """A metric's name for an axis, with what the loss is: ``test loss (cross-entropy)``."""
    words = metric.replace("/", " ")
    named = LOSSES.get(loss or "", loss)
    return f"{words} ({named})" if words.endswith("loss") and named else words


def main_metric(columns: Sequence[str], task: str | None) -> str | None:
    """The metric that tells points apart, on the split that was trained on least.

    Args:
        columns: The columns at hand.
        task: ``"classes"``, ``"numbers"``, or None where it is not known.
    """
    kinds = ["loss"] if task == "numbers" else ["accuracy", "loss"]
    names = [f"{split}/{kind}" for kind in kinds for split in ("test", "val", "train")]
    return next((name for name in names if name in columns), None)


def describe(config: dict[str, Any], varying: Sequence[str] = ()) -> str:
    """Dataset and model in words, without those that vary.

    Args:
        config: The composed config, possibly empty.
        varying: The swept keys.
    """
    groups = [config.get(group) for group in ("dataset", "model") if group not in varying]
    return ", ".join(
        str(group["name"]) for group in groups if isinstance(group, dict) and "name" in group
    )


def point_label(values: Sequence[Any]) -> str:
    """The swept values of a point, for a legend."""
    return ", ".join(short(value) for value in values)
