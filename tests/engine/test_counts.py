"""What is counted, held against torch's own counter of floating-point operations."""

import gc
import sys

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from runner.build import build_group
from runner.engine.counts import Counting, counting_calls
from runner.engine.rehearsal import count, endless_steps, rehearse
from runner.engine.train import Quiet, Training

ROWS = torch.tensor([1, 3])
# A bmm of 2 (3, 4) by (4, 5), and so on: multiply-adds worked out by hand.
BY_HAND = [
    (lambda: torch.rand(3, 4) @ torch.rand(4, 5), 60),
    (lambda: torch.rand(2, 3, 4) @ torch.rand(2, 4, 5), 120),
    (lambda: torch.rand(3, 4) @ torch.rand(4), 12),
    (lambda: torch.rand(4) @ torch.rand(4), 4),
    (lambda: torch.addmm(torch.rand(5), torch.rand(3, 4), torch.rand(4, 5)), 60),
    (lambda: torch.rand(3, 4).double() @ torch.rand(4, 5).double(), 120),  # at half the speed
    (lambda: torch.conv2d(torch.rand(2, 4, 6, 6), torch.rand(4, 2, 3, 3), groups=2), 2304),
    (lambda: torch.rand(3, 4) + 1, 0),
]


def counted(function):
    with Counting() as counting:
        function()
    return counting.operations


@pytest.mark.parametrize(("function", "products"), BY_HAND)
def test_multiply_adds_are_those_worked_out_by_hand(function, products):
    assert sum(operation.products for operation in counted(function)) == products


@pytest.mark.parametrize("model", ["mlp", "lenet-bn", "resnet", "densenet", "scratch"])
@pytest.mark.parametrize("members", [1, 2])
def test_a_step_has_as_many_multiply_adds_as_torch_counts(make_config, small, model, members):
    configs = [make_config(*small(model), seed=s) for s in range(members)]
    operations = count(Training(build_group(configs, []), Quiet())).operations
    # By torch's count of one member: on the way back it takes groups of channels for one.
    steps = endless_steps(Training(build_group(configs[:1], []), Quiet()))
    next(steps)
    with FlopCounterMode(display=False) as torchs:
        next(steps)
    flops = members * torchs.get_total_flops()  # a multiplication and an addition are two
    assert sum(operation.products for operation in operations) == flops / 2


@pytest.mark.parametrize(
    ("function", "kind", "moved", "fresh"),
    [
        (lambda x: x.view(-1), "view", 0, 0),
        (lambda x: x + x, "other", 2 * 400 + 400, 400),
        (lambda x: x.add_(1), "update", 400, 0),
        (lambda x: torch.add(x, 1, out=x), "update", 800, 0),
        (lambda x: x[ROWS], "other", 80 + 80, 80),  # not the whole of x
    ],
)
def test_an_operation_is_told_by_what_it_does_to_memory(function, kind, moved, fresh):
    x = torch.zeros(10, 10)
    (operation,) = counted(lambda: function(x))
    assert (operation.kind, operation.moved, operation.fresh) == (kind, moved, fresh)


def test_convolutions_with_groups_are_kept_apart_forward_and_backward():
    x = torch.rand(2, 4, 6, 6, requires_grad=True)
    for groups, kind in ((1, "convolution"), (2, "grouped convolution")):
        layer = nn.Conv2d(4, 4, 3, groups=groups)
        kinds = [done.kind for done in counted(lambda layer=layer: layer(x).sum().backward())]
        assert [kind for kind in kinds if "convolution" in kind] == [kind, kind]


def test_counting_changes_no_result(make_config, small):
    config = make_config(*small("dropout-mlp"), device="cpu")
    ends = []
    for counts in (False, True):
        training = Training(build_group([config], []), Quiet())
        if counts:
            count(training)
        else:
            rehearse(training, 3)
        ends.append(training.group.members.params)
    torch.testing.assert_close(*ends, rtol=0, atol=0)


@pytest.mark.parametrize("members", [1, 2])
def test_the_same_step_is_counted_the_same(make_config, small, members):
    overrides = small("dropout-mlp")
    configs = [make_config(*overrides, seed=seed) for seed in range(members)]
    first, second = (count(Training(build_group(configs, []), Quiet())) for _ in range(2))
    assert first == second


def test_a_step_of_more_members_does_the_same_on_more(make_config, small):
    """What the cost model scales by: the widths that it is asked for are never built."""
    overrides = small("dropout-mlp")
    configs = [make_config(*overrides, seed=seed) for seed in range(8)]
    steps = [count(Training(build_group(configs[:n], []), Quiet())) for n in (2, 8)]
    two, eight = (step.operations for step in steps)
    for kind in ("product", "update", "other"):
        numbers = [sum(done.kind == kind for done in all_) for all_ in (two, eight)]
        assert numbers[0] == numbers[1]
    for amount in ("products", "moved", "fresh"):
        totals = [sum(getattr(done, amount) for done in all_) for all_ in (two, eight)]
        # The tables of the optimizer and the like have no member axis: a few bytes.
        assert totals[1] == pytest.approx(4 * totals[0], rel=0.02)


def test_calls_of_functions_are_counted_and_the_profiler_is_given_back():
    before = sys.getprofile()
    with counting_calls() as number:
        [abs(-1), abs(-2)]
    counted = number[0]
    with counting_calls() as number:
        [abs(-1), abs(-2), abs(-3)]
    assert number[0] == counted + 1
    assert sys.getprofile() is before
    assert gc.isenabled()
