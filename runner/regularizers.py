"""What is added to the loss to keep the weights small."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Annotated

import torch
from torch import Tensor

from runner.hyper import Hyper, NonNegative, PerMember
from runner.registry import register

Ratio = Annotated[Tensor, PerMember(ge=0, le=1)]


class Regularizer(Hyper, ABC):
    """A penalty on the weights, its coefficient included.

    Attributes:
        bias: Whether biases are penalised as well.
        active: False if every member's coefficient was zero at construction: nothing to compute.
    """

    bias: bool = False
    active: bool = False

    @abstractmethod
    def __call__(self, weights: list[Tensor]) -> Tensor:
        """Return the penalty of each member times its coefficient, (S,).

        Args:
            weights: The penalised parameters, each (S, …); at least one.
        """


@dataclass(kw_only=True, eq=False)
class _Scaled(Regularizer):
    """A regularizer with a coefficient.

    Attributes:
        lambda_: The coefficient λ of the penalty.
    """

    lambda_: NonNegative
    bias: bool = field()  # without the default above

    def __post_init__(self) -> None:
        self.active = bool(self.lambda_.any())


@register("regularizer", "l2")
class L2(_Scaled):
    """``λ/2 · ‖w‖²``, also known as weight decay.

    "Dive into Deep Learning", section "Weight Decay".
    """

    def __call__(self, weights: list[Tensor]) -> Tensor:
        """Return ``λ/2 · ‖w‖²``, (S,); see ``Regularizer``."""
        return _squares(weights) * (self.lambda_.to(weights[0]) / 2)


@register("regularizer", "l1")
class L1(_Scaled):
    """``λ · ‖w‖₁``, which favours weights of exactly zero.

    Tibshirani, "Regression shrinkage and selection via the lasso", 1996.
    """

    def __call__(self, weights: list[Tensor]) -> Tensor:
        """Return ``λ · ‖w‖₁``, (S,); see ``Regularizer``."""
        return _absolutes(weights) * self.lambda_.to(weights[0])


@register("regularizer", "elastic-net")
@dataclass(kw_only=True, eq=False)
class ElasticNet(_Scaled):
    """``λ · (r ‖w‖₁ + (1 - r)/2 · ‖w‖²)``: l1 at a ratio r of 1, l2 at 0.

    Zou and Hastie, "Regularization and variable selection via the elastic net", 2005.

    Attributes:
        l1_ratio: The part r of l1 in the penalty.
    """

    l1_ratio: Ratio

    def __call__(self, weights: list[Tensor]) -> Tensor:
        """Return ``λ · (r ‖w‖₁ + (1 - r)/2 · ‖w‖²)``, (S,); see ``Regularizer``."""
        ratio = self.l1_ratio.to(weights[0])
        mixed = torch.lerp(_squares(weights) / 2, _absolutes(weights), ratio)
        return mixed * self.lambda_.to(weights[0])


@register("regularizer", "none")
class NoPenalty(Regularizer):
    """No penalty, and no keys."""

    def __call__(self, weights: list[Tensor]) -> Tensor:
        """Return (S,) zeros; see ``Regularizer``."""
        return weights[0].new_zeros(len(weights[0]))


def penalised(params: dict[str, Tensor], bias: bool) -> list[str]:
    """Return the names of the parameters that a penalty covers.

    Weights are the parameters of two or more dimensions besides the member axis; scales of
    normalisation are therefore never penalised.

    Args:
        params: name to (S, …).
        bias: Also take the parameters whose name ends in ``bias``: those of layers, and with them
            the shifts of normalisation, which torch calls by the same name.
    """
    return [
        name
        for name, param in params.items()
        if param.ndim >= 3 or (bias and name.rpartition(".")[2] == "bias")
    ]


def _squares(weights: list[Tensor]) -> Tensor:
    """‖w‖² of each member, (S,)."""
    return _total([w * w for w in weights])


def _absolutes(weights: list[Tensor]) -> Tensor:
    """‖w‖₁ of each member, (S,)."""
    return _total([w.abs() for w in weights])


def _total(terms: list[Tensor]) -> Tensor:
    return torch.stack([term.reshape(len(term), -1).sum(1) for term in terms]).sum(0)
