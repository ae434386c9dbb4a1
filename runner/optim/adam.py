"""Adam: steps scaled by running moments of the gradient."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor

from runner.hyper import NonNegative, PerMember
from runner.optim.base import Tensors
from runner.optim.elementwise import Elementwise
from runner.registry import register

Betas = Annotated[Tensor, PerMember(ge=0, lt=1, length=2)]


@register("optim", "adam")
@dataclass(kw_only=True, eq=False)
class Adam(Elementwise):
    """Adam, with the weight decay added to the gradient.

    ``w ← w - lr m̂ / (√v̂ + ε)``, where m̂ and v̂ are the running means of the gradient and of its
    square, corrected for starting at zero. Both corrections are folded into the tables, as
    ``(lr √c₂ / c₁) m / (√v + ε √c₂)``. Equal to ``torch.optim.Adam`` up to rounding.

    Kingma and Ba, "Adam: a method for stochastic optimization", 2015; "Dive into Deep Learning",
    section "Adam".

    Attributes:
        betas: The decay rates of the running means of the gradient and of its square.
        eps: What is added to the root, against division by zero.
    """

    slots = ("mean", "square")
    example = ("optim.lr=0.003",)

    betas: Betas
    eps: NonNegative

    def tables(self, lr: Tensor, step: Tensor) -> Tensors:
        """Return the shares of old and new in both means, the corrected rate and epsilon."""
        beta1, beta2 = self.betas.unbind(1)
        root = (1 - beta2 ** (step + 1)).sqrt()
        return {
            "mean_share": 1 - beta1,
            "square_kept": beta2,
            "square_share": 1 - beta2,
            "rate": lr * root / (1 - beta1 ** (step + 1)),
            "eps": self.eps * root,
        }

    def step(self, param: Tensor, grad: Tensor, slots: Tensors, at: Tensors) -> None:
        """Update one parameter; see ``Elementwise``."""
        mean = slots["mean"].lerp_(grad, at["mean_share"])
        square = slots["square"].mul_(at["square_kept"])
        square.addcmul_(grad.square_(), at["square_share"])
        scale = torch.sqrt(square, out=grad).add_(at["eps"])
        param.addcmul_(torch.div(mean, scale, out=grad), at["rate"], value=-1)
