"""Mean absolute error."""

from torch import Tensor

from runner.metrics.base import Metric, Sums
from runner.registry import register


@register("metric", "mae")
class MeanAbsoluteError(Metric):
    """The mean absolute error over examples and target numbers, in their unit."""

    tasks = frozenset({"numbers"})
    direction = "lower"
    label = "mean absolute error"

    def sums(self, logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return the absolute errors, each averaged over the target numbers; see ``Metric``."""
        return {"error": (logits - targets).abs().mean(-1).sum(1)}

    def finish(self, sums: Sums, examples: int) -> Tensor:
        """Return the mean; see ``Metric``."""
        return sums["error"] / examples
