"""The macro F1 score."""

from torch import Tensor

from runner.metrics.base import Metric, Sums
from runner.metrics.confusion import confusion, mean_where
from runner.registry import register


@register("metric", "f1")
class MacroF1(Metric):
    """The mean over the classes of F1, the harmonic mean of precision and recall.

    A class that no example has and none is taken for counts for nothing.
    """

    tasks = frozenset({"classes"})
    direction = "higher"
    label = "macro F1"

    def sums(self, logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return the confusion matrix; see ``Metric``."""
        return {"confusion": confusion(logits, targets)}

    def finish(self, sums: Sums, examples: int) -> Tensor:
        """Return the mean of 2 · right / (examples of the class + taken for it)."""
        matrix = sums["confusion"]
        right, either = matrix.diagonal(dim1=1, dim2=2), matrix.sum(2) + matrix.sum(1)
        return mean_where(2 * right / either, either > 0)
