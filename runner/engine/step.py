"""One step of training for all members of a group: forward, objective, backward, update.

The only place that knows ``vmap``. Shapes: S members, B examples, C outputs.
"""

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from runner.engine.members import Members
from runner.losses import Loss
from runner.optim.base import Optimizer, Tensors
from runner.regularizers import Regularizer, penalised


def alone(model: nn.Module, tensors: Tensors, inputs: Tensor) -> Tensor:
    """Run a single member: its tensors without a member axis, (B, …) inputs, (1, B, C) logits."""
    logits: Tensor = functional_call(model, tensors, (inputs,))
    return logits.unsqueeze(0)


def together(
    model: nn.Module, params: Tensors, buffers: Tensors, inputs: Tensor, *, shared: bool
) -> Tensor:
    """Run all members of a group at once.

    Args:
        model: The architecture.
        params: name to (S, …).
        buffers: name to (S, …); running statistics are updated in place while training.
        inputs: (B, …) if shared, else (S, B, …).
        shared: Whether all members see the same examples; the first layer is then one product.

    Returns:
        (S, B, C) logits.
    """
    in_dims = (0, 0, None if shared else 0)
    call = vmap(lambda p, b, x: functional_call(model, (p, b), (x,)), in_dims=in_dims)
    logits: Tensor = call(params, buffers, inputs)
    return logits


def predict(members: Members, inputs: Tensor) -> Tensor:
    """Return the (S, B, C) logits of all members for the same (B, …) inputs, as in use."""
    members.model.eval()
    with torch.no_grad():
        if len(members) == 1:
            one = {name: t[0] for name, t in (members.params | members.buffers).items()}
            return alone(members.model, one, inputs)
        return together(members.model, members.params, members.buffers, inputs, shared=True)


class Step:
    """Takes training steps for a group; made anew when the group loses members.

    Args:
        members: The group, updated in place.
        loss: Per-example loss of logits (S, B, C).
        regularizer: The penalty on the weights.
        optimizer: The update rule.
    """

    def __init__(
        self, members: Members, loss: Loss, regularizer: Regularizer, optimizer: Optimizer
    ) -> None:
        self.members, self.loss = members, loss
        self.regularizer, self.optimizer = regularizer, optimizer
        self.is_alone = len(members) == 1
        # Leaves share their storage with the stacked parameters, which are updated in place.
        self.leaves = {
            name: self._own(tensor).detach().requires_grad_()
            for name, tensor in members.params.items()
        }
        self.buffers = {name: self._own(tensor) for name, tensor in members.buffers.items()}
        self.penalised = penalised(members.params, regularizer.bias)

    def __call__(
        self, inputs: Tensor, targets: Tensor, noise: Tensors, at: Tensors, *, shared: bool
    ) -> tuple[Tensor, Tensor]:
        """Take one step.

        Args:
            inputs: (B, …) if shared, else (S, B, …).
            targets: (S, B) classes or (S, B, C) numbers.
            noise: Buffer name to (S, B, …) uniform noise for the noise layers.
            at: The optimizer's coefficients for this step, each (S,).
            shared: Whether all members see the same examples.

        Returns:
            Losses (S, B) and logits (S, B, C), from before the update.
        """
        logits = self._forward(inputs, noise, shared=shared)
        losses = self.loss(logits, targets)
        # A sum over members keeps them independent: none enters another's gradient.
        objective = losses.mean(1).sum()
        if self.regularizer.active and self.penalised:
            objective = objective + self._penalty()
        self._update(torch.autograd.grad(objective, list(self.leaves.values())), at)
        return losses.detach(), logits.detach()

    def _forward(self, inputs: Tensor, noise: Tensors, *, shared: bool) -> Tensor:
        model = self.members.model
        buffers = self.buffers | {name: self._own(tensor) for name, tensor in noise.items()}
        if self.is_alone:
            return alone(model, self.leaves | buffers, inputs if shared else inputs[0])
        return together(model, self.leaves, buffers, inputs, shared=shared)

    def _penalty(self) -> Tensor:
        weights = [self._with_axis(self.leaves[name]) for name in self.penalised]
        return self.regularizer(weights).sum()

    @torch.no_grad()
    def _update(self, gradients: tuple[Tensor, ...], at: Tensors) -> None:
        grads = {
            name: self._with_axis(gradient)
            for name, gradient in zip(self.leaves, _own_memory(gradients), strict=True)
        }
        self.optimizer.update(self.members.params, grads, self.members.state, at)

    def _own(self, tensor: Tensor) -> Tensor:
        return tensor[0] if self.is_alone else tensor

    def _with_axis(self, tensor: Tensor) -> Tensor:
        return tensor.unsqueeze(0) if self.is_alone else tensor


def _own_memory(gradients: tuple[Tensor, ...]) -> list[Tensor]:
    """Copy gradients that share memory: autograd may return one tensor twice, or expanded ones.

    Optimizers overwrite gradients, and would spoil one parameter's with another's.
    """
    seen: set[int] = set()
    own = []
    for gradient in gradients:
        shared = gradient.data_ptr() in seen or 0 in gradient.stride()
        own.append(gradient.clone(memory_format=torch.contiguous_format) if shared else gradient)
        seen.add(gradient.data_ptr())
    return own
