"""One step of training for all members of a group: forward, objective, backward, update.

The only place that knows ``vmap``. Shapes: S members, B examples, C outputs.
"""

from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.linalg import vector_norm

from runner.engine.autocast import casting
from runner.engine.layout import laid_out
from runner.engine.members import Members
from runner.losses.base import Loss
from runner.optim.base import Optimizer, Tensors
from runner.regularizers import Regularizer, penalised

NOTHING = nullcontext()


def alone(
    model: nn.Module,
    params: Tensors,
    buffers: Tensors,
    inputs: Tensor,
    autocast: torch.dtype | None = None,
) -> Tensor:
    """Run a single member.

    Args:
        model: The architecture.
        params: Its parameters, without a member axis.
        buffers: What it has besides; what it changes while training is changed in place.
        inputs: (B, …).
        autocast: The type to compute in where it is not the parameters' own.

    Returns:
        (1, B, C) logits.
    """
    tensors = params | buffers
    with casting(inputs, autocast) if autocast else NOTHING:
        logits: Tensor = functional_call(model, tensors, (inputs,))
    if reassigned := _reassigned(buffers, tensors):
        _take_over(buffers, reassigned)
    return (logits.to(inputs.dtype) if autocast else logits).unsqueeze(0)


def together(
    model: nn.Module,
    params: Tensors,
    buffers: Tensors,
    inputs: Tensor,
    autocast: torch.dtype | None = None,
    *,
    shared: bool,
) -> Tensor:
    """Run all members of a group at once.

    Args:
        model: The architecture.
        params: name to (S, …).
        buffers: name to (S, …); what changes while training is changed in place.
        inputs: (B, …) if shared, else (S, B, …).
        autocast: The type to compute in where it is not the parameters' own.
        shared: Whether all members see the same examples; the first layer is then one product.

    Returns:
        (S, B, C) logits.
    """

    def call(params: Tensors, buffers: Tensors, inputs: Tensor) -> Tensor | tuple[Tensor, Tensors]:
        tensors = params | buffers
        logits: Tensor = functional_call(model, tensors, (inputs,))
        reassigned = _reassigned(buffers, tensors)
        return (logits, reassigned) if reassigned else logits  # a tuple takes vmap longer

    in_dims = (0, 0, None if shared else 0)
    with casting(inputs, autocast) if autocast else NOTHING:
        outcome: Tensor | tuple[Tensor, Tensors] = vmap(call, in_dims)(params, buffers, inputs)
    if isinstance(outcome, Tensor):
        return outcome.to(inputs.dtype) if autocast else outcome
    logits, reassigned = outcome
    _take_over(buffers, reassigned)
    return logits.to(inputs.dtype) if autocast else logits


def _reassigned(buffers: Tensors, after: Tensors) -> Tensors:
    """Return the buffers that the model replaced (``self.mean = …``), not changed in place.

    ``functional_call`` leaves what the model has in the end in the dictionary it was given.
    """
    return {name: after[name] for name, buffer in buffers.items() if after[name] is not buffer}


@torch.no_grad()
def _take_over(buffers: Tensors, reassigned: Tensors) -> None:
    for name, value in reassigned.items():
        buffers[name].copy_(value)


def predict(members: Members, inputs: Tensor) -> Tensor:
    """Return the (S, B, C) logits of all members for the same (B, …) inputs, as in use."""
    members.model.eval()
    with torch.no_grad():
        if len(members) == 1:
            parts = (members.params, members.buffers)
            params, buffers = ({name: t[0] for name, t in part.items()} for part in parts)
            images = laid_out(members.model, inputs, members.autocast)
            return alone(members.model, params, buffers, images, members.autocast)
        tensors = (members.params, members.buffers)
        return together(members.model, *tensors, inputs, members.autocast, shared=True)


