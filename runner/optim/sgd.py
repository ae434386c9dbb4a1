"""Stochastic gradient descent."""

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor

from runner.errors import RequestError
from runner.hyper import Fraction, PerMember
from runner.optim.base import Tensors
from runner.optim.elementwise import Elementwise, any_of
from runner.registry import register

Dampening = Annotated[Tensor, PerMember(ge=0, le=1)]


@register("optim", "sgd")
@dataclass(kw_only=True, eq=False)
class SGD(Elementwise):
    """Gradient descent, with heavy-ball or Nesterov momentum where asked for.

    ``v ← μ v + (1 - dampening) g`` (``v ← g`` at first), ``w ← w - lr v``; Nesterov's variant
    takes ``g + μ v`` in place of ``v``. Equal to ``torch.optim.SGD``.

    Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013;
    "Dive into Deep Learning", sections "Stochastic Gradient Descent" and "Momentum".

    Attributes:
        momentum: The part μ of the last velocity that is kept.
        dampening: The part of the gradient that is left out of the velocity.
        nesterov: Whether the gradient is followed by the velocity after it (Nesterov's variant).
        rolls: Whether any member has momentum; without, no buffer is kept.
    """

    example = ("optim.lr=0.05",)

    momentum: Fraction
    dampening: Dampening
    nesterov: bool

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.nesterov and (bool((self.momentum == 0).any()) or any_of(self.dampening)):
            raise RequestError("optim.nesterov needs a momentum above 0 and a dampening of 0.")
        self.rolls = any_of(self.momentum)

    @property
    def slots(self) -> tuple[str, ...]:
        """The velocity, where there is momentum."""
        return ("velocity",) if self.rolls else ()

    def tables(self, lr: Tensor, step: Tensor) -> Tensors:
        """Return ``lr``, ``momentum`` and ``share``, the part of the gradient that joins it."""
        if not self.rolls:
            return {"lr": lr}
        damped = (step > 0) & (self.momentum > 0)  # torch dampens neither the first step nor mu = 0
        return {"lr": lr, "momentum": self.momentum, "share": 1 - self.dampening * damped}

    def step(self, param: Tensor, grad: Tensor, slots: Tensors, at: Tensors) -> None:
        """Update one parameter; see ``Elementwise``."""
        if self.rolls:
            velocity = slots["velocity"].mul_(at["momentum"]).addcmul_(grad, at["share"])
            grad = grad.addcmul_(velocity, at["momentum"]) if self.nesterov else velocity
        param.addcmul_(grad, at["lr"], value=-1)


@register("optim", "momentum")
class Momentum(SGD):
    """The same rule under the name a course gives it; its YAML has a momentum of 0.9."""

    example = ("optim.lr=0.005",)
