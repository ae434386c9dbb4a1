"""Clipping by the norm of a member's whole gradient."""

import torch
from torch import Tensor
from torch.linalg import vector_norm

from runner.optim.base import Tensors, per_member

MARGIN = 1e-6  # torch.nn.utils.clip_grad_norm_ divides by the norm plus this


def clip_(grads: Tensors, clip_norm: Tensor) -> None:
    """Scale each member's gradient, in place, to a 2-norm of at most ``clip_norm``.

    The norm is taken over all parameters together. No member's norm enters another's scale, so a
    gradient that is not finite spoils only its own member.

    Pascanu et al., "On the difficulty of training recurrent neural networks", 2013; "Dive into
    Deep Learning", section "Gradient Clipping".

    Args:
        grads: name to (S, …); no two of them may share memory.
        clip_norm: (S,) largest norms, in the dtype of the gradients.
    """
    scale = (clip_norm / (_norms(grads) + MARGIN)).clamp_(max=1.0)
    for grad in grads.values():
        grad.mul_(per_member(scale, grad))


def _norms(grads: Tensors) -> Tensor:
    """The norm of each member's gradient over all parameters, (S,)."""
    parts = [vector_norm(grad.reshape(len(grad), -1), dim=1) for grad in grads.values()]
    norms: Tensor = vector_norm(torch.stack(parts), dim=0)
    return norms
