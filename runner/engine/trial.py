"""A model tried out before anything is made: trained on a few examples, and refused by name.

The engine computes with tensors of its own and uses the model as a function of them. What a model
does besides is found here by computing the same twice: once by the model itself, as any loop does,
and once as the engine does.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from runner.components_folder import blamed
from runner.engine.attributes import differing_attributes, frozen_copies
from runner.engine.autocast import casting
from runner.engine.layout import laid_out
from runner.engine.members import learnt
from runner.engine.registered import faults, is_close, spoil, tensors_of
from runner.engine.rng import isolated
from runner.engine.step import alone
from runner.errors import ANYONES, RequestError
from runner.losses.base import Loss
from runner.optim.base import Tensors


@dataclass(frozen=True)
class Examples:
    """What a model is tried out on.

    Attributes:
        inputs: (B, …) prepared inputs, as many as a training batch may hold, two at most.
        targets: (B,) classes or (B, T) numbers.
        evaluated: How many are evaluated: as many as the smallest batch of an evaluation.
        outputs: How many numbers a model must give for each.
        told: Why so many, in words: ``digits has 10 classes``.
    """

    inputs: Tensor
    targets: Tensor
    evaluated: int
    outputs: int
    told: str


@dataclass(frozen=True)
class Pass:
    """What one training step's forward and backward pass gave.

    Attributes:
        logits: (B, C).
        gradients: Of the mean loss, by parameter.
        buffers: What the model had besides its parameters afterwards.
        attributes: Copies of its plain attributes, then.
    """

    logits: Tensor
    gradients: Tensors
    buffers: Tensors
    attributes: dict[str, Any]


class Trial:
    """Tries a model out.

    Args:
        told: The model in words: ``model=my-net``.
        models: Two that were built alike; they take the device and the dtype of the examples.
        loss: The loss of the run.
        examples: Some of its training set.
        seed: Of what the model draws.
        autocast: The type that the model computes in, if not that of the examples.
    """

    def __init__(
        self,
        told: str,
        models: Sequence[nn.Module],
        loss: Loss,
        examples: Examples,
        seed: int,
        autocast: torch.dtype | None = None,
    ) -> None:
        self.autocast = autocast
        self.told, self.loss, self.examples, self.seed = told, loss, examples, seed
        self.model, self.twin = models

    def __call__(self) -> None:
        """Find out whether the model can be trained.

        Raises:
            RequestError: It can't, or not rightly; one sentence says why, and what to write.
        """
        for fault in faults(self.model, self.twin):
            self._refuse(fault)
        inputs = self.examples.inputs.clone()
        for model in (self.model, self.twin):
            model.to(inputs.device, inputs.dtype)
        tensors = tensors_of(self.twin)
        before = frozen_copies(self.model)
        by_itself = self._trained_by_itself()
        if not torch.equal(inputs, self.examples.inputs):
            self._refuse("changes its inputs in place; let it work on a copy: x = x.clone()")
        after = by_itself.attributes
        self._check_registered(tensors, dict(self.model.named_buffers()))
        spoil(self.model)
        as_function = self._trained_as_function(_cloned(tensors))
        if names := differing_attributes(after, as_function.attributes):
            self._refuse_memory(differing_attributes(before, after) or names)
        self._compare(by_itself, as_function)
        unused, used = (self._evaluated(model, tensors) for model in (self.twin, self.model))
        if not is_close(unused, used):
            self._refuse_memory(differing_attributes(before, after))

    # ---------------------------------------------------------------- computing

    def _trained_by_itself(self) -> Pass:
        """Train as any loop does: the model's own tensors."""
        with self._computing(f"on a training batch of {len(self.examples.inputs)}"):
            inputs, autocast = self._laid_out(), self.autocast
            with casting(inputs, autocast) if autocast else nullcontext():
                output = self.model.train()(inputs)
            logits = self._shaped(output)
            return self._backward(logits, learnt(self.model), dict(self.model.named_buffers()))

    def _trained_as_function(self, tensors: Tensors) -> Pass:
        """Train as the engine does: with other tensors than the model's own."""
        params = {name: tensors.pop(name).requires_grad_() for name in learnt(self.model)}
        with self._computing("where its tensors are handed to it (torch.func.functional_call)"):
            given = (params, tensors, self._laid_out(), self.autocast)
            logits = alone(self.model.train(), *given)[0]
            return self._backward(logits, params, tensors)

    def _evaluated(self, model: nn.Module, tensors: Tensors) -> Tensor:
        """Evaluate a few examples, which may change nothing."""
        buffers, inputs = _cloned(tensors), self._laid_out()[: self.examples.evaluated]
        with self._computing(f"in evaluation, on a batch of {len(inputs)}"), torch.no_grad():
            logits = alone(model.eval(), {}, buffers, inputs, self.autocast)[0]
        if logits.shape != (wanted := (len(inputs), self.examples.outputs)):
            shape = tuple(logits.shape)
            self._refuse(f"gives an output of shape {shape} in evaluation; it must be {wanted}")
        for name, tensor in tensors.items():
            if not is_close(tensor, buffers[name]):
                self._refuse(f"changes '{name}' in evaluation; ask for self.training before")
        return logits

    def _laid_out(self) -> Tensor:
        return laid_out(self.model, self.examples.inputs, self.autocast)

    def _backward(self, logits: Tensor, params: Tensors, buffers: Tensors) -> Pass:
        losses = self.loss(logits.unsqueeze(0), self.examples.targets.unsqueeze(0))
        if not losses.requires_grad:
            self._refuse(
                "gives an output that no parameter has a gradient of: it is detached, or computed "
                "under torch.no_grad()"
            )
        found = torch.autograd.grad(
            losses.mean(), list(params.values()), allow_unused=True, materialize_grads=True
        )
        gradients = _cloned(dict(zip(params, found, strict=True)))
        for name, gradient in gradients.items():
            if gradient.is_sparse:
                self._refuse(f"has a sparse gradient of '{name}'; leave sparse=True out")
        attributes = frozen_copies(self.model, params | buffers)
        # Copies: what the model gave may share memory with its own tensors.
        return Pass(logits.detach().clone(), gradients, _cloned(buffers), attributes)

    @contextmanager
    def _computing(self, when: str) -> Iterator[None]:
        """Seed what the model draws, and say of its own errors whose and when they are."""
        try:
            with isolated(self.seed, "trial", self.examples.inputs.device):
                yield
        except RequestError:
            raise
        except ANYONES as error:
            self._refuse(f"fails {when}: {blamed(error)}")

    # ---------------------------------------------------------------- after

    def _shaped(self, output: object) -> Tensor:
        """Refuse an output that is no (B, C) tensor of floating-point numbers."""
        examples, count = self.examples, len(self.examples.inputs)
        wanted = (count, examples.outputs)
        if not isinstance(output, Tensor):
            self._refuse(
                f"gives {_kind(output)} for {count} examples; it must be a tensor of shape "
                f"{wanted}, since {examples.told}"
            )
        if not output.is_floating_point():
            self._refuse(f"gives {output.dtype} numbers; it must give floating-point ones")
        asked = self.autocast or examples.inputs.dtype
        if torch.finfo(output.dtype).bits < torch.finfo(asked).bits:
            self._refuse(f"gives {output.dtype} numbers where device.precision asks for {asked}")
        if output.ndim == 2 and len(output) == count and output.shape != wanted:
            self._refuse(f"gives {_counted(output.shape[1])} per example, and {examples.told}")
        if output.shape != wanted:
            self._refuse(
                f"gives an output of shape {tuple(output.shape)} for {count} examples; it must be "
                f"{wanted}, since {examples.told}"
            )
        return output.to(examples.inputs.dtype) if self.autocast else output

    def _refuse_memory(self, names: Sequence[str]) -> NoReturn:
        """Refuse what a model remembers where neither checkpoints nor members find it."""
        if names:
            name = names[0].rpartition(".")[2]
            self._refuse(
                f"changes its attribute '{names[0]}' in forward, which no checkpoint would hold; "
                f'register it, self.register_buffer("{name}", torch.tensor(…)), and change it in '
                f"place, self.{name}.copy_(…)"
            )
        self._refuse(
            "gives something else when it computes the same once more; let it draw with torch's "
            "global generator, which is seeded, and keep what it remembers in buffers"
        )

    def _check_registered(self, before: Tensors, buffers: Tensors) -> None:
        """Refuse buffers that one training step changes otherwise than in value."""
        for name, tensor in buffers.items():
            old = before.get(name)
            if old is None:
                self._refuse(f"makes the buffer '{name}' in forward; make it in the constructor")
            if (old.shape, old.dtype) != (tensor.shape, tensor.dtype):
                self._refuse(
                    f"changes the buffer '{name}' from {_described(old)} to {_described(tensor)}; "
                    f"register it as it will be"
                )
            if tensor.requires_grad:
                self._refuse(
                    f"changes the buffer '{name}' by what has a gradient; change it by x.detach()"
                )

    def _compare(self, by_itself: Pass, as_function: Pass) -> None:
        """Refuse a model that computes something else when tensors are lent to it."""
        # Its own tensors were spoilt before: what is computed with them is not a number.
        is_spoilt = as_function.logits.isnan().any() and not by_itself.logits.isnan().any()
        if not is_spoilt and not is_close(by_itself.logits, as_function.logits):
            self._refuse_memory([])
        pairs = [(by_itself.gradients, as_function.gradients)]
        pairs += [(by_itself.buffers, as_function.buffers)]
        for mine, lent in pairs:
            for name, tensor in mine.items():
                if not is_close(tensor, lent[name]):
                    self._refuse(
                        f"computes with another '{name}' than its attribute: a list or a function "
                        f"keeps it, or torch.utils.checkpoint, which computes once more later on"
                    )

    def _refuse(self, why: str) -> NoReturn:
        raise RequestError(f"{self.told} {why}.")


def _cloned(tensors: Tensors) -> Tensors:
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def _counted(numbers: int) -> str:
    return "1 number" if numbers == 1 else f"{numbers} numbers"


def _described(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)} of {tensor.dtype}"


def _kind(output: object) -> str:
    return "None" if output is None else f"a {type(output).__name__}"
