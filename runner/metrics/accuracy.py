"""Accuracy: how often the class of the largest logit is the right one."""

from torch import Tensor

from runner.columns import FRACTION
from runner.metrics.base import Metric, Sums
from runner.registry import register


@register("metric", "accuracy")
class Accuracy(Metric):
    """The fraction of examples classified rightly, 0 to 1."""

    tasks = frozenset({"classes"})
    default_for = frozenset({"classes"})
    direction = "higher"
    label = "accuracy"
    unit = FRACTION

    def sums(self, logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return how many examples were classified rightly; see ``Metric``."""
        return {"correct": (logits.argmax(-1) == targets).to(logits.dtype).sum(1)}

    def finish(self, sums: Sums, examples: int) -> Tensor:
        """Return the fraction; see ``Metric``."""
        return sums["correct"] / examples
