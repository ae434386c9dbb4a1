"""Functions to minimise where there is no data: ``dataset=none``, ``model=point``.

Shapes: a point has D coordinates on its last axis; S members, B copies of a point (one, in use).
"""

from abc import abstractmethod
from dataclasses import dataclass
from math import pi
from typing import Annotated, ClassVar

import torch
from pydantic import Field
from torch import Tensor

from runner.losses.base import OBJECTIVE, Loss
from runner.registry import register

Curvatures = Annotated[list[float], Field(min_length=1)]
Scale = Annotated[float, Field(gt=0)]


class Objective(Loss):
    """A function of D coordinates.

    Attributes:
        domain: The range of every coordinate in which its plot is drawn, at the least.
    """

    tasks = OBJECTIVE
    domain: ClassVar[tuple[float, float]]

    @property
    @abstractmethod
    def dimensions(self) -> int:
        """How many coordinates it takes."""

    @abstractmethod
    def value(self, points: Tensor) -> Tensor:
        """Return the function's value, (…), at points (…, D)."""

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the value at each point (S, B, D), (S, B); there are no targets."""
        return self.value(logits)


@register("loss", "quadratic")
@dataclass(kw_only=True, eq=False)
class Quadratic(Objective):
    """``Σ cᵢ xᵢ²``: x² with one curvature, a bowl or a valley with two.

    "Dive into Deep Learning", sections "Gradient Descent" (x² and x₁² + 2x₂²) and "Momentum"
    (0.1x₁² + 2x₂²). A negative curvature makes a saddle without a floor: section "Optimization
    and Deep Learning" has x₁² - x₂².

    Attributes:
        curvatures: The coefficient cᵢ of each coordinate's square.
    """

    domain = (-5.5, 5.5)

    curvatures: Curvatures

    @property
    def dimensions(self) -> int:
        """How many curvatures were given."""
        return len(self.curvatures)

    def value(self, points: Tensor) -> Tensor:
        """Return ``Σ cᵢ xᵢ²``; see ``Objective``."""
        # A tensor made of these numbers would be a copy to the device in every step.
        squares = zip(self.curvatures, points.square().unbind(-1), strict=True)
        return torch.stack([c * square for c, square in squares], -1).sum(-1)


class OfOneNumber(Objective):
    """A function of a single coordinate."""

    dimensions = 1
    example: ClassVar[tuple[str, ...]] = ("model.start=[1]",)

    def value(self, points: Tensor) -> Tensor:
        """Return the function's value; see ``Objective``."""
        return self.of(points[..., 0])

    @abstractmethod
    def of(self, x: Tensor) -> Tensor:
        """Return the function's value at each number, element by element."""


@register("loss", "wave")
@dataclass(kw_only=True, eq=False)
class Wave(OfOneNumber):
    """``x · cos(f π x)``, which has many minima.

    "Dive into Deep Learning", section "Gradient Descent", with f = 0.15.

    Attributes:
        frequency: The factor f in the cosine.
    """

    domain = (-10.5, 10.5)

    frequency: Scale

    def of(self, x: Tensor) -> Tensor:
        """Return ``x · cos(f π x)``; see ``OfOneNumber``."""
        return x * torch.cos(self.frequency * pi * x)


@register("loss", "cosh")
@dataclass(kw_only=True, eq=False)
class Cosh(OfOneNumber):
    """``cosh(s x)``, convex with one minimum at 0.

    "Dive into Deep Learning", section "Gradient Descent", "Newton's Method", with s = 0.5.

    Attributes:
        scale: The factor s of x.
    """

    domain = (-10.5, 10.5)

    scale: Scale

    def of(self, x: Tensor) -> Tensor:
        """Return ``cosh(s x)``; see ``OfOneNumber``."""
        return torch.cosh(self.scale * x)


@register("loss", "himmelblau")
class Himmelblau(Objective):
    """``(x² + y - 11)² + (x + y² - 7)²``: four minima, all of value 0.

    They lie at (3, 2), (-2.805, 3.131), (-3.779, -3.283) and (3.584, -1.848). Himmelblau, "Applied
    Nonlinear Programming", 1972.
    """

    dimensions = 2
    domain = (-6.0, 6.0)

    def value(self, points: Tensor) -> Tensor:
        """Return Himmelblau's function; see ``Objective``."""
        x, y = points.unbind(-1)
        return (x.square() + y - 11).square() + (x + y.square() - 7).square()


@register("loss", "double-well")
class DoubleWell(Objective):
    """``x² + (y² - 1)² / 4``: a saddle point between two minima.

    The saddle is (0, 0), of value 1/4 and curvatures 2 along x and -1 along y; the minima are
    (0, -1) and (0, 1), of value 0. Unlike x² - y² it does not fall without end.
    """

    dimensions = 2
    domain = (-1.6, 1.6)

    def value(self, points: Tensor) -> Tensor:
        """Return the function; see ``Objective``."""
        x, y = points.unbind(-1)
        return x.square() + (y.square() - 1).square() / 4
