"""RMSE: how far predicted numbers are from the true ones."""

from torch import Tensor

from runner.metrics.base import Metric, Sums
from runner.registry import register


@register("metric", "rmse")
class RMSE(Metric):
    """The root of the mean squared error over examples and target numbers, in their unit."""

    tasks = frozenset({"numbers"})
    default_for = frozenset({"numbers"})
    direction = "lower"
    label = "root mean squared error"

    def sums(self, logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return the squared errors, each averaged over the target numbers; see ``Metric``."""
        return {"squared_error": (logits - targets).square().mean(-1).sum(1)}

    def finish(self, sums: Sums, examples: int) -> Tensor:
        """Return the root of the mean; see ``Metric``."""
        return (sums["squared_error"] / examples).sqrt()
