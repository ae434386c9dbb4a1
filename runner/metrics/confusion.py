"""The confusion matrix, from which several metrics of classes are made."""

import torch
from torch import Tensor
from torch.nn.functional import one_hot


def confusion(logits: Tensor, targets: Tensor) -> Tensor:
    """Count the examples of each class that were taken for each class.

    Args:
        logits: (S, B, C).
        targets: (S, B) classes.

    Returns:
        (S, C, C) counts, the true class first, in the logits' dtype.
    """
    classes = logits.shape[-1]
    true, predicted = (one_hot(c, classes).to(logits.dtype) for c in (targets, logits.argmax(-1)))
    return torch.einsum("sbt,sbp->stp", true, predicted)


def mean_where(values: Tensor, known: Tensor) -> Tensor:
    """Return the mean over the last axis of the values that are known, (S, C) both; (S,)."""
    return values.where(known, 0).sum(-1) / known.sum(-1)
