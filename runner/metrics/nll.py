"""Negative log-likelihood."""

from torch import Tensor

from runner.metrics.base import Metric, Sums
from runner.registry import register


@register("metric", "nll")
class NegativeLogLikelihood(Metric):
    """The mean of -log p of the right class; the cross-entropy, whatever loss is trained on."""

    tasks = frozenset({"classes"})
    direction = "lower"
    label = "negative log-likelihood"

    def sums(self, logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return the negative log-likelihood of the right classes; see ``Metric``."""
        right = logits.log_softmax(-1).gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        return {"nll": -right.sum(1)}

    def finish(self, sums: Sums, examples: int) -> Tensor:
        """Return the mean; see ``Metric``."""
        return sums["nll"] / examples
