"""Newton's method, for a handful of parameters."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from runner.errors import RequestError
from runner.hyper import Positive
from runner.optim.base import Objective, Optimizer, State, Tensors, per_member
from runner.optim.clip import clip_
from runner.registry import register

MOST = 64  # parameters of a member: each costs a backward pass in every step


@register("optim", "newton")
@dataclass(kw_only=True, eq=False)
class Newton(Optimizer):
    """``w ← w - lr · H⁻¹ g``, with the Hessian H of the objective.

    With ``diagonal`` the rest of H is left out: each coordinate is divided by its own curvature,
    which is preconditioning. With ``absolute`` the directions of negative curvature are walked
    down rather than up: H's eigenvalues are replaced by their magnitudes.

    "Dive into Deep Learning", section "Gradient Descent", "Adaptive Methods".

    Attributes:
        diagonal: Whether only the Hessian's diagonal is used.
        absolute: Whether eigenvalues are replaced by their magnitudes.
        clip_norm: The largest norm of a step; None for no limit.
    """

    capturable = False
    example = ("dataset=linear", "model=linreg", "optim.lr=0.1")

    diagonal: bool
    absolute: bool
    clip_norm: Positive | None

    def init(self, params: Tensors) -> State:
        """Return no state.

        Raises:
            RequestError: There are too many parameters for a Hessian in every step.
        """
        count = sum(math.prod(param.shape[1:]) for param in params.values())
        if count > MOST:
            raise RequestError(
                f"optim=newton takes models of at most {MOST} parameters; this one has {count}."
            )
        return {}

    def coefficients(self, lr: Tensor, first_step: int) -> Tensors:
        """Return ``lr``, and ``clip_norm`` where the step is limited; see ``Optimizer``."""
        tables = {"lr": lr}
        if self.clip_norm is not None:
            tables["clip_norm"] = self.clip_norm.expand_as(lr)
        return tables

    def update(
        self, params: Tensors, grads: Tensors, state: State, at: Tensors, objective: Objective
    ) -> None:
        """Take one step, in place; see ``Optimizer``."""
        hessian = _hessians(params, objective)
        gradient = _joined(grads)
        steps = _split(self._direction(hessian, gradient), params)
        if "clip_norm" in at:
            clip_(steps, at["clip_norm"])
        for name, param in params.items():
            param.addcmul_(steps[name], per_member(at["lr"], param), value=-1)

    def _direction(self, hessian: Tensor, gradient: Tensor) -> Tensor:
        """Return ``H⁻¹ g`` (S, P), of H (S, P, P) and g (S, P)."""
        if self.diagonal:
            curvature = hessian.diagonal(dim1=1, dim2=2)
            return gradient / (curvature.abs() if self.absolute else curvature)
        if not self.absolute:
            direction: Tensor = torch.linalg.solve_ex(hessian, gradient)[0]
            return direction
        values, vectors = torch.linalg.eigh(hessian)
        along = (vectors.mT @ gradient.unsqueeze(-1)).squeeze(-1) / values.abs()
        walked: Tensor = (vectors @ along.unsqueeze(-1)).squeeze(-1)
        return walked


def _hessians(params: Tensors, objective: Objective) -> Tensor:
    """Return each member's Hessian, (S, P, P), its parameters joined in their order."""
    with torch.enable_grad():
        leaves = {name: param.detach().requires_grad_() for name, param in params.items()}
        inputs = list(leaves.values())
        # Summed over members: none enters another's derivatives.
        first = torch.autograd.grad(
            objective(leaves).sum(),
            inputs,
            create_graph=True,
            allow_unused=True,
            materialize_grads=True,
        )
        gradient = _joined(dict(zip(leaves, first, strict=True)))
        rows = [
            torch.autograd.grad(
                column.sum(), inputs, retain_graph=True, allow_unused=True, materialize_grads=True
            )
            for column in gradient.unbind(1)
        ]
    return torch.stack([_joined(dict(zip(leaves, row, strict=True))) for row in rows], dim=1)


def _joined(tensors: Tensors) -> Tensor:
    return torch.cat([tensor.flatten(1) for tensor in tensors.values()], dim=1)


def _split(joined: Tensor, like: Tensors) -> Tensors:
    sizes = [tensor[0].numel() for tensor in like.values()]
    parts = zip(like.items(), torch.split(joined, sizes, dim=1), strict=True)
    return {name: part.reshape(tensor.shape) for (name, tensor), part in parts}
