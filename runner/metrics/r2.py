"""R², the coefficient of determination."""

from torch import Tensor

from runner.metrics.base import Metric, Sums
from runner.registry import register


@register("metric", "r2")
class RSquared(Metric):
    """The share of the targets' variance that is explained, averaged over the target numbers.

    1 for exact predictions, 0 for those of the targets' mean, below 0 for worse ones; not a number
    where the targets do not vary.
    """

    tasks = frozenset({"numbers"})
    default_for = frozenset({"numbers"})
    direction = "higher"
    label = "R²"

    def sums(self, logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return count, mean and summed squared deviations of the targets, and squared errors.

        The mean is taken off first: squares of numbers far from 0 would lose the digits that count.
        """
        mean = targets.mean(1)
        return {
            "examples": targets.new_full((len(targets), 1), targets.shape[1]),
            "mean": mean,
            "deviations": (targets - mean.unsqueeze(1)).square().sum(1),
            "errors": (logits - targets).square().sum(1),
        }

    def join(self, before: Sums, more: Sums) -> dict[str, Tensor]:
        """Return the figures of both batches together (Chan, Golub and LeVeque, 1979)."""
        examples = before["examples"] + more["examples"]
        apart = more["mean"] - before["mean"]
        between = apart.square() * before["examples"] * more["examples"] / examples
        return {
            "examples": examples,
            "mean": before["mean"] + apart * more["examples"] / examples,
            "deviations": before["deviations"] + more["deviations"] + between,
            "errors": before["errors"] + more["errors"],
        }

    def finish(self, sums: Sums, examples: int) -> Tensor:
        """Return 1 less the squared errors' share of the squared deviations; see ``Metric``."""
        explained = 1 - sums["errors"] / sums["deviations"]
        varies = sums["deviations"] > 0
        return explained.where(varies, explained.new_tensor(float("nan"))).mean(1)
