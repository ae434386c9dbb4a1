"""Expected calibration error."""

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import one_hot

from runner.metrics.base import Metric, Sums
from runner.registry import register


@register("metric", "calibration-error")
class CalibrationError(Metric):
    """How far the confidence of the predicted class is from how often it is right.

    Examples are put into bins of equal width by the probability of their predicted class; the gap
    between a bin's mean confidence and its accuracy is averaged, each bin by its examples.

    Guo et al., "On calibration of modern neural networks", 2017.

    Attributes:
        bins: How many bins there are between 0 and 1.
    """

    tasks = frozenset({"classes"})
    direction = "lower"
    label = "expected calibration error"

    def __init__(self, *, bins: Annotated[int, Field(ge=1)]) -> None:
        self.bins = bins

    def sums(self, logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return the confidences and the right ones of each bin, (S, bins); see ``Metric``."""
        confidence, predicted = logits.softmax(-1).max(-1)
        place = (confidence * self.bins).long().clamp(max=self.bins - 1)
        bins = one_hot(place, self.bins).to(logits.dtype)
        right = (predicted == targets).to(logits.dtype)
        return {
            "confidence": torch.einsum("sb,sbn->sn", confidence, bins),
            "right": torch.einsum("sb,sbn->sn", right, bins),
        }

    def finish(self, sums: Sums, examples: int) -> Tensor:
        """Return the mean gap; see ``Metric``."""
        return (sums["confidence"] - sums["right"]).abs().sum(1) / examples
