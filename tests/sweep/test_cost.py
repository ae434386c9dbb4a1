import pytest

from runner.build import build_group
from runner.engine.cost import threads
from runner.engine.counts import Operation, StepCounts
from runner.engine.rehearsal import count
from runner.engine.train import Quiet, Training
from runner.registry import names
from runner.sweep import cost


def operation(kind="other", products=0.0, moved=0.0, fresh=0.0):
    return Operation(kind, products, moved, fresh)


def step(*operations, calls=0):
    return StepCounts(list(operations), calls)


def test_a_step_alone_and_a_stacked_one_are_charged_for_what_each_does():
    alone = [operation("view"), operation("product", 100.0, 60.0, 20.0)]
    stacked = [operation("view"), operation("product", 200.0, 120.0, 40.0)] * 2
    counts = cost.Counts(step(*alone, calls=7), step(*stacked, calls=9))
    assert cost.work(counts, 1) == {
        "call": 7,
        "operation": 2,
        "product": 100,
        "byte beyond the cache": 0,
    }
    # Ten members are five times the two that were counted; the operations are as many.
    assert cost.work(counts, 10) == {
        "call": 9,
        "operation": 4,
        "product": 2 * 5 * 200,
        "byte beyond the cache": 0,
    }


@pytest.mark.parametrize("kind", ["convolution", "grouped convolution"])
def test_a_call_of_a_convolution_has_its_price(kind):
    counts = cost.Counts(step(), step(operation(kind, 10.0)))
    assert cost.work(counts, 8)["call of a convolution"] == 1
    assert cost.work(counts, 8)[kind] == 40


def test_what_the_cache_does_not_hold_is_charged_for_smoothly():
    held = cost.constants()["cache"]
    counts = cost.Counts(step(), step(*[operation("update", moved=held / 4)] * 2))
    beyond = [cost.work(counts, width)["byte beyond the cache"] for width in (2, 4, 6)]
    assert beyond == [0, 0, held / 2]


def test_large_new_memory_comes_from_the_system():
    limit = cost.constants()["mapped"]
    counts = cost.Counts(step(), step(operation(fresh=limit / 4, moved=limit / 4)))
    assert "byte mapped" not in cost.work(counts, 8)
    assert cost.work(counts, 16)["byte mapped"] == 2 * limit


def test_seconds_are_the_prices_of_the_work(monkeypatch):
    prices = dict.fromkeys(cost.constants()["cpu"], 0.0)
    monkeypatch.setitem(
        cost.constants(), "cpu", prices | {"operation": 3.0, "product": 0.5, "call": 0.25}
    )
    counts = cost.Counts(step(*[operation("product", products=4.0)] * 2, calls=4), step())
    assert cost.seconds(counts, 1) == 2 * 3.0 + 8 * 0.5 + 4 * 0.25


def test_no_price_is_below_nothing():
    assert all(price >= 0 for price in cost.constants()["cpu"].values())


@pytest.mark.parametrize("group", ["model", "optim", "regularizer", "loss"])
def test_every_components_step_has_its_prices(make_config, companions, group):
    for name in names(group):
        assert_priced(make_config(*companions(group, name), f"{group}={name}", device="cpu"))


def assert_priced(config):
    """What a step does has a price, alone and stacked: else planning would fail."""
    configs = [config, config.model_copy(update={"seed": 1})]
    with threads(1):
        counted = [count(Training(build_group(configs[:n], []), Quiet())) for n in (1, 2)]
    counts = cost.Counts(*counted)
    assert cost.seconds(counts, 1) > 0
    for width in (2, 1024):
        assert cost.seconds(counts, width) >= cost.seconds(counts, 2) > 0
