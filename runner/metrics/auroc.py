"""The area under the ROC curve."""

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from runner.metrics.base import Metric, Sums
from runner.metrics.confusion import mean_where
from runner.registry import register


@register("metric", "auroc")
class AreaUnderROC(Metric):
    """How often an example of a class is scored above one of another class; ties count half.

    Of two classes it is that of the second; of more, the mean over the classes of each against the
    rest. A class that no example has, or all have, counts for nothing. It takes every example's
    scores, which are kept until the epoch's end.
    """

    tasks = frozenset({"classes"})
    direction = "higher"
    label = "area under the ROC curve"

    def sums(self, logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return the scores and the classes of all examples, (S, B, C) and (S, B)."""
        return {"scores": logits.log_softmax(-1), "classes": targets}

    def join(self, before: Sums, more: Sums) -> dict[str, Tensor]:
        """Return the examples of both batches."""
        return {name: torch.cat([before[name], more[name]], dim=1) for name in more}

    def finish(self, sums: Sums, examples: int) -> Tensor:
        """Return the area, by the ranks of the scores (Mann and Whitney); see ``Metric``."""
        scores, classes = sums["scores"], sums["classes"]
        belongs = one_hot(classes, scores.shape[-1]).mT  # (S, C, N) whole numbers
        if scores.shape[-1] == 2:
            scores, belongs = scores[..., 1:], belongs[:, 1:]
        members = belongs.sum(-1)
        others = examples - members
        # Twice the ranks, which are halves where scores are equal.
        above = (_twice_the_ranks(scores.mT.contiguous()) * belongs).sum(-1)
        twice = above - members * (members + 1)
        areas = twice.to(scores.dtype) / (2 * members * others).to(scores.dtype)
        return mean_where(areas, members * others > 0)


def _twice_the_ranks(scores: Tensor) -> Tensor:
    """Return twice the rank of each score among those of its row, from 1, the mean for ties."""
    ordered = scores.sort(-1).values
    below = torch.searchsorted(ordered, scores, side="left")
    up_to = torch.searchsorted(ordered, scores, side="right")
    return below + up_to + 1
