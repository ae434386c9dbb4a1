"""What is reported besides the loss: one measure per task.

Shapes: S members, B examples, C classes, T target numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Metric:
    """A measure that is summed per example on the device and finished once an epoch.

    Attributes:
        name: Its column: ``accuracy`` in ``train/accuracy``.
        per_example: From logits, (S, B, C) or (S, B, T), and targets, (S, B) or (S, B, T), to the
            value of each example, (S, B).
        finish: From the mean over the examples to the measure, element by element.
    """

    name: str
    per_example: Callable[[Tensor, Tensor], Tensor]
    finish: Callable[[Tensor], Tensor]


def correct(logits: Tensor, targets: Tensor) -> Tensor:
    """Return 1 where the largest logit is the target's and 0 elsewhere, (S, B)."""
    return (logits.argmax(-1) == targets).to(logits.dtype)


def squared_error(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the squared error, averaged over the target numbers, (S, B)."""
    return (logits - targets).square().mean(-1)


def unchanged(mean: Tensor) -> Tensor:
    """Return the mean: it is the measure."""
    return mean


ACCURACY = Metric("accuracy", correct, unchanged)
"""The fraction of examples classified rightly, 0 to 1."""

RMSE = Metric("rmse", squared_error, Tensor.sqrt)
"""The root of the mean squared error, in the unit of the targets."""

METRICS: dict[str, tuple[Metric, ...]] = {
    "classes": (ACCURACY,),
    "numbers": (RMSE,),
    "objective": (),
}
