"""Balanced accuracy."""

from torch import Tensor

from runner.metrics.base import Metric, Sums
from runner.metrics.confusion import confusion, mean_where
from runner.registry import register


@register("metric", "balanced-accuracy")
class BalancedAccuracy(Metric):
    """The mean over the classes of the fraction of their examples classified rightly (recall).

    Classes without an example count for nothing.
    """

    tasks = frozenset({"classes"})
    direction = "higher"
    label = "mean recall of the classes"

    def sums(self, logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return the confusion matrix; see ``Metric``."""
        return {"confusion": confusion(logits, targets)}

    def finish(self, sums: Sums, examples: int) -> Tensor:
        """Return the mean recall; see ``Metric``."""
        matrix = sums["confusion"]
        right, of_class = matrix.diagonal(dim1=1, dim2=2), matrix.sum(2)
        return mean_where(right / of_class, of_class > 0)