@dataclass(frozen=True)
class Batch:
    """What one step sees: inputs, targets and noise as ``Step`` takes them."""

    inputs: Tensor
    targets: Tensor
    noise: Tensors
    shared: bool


class Step:
    """Takes training steps for a group; made anew when the group loses members.

    Args:
        members: The group, updated in place.
        loss: Per-example loss of logits (S, B, C).
        regularizer: The penalty on the weights.
        optimizer: The update rule.
        gradient_norms: Whether to keep the norms of the weights' gradients after each step.

    Attributes:
        norms: Weight name to (S,), the norm of its gradient in the last step, penalty included.
    """

    def __init__(
        self,
        members: Members,
        loss: Loss,
        regularizer: Regularizer,
        optimizer: Optimizer,
        *,
        gradient_norms: bool = False,
    ) -> None:
        self.members, self.loss = members, loss
        self.regularizer, self.optimizer = regularizer, optimizer
        self.keeps_norms = gradient_norms
        self.norms: Tensors = {}
        self.is_alone = len(members) == 1
        # Leaves share their storage with the stacked parameters, which are updated in place.
        self.leaves = {
            name: self._own(tensor).detach().requires_grad_()
            for name, tensor in members.params.items()
        }
        self.buffers = {name: self._own(tensor) for name, tensor in members.buffers.items()}
        self.penalised = penalised(members.params, regularizer.bias)
        self.weights = penalised(members.params, bias=False)

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
        batch = Batch(inputs, targets, noise, shared)
        objective, losses, logits = self._evaluate(self.leaves, self.buffers, batch)
        # A model may return its very parameters, which the update changes.
        before = losses.detach().clone(), logits.detach().clone()
        # A sum over members keeps them independent: none enters another's gradient.
        # What a step does not use has a gradient of zero.
        gradients = torch.autograd.grad(
            objective.sum(), list(self.leaves.values()), allow_unused=True, materialize_grads=True
        )
        self._update(gradients, at, batch)
        return before

    def _evaluate(
        self, leaves: Tensors, buffers: Tensors, batch: Batch
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the objective (S,), the losses (S, B) and the logits (S, B, C) of a batch."""
        logits = self._forward(leaves, buffers, batch)
        losses = self.loss(logits, batch.targets)
        objective = losses.mean(1)
        if self.regularizer.active and self.penalised:
            weights = [self._with_axis(leaves[name]) for name in self.penalised]
            objective = objective + self.regularizer(weights)
        return objective, losses, logits

    def _forward(self, leaves: Tensors, buffers: Tensors, batch: Batch) -> Tensor:
        model, autocast = self.members.model, self.members.autocast
        buffers = buffers | {name: self._own(tensor) for name, tensor in batch.noise.items()}
        if self.is_alone:
            inputs = batch.inputs if batch.shared else batch.inputs[0]
            return alone(model, leaves, buffers, laid_out(model, inputs, autocast), autocast)
        return together(model, leaves, buffers, batch.inputs, autocast, shared=batch.shared)

    @torch.enable_grad()  # a model may ask whether it is trained or only used
    def _objective_at(self, params: Tensors, batch: Batch) -> Tensor:
        """Return the objective (S,) at other parameters, leaving the running statistics alone."""
        leaves = {name: self._own(tensor) for name, tensor in params.items()}
        buffers = {name: tensor.clone() for name, tensor in self.buffers.items()}
        return self._evaluate(leaves, buffers, batch)[0]

    @torch.no_grad()
    def _update(self, gradients: tuple[Tensor, ...], at: Tensors, batch: Batch) -> None:
        grads = {
            name: self._with_axis(gradient)
            for name, gradient in zip(self.leaves, _own_memory(gradients), strict=True)
        }
        if self.keeps_norms:
            self.norms = {name: vector_norm(grads[name].flatten(1), dim=1) for name in self.weights}
        members = self.members
        self.optimizer.update(
            members.params, grads, members.state, at, partial(self._objective_at, batch=batch)
        )

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
