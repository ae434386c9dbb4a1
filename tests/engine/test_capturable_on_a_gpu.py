"""What a CUDA graph forbids is in no step: a copy from the CPU, or a question for a value.

No GPU is needed: the steps are taken on tensors that have a device and a shape, and no numbers.
"""

import traceback
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import get_args

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from runner.datasets.augment import Augmentation
from runner.engine import step
from runner.engine.captured import Captured, Given
from runner.engine.counter import places
from runner.registry import find, names

RUNNER = Path(step.__file__).parents[1]
STEPS, BATCH = 2, 8
SMALL = ("dataset=digits", "model=lenet", f"batch_size={BATCH}")
COMPONENTS = [
    (group, name)
    for group in ("model", "loss", "regularizer", "optim")
    for name in names(group)
    if getattr(find(group, name), "capturable", True)
]


class Forbidden(TorchDispatchMode):
    """Keeps what a CUDA graph could not hold: each operation, and the program's line of it."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        given, made = devices([args, kwargs]), devices(result)
        crosses = "copy" in operation.name() and "cpu" in given and "cuda" in given | made
        if crosses or torch.Tag.data_dependent_output in operation.tags:
            lines = traceback.extract_stack()
            own = [line for line in lines if Path(line.filename).is_relative_to(RUNNER)]
            self.found.append(f"{operation.name()}: {own[-1].filename}:{own[-1].lineno}")
        return result


def devices(tree):
    return {leaf.device.type for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)}


def on_a_gpu(tree):
    """The same tensors on a GPU, without their numbers; of a dataclass, those of its fields."""
    if is_dataclass(tree):
        parts = {field.name: getattr(tree, field.name) for field in fields(tree)}
        return replace(tree, **{name: on_a_gpu(part) for name, part in parts.items()})
    return tree_map(_moved, tree)


def _moved(leaf):
    if not isinstance(leaf, torch.Tensor):
        return leaf
    return torch.empty_strided(leaf.shape, leaf.stride(), dtype=leaf.dtype, device="cuda")


def moved(group):
    """A group of which what training changes, its data and its numbers are on a GPU."""
    data = on_a_gpu(replace(group.data, val=None, test=None))
    place = (torch.device("cuda"), group.dtype)
    loss, regularizer = group.loss.to(*place), group.regularizer.to(*place)
    members = on_a_gpu(group.members)
    return replace(group, members=members, data=data, loss=loss, regularizer=regularizer)


def forbidden_in_a_step(group, monkeypatch):
    """What captured steps of a group do that a CUDA graph could not hold."""
    # Tensors without numbers have no memory to compare, and no backward pass through vmap.
    monkeypatch.setattr(step, "_own_memory", lambda grads: [grad.clone() for grad in grads])
    monkeypatch.setattr(
        torch.autograd, "grad", lambda of, by, **_: tuple(torch.empty_like(one) for one in by)
    )
    places.cache_clear()
    shared = len(set(group.seeds)) == 1
    with FakeTensorMode(allow_non_fake_inputs=True):
        group = moved(group)
        take = Captured(group, lambda work: work, STEPS, shared=shared)
        table = group.optimizer.coefficients(torch.ones(STEPS, len(group)), 0)
        like = {"device": "cuda"}
        given = Given(
            rows=torch.zeros(1 if shared else len(group), STEPS * BATCH, dtype=torch.int64, **like),
            at=torch.zeros(STEPS, len(table), len(group), dtype=group.dtype, **like),
            first=torch.zeros(1, dtype=torch.int64, **like),
        )
        group.members.model.train()
        take._steps(given, list(table))  # the first one may set things up
        with Forbidden() as watch:
            take._steps(given, list(table))
    places.cache_clear()
    return watch.found


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize(("kind", "name"), COMPONENTS)
def test_a_step_of_every_component(make_config, example, build, monkeypatch, kind, name, members):
    words = (*example(kind, name), f"batch_size={BATCH}")
    group = build([make_config(*words, seed=seed) for seed in range(members)])
    assert forbidden_in_a_step(group, monkeypatch) == []


@pytest.mark.parametrize("augmentation", get_args(Augmentation))
def test_a_step_with_every_augmentation(make_config, build, monkeypatch, augmentation):
    group = build([make_config(*SMALL, f"dataset.augment=[{augmentation}]")])
    assert forbidden_in_a_step(group, monkeypatch) == []


def test_a_copy_and_a_question_are_found(make_config, build, monkeypatch):
    group = build([make_config(*SMALL)])
    plain = group.loss.__class__.__call__

    def asking(self, logits, targets):
        return plain(self, logits, targets) * logits.new_tensor([2.0])

    monkeypatch.setattr(group.loss.__class__, "__call__", asking)
    assert any("copy" in found for found in forbidden_in_a_step(group, monkeypatch))
