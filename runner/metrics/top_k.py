"""Top-k accuracy."""

from typing import Annotated

from pydantic import Field
from torch import Tensor

from runner.columns import FRACTION
from runner.metrics.base import Metric, Sums
from runner.registry import register


@register("metric", "top-k")
class TopK(Metric):
    """The fraction of examples whose class has one of the k largest logits; ``top-5`` for k = 5.

    Attributes:
        k: How many classes are looked at.
    """

    tasks = frozenset({"classes"})
    direction = "higher"
    unit = FRACTION

    def __init__(self, *, k: Annotated[int, Field(ge=1)]) -> None:
        self.k = k
        self.label = f"top-{k} accuracy"

    def sums(self, logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return how many examples have their class among the k first; see ``Metric``.

        Raises:
            ValueError: There are fewer than k classes.
        """
        if logits.shape[-1] < self.k:
            raise ValueError(f"there are {logits.shape[-1]} classes, and k is {self.k}")
        hits = (logits.topk(self.k).indices == targets.unsqueeze(-1)).any(-1)
        return {"hits": hits.to(logits.dtype).sum(1)}

    def finish(self, sums: Sums, examples: int) -> Tensor:
        """Return the fraction; see ``Metric``."""
        return sums["hits"] / examples

    def column(self, name: str) -> str:
        """Return ``top-5`` for k = 5."""
        return f"top-{self.k}"
