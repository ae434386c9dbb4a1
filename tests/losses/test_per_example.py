"""Every loss, against torch's own, one member at a time."""

from pathlib import Path

import pytest
import torch
import yaml
from torch.nn import functional

from runner.component_keys import keys
from runner.losses.base import OBJECTIVE
from runner.registry import find, names

CONF = Path(__file__).parents[2] / "conf" / "loss"
MEMBERS, BATCH, OUTPUTS = 3, 7, 5
MIXED = torch.tensor([0.0, 0.1, 0.9], dtype=torch.float64)


def cross_entropy(logits, targets, place):
    return functional.cross_entropy(logits, targets, reduction="none")


def smoothed(logits, targets, place):
    share = MIXED[place].item()
    return functional.cross_entropy(logits, targets, reduction="none", label_smoothing=share)


def mse(logits, targets, place):
    return functional.mse_loss(logits, targets, reduction="none").mean(-1)


def one_hot(logits, targets, place):
    return mse(logits, torch.eye(OUTPUTS, dtype=logits.dtype)[targets], place)


def half(logits, targets, place):
    return mse(logits, targets, place) / 2


def huber(logits, targets, place):
    delta = MIXED[place].item() + 0.5
    return functional.huber_loss(logits, targets, reduction="none", delta=delta).mean(-1)


CASES = [
    ("auto", {}, "classes", cross_entropy),
    ("auto", {}, "numbers", half),
    ("cross-entropy", {"label_smoothing": torch.zeros(3).double()}, "classes", cross_entropy),
    ("cross-entropy", {"label_smoothing": MIXED}, "classes", smoothed),
    ("squared", {}, "numbers", half),
    ("mse", {}, "numbers", mse),
    ("mse-one-hot", {}, "classes", one_hot),
    ("huber", {"delta": MIXED + 0.5}, "numbers", huber),
]


def batch(task, dtype=torch.float64):
    source = torch.Generator().manual_seed(0)
    logits = torch.randn(MEMBERS, BATCH, OUTPUTS, generator=source, dtype=dtype).mul_(3)
    if task == "classes":
        return logits, torch.randint(OUTPUTS, (MEMBERS, BATCH), generator=source)
    return logits, torch.randn(MEMBERS, BATCH, OUTPUTS, generator=source, dtype=dtype)


PER_EXAMPLE = [name for name in names("loss") if find("loss", name).tasks != OBJECTIVE]


@pytest.mark.parametrize("name", PER_EXAMPLE)
def test_has_cases_for_all_its_tasks_and_a_yaml_of_its_keys(name):
    component = find("loss", name)
    assert {task for case, _, task, _ in CASES if case == name} == component.tasks
    node = yaml.safe_load((CONF / f"{name}.yaml").read_text())
    assert node.pop("name") == name
    assert node.keys() == keys(component).keys()


@pytest.mark.parametrize(("name", "arguments", "task", "reference"), CASES)
def test_values_and_gradients_equal_torchs(name, arguments, task, reference):
    logits, targets = batch(task)
    logits.requires_grad_()
    losses = find("loss", name)(**arguments)(logits, targets)
    (grads,) = torch.autograd.grad(losses.sum(), logits)
    assert losses.shape == (MEMBERS, BATCH)
    for place in range(MEMBERS):
        alone = logits[place].detach().requires_grad_()
        expected = reference(alone, targets[place], place)
        (grad,) = torch.autograd.grad(expected.sum(), alone)
        # Sums over five outputs, in another order.
        torch.testing.assert_close(losses[place], expected, rtol=1e-13, atol=1e-14)
        torch.testing.assert_close(grads[place], grad, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(("name", "arguments", "task", "reference"), CASES)
def test_keeps_the_dtype_of_the_logits(name, arguments, task, reference):
    assert find("loss", name)(**arguments)(*batch(task, torch.float32)).dtype == torch.float32


@pytest.mark.parametrize(("name", "arguments", "task", "reference"), CASES)
def test_members_may_share_their_targets(name, arguments, task, reference):
    logits, targets = batch(task)
    shared = targets[:1].expand_as(targets)
    loss = find("loss", name)(**arguments)
    assert torch.equal(loss(logits, shared), loss(logits, shared.contiguous()))


@pytest.mark.parametrize(("name", "arguments", "task", "reference"), CASES)
def test_a_member_that_is_not_finite_leaves_the_others_alone(name, arguments, task, reference):
    logits, targets = batch(task)
    loss = find("loss", name)(**arguments)
    healthy = loss(logits, targets)
    logits[1] = float("nan")
    sick = loss(logits, targets)
    assert torch.equal(sick[[0, 2]], healthy[[0, 2]])
    assert sick[1].isnan().all()


@pytest.mark.parametrize(("name", "arguments", "task", "reference"), CASES)
@pytest.mark.parametrize("rows", [[0], [2, 0]])
def test_selecting_members_equals_the_smaller_group(name, arguments, task, reference, rows):
    logits, targets = batch(task)
    selected = find("loss", name)(**arguments).select(torch.tensor(rows))
    built = find("loss", name)(**{key: value[rows] for key, value in arguments.items()})
    actual, expected = (loss(logits[rows], targets[rows]) for loss in (selected, built))
    # A group that has lost its smoothing members still takes their slower path.
    torch.testing.assert_close(actual, expected, rtol=1e-14, atol=1e-14)
