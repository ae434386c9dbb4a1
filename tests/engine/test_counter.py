"""Random numbers by counting: SplitMix64's own, uniform, and no two alike."""

import pytest
import torch
from scipy import stats

from runner.engine.counter import GOLDEN, mixed, uniform
from runner.engine.draws import BLOCK, Numbers
from runner.engine.rehearsal import count, rehearse
from runner.engine.rng import derive
from runner.engine.train import Quiet, Training

CPU = torch.device("cpu")
CHANCE = 1e-4  # how rarely a test here would fail by chance, were its seeds not fixed


def keys(*seeds):
    return torch.tensor([derive(seed, "noise") for seed in seeds])


def test_the_function_is_splitmix64():
    # The first numbers of its authors' program for the seed 1234567.
    published = [
        *(6457827717110365317, 3203168211198807973, 9817491932198370423),
        *(4593380528125082431, 16408922859458223821),
    ]
    counters = 1234567 + GOLDEN * torch.arange(1, 6)
    assert [number % 2**64 for number in mixed(counters).tolist()] == published


@pytest.mark.parametrize("seed", [0, 1, 2**31])
def test_numbers_are_uniform(seed):
    drawn = uniform(keys(seed), torch.arange(20), 10_001).flatten().double()
    assert 0 <= drawn.min() < 1e-4 and 1 - 1e-4 < drawn.max() < 1
    assert torch.equal(drawn * 2**24, (drawn * 2**24).round())
    assert stats.kstest(drawn.numpy(), "uniform").pvalue > CHANCE


@pytest.mark.parametrize("bits", range(8))
def test_low_bits_are_fair_coins(bits):
    drawn = (uniform(keys(3), torch.arange(10), 10_000) * 2**24).long()
    ones = int((drawn >> bits & 1).sum())
    assert stats.binomtest(ones, drawn.numel()).pvalue > CHANCE


def test_neighbours_are_independent():
    """Members of seeds side by side, steps after each other, places side by side and halves."""
    drawn = uniform(keys(0, 1), torch.arange(2, 52), 4_000).double()
    pairs = {
        "members": (drawn[0], drawn[1]),
        "steps": (drawn[0, :-1], drawn[0, 1:]),
        "places": (drawn[0, :, :-1], drawn[0, :, 1:]),
        "two places on": (drawn[0, :, :-2], drawn[0, :, 2:]),
        "the next step's next place": (drawn[0, :-1, :-2], drawn[0, 1:, 2:]),
    }
    for name, (first, second) in pairs.items():
        one, other = first.flatten(), second.flatten()
        correlation = torch.corrcoef(torch.stack([one, other]))[0, 1]
        assert abs(correlation) * len(one) ** 0.5 < stats.norm.isf(CHANCE / 2), name
        table = torch.histogramdd(torch.stack([one, other], 1), [16, 16], range=[0.0, 1] * 2).hist
        assert stats.chisquare(table.flatten().numpy()).pvalue > CHANCE, name


def test_no_step_repeats_another():
    drawn = uniform(keys(*range(40)), torch.arange(50), 64).view(2000, 64)
    assert len(torch.unique(drawn, dim=0)) == 2000


@pytest.mark.parametrize("numbers", [1, 2, 7, BLOCK // 3, 2 * BLOCK])
def test_a_number_depends_on_seed_step_and_place_alone(numbers):
    drawing = Numbers([5, 6, 7], "noise", CPU)
    for step in (0, 1, 9, 4, 100_000):
        drawn = drawing.at(step, numbers)
        assert drawn.shape == (3, numbers)
        assert torch.equal(drawn[1], uniform(keys(6), torch.tensor([step]), numbers)[0, 0])
    assert torch.equal(drawn[:, :1], drawing.at(100_000, 1))


def test_small_draws_are_made_for_many_steps_at_once():
    drawing, drawn = Numbers([1], "noise", CPU), set()
    for step in range(BLOCK // 64):
        drawn.add(drawing.at(step, 64).untyped_storage().data_ptr())
    assert len(drawn) == 1


def test_a_smaller_last_batch_keeps_what_was_drawn():
    drawing = Numbers([1, 2], "noise", CPU)
    storages = {
        drawing.at(step, 64 if step % 3 < 2 else 40).untyped_storage().data_ptr()
        for step in range(100)
    }
    assert len(storages) == 1
    assert drawing.at(0, 0).shape == (2, 0)


def test_steps_that_are_timed_or_counted_draw_as_in_training(make_config, build, monkeypatch):
    drawn = []

    def counted(keys, steps, numbers):
        drawn.append(steps.tolist())
        return uniform(keys, steps, numbers)

    monkeypatch.setattr("runner.engine.draws.uniform", counted)
    wide = ("model=dropout-mlp", "model.hidden=[1024]", "model.dropout=0.5", "batch_size=64")
    rehearse(Training(build([make_config(*wide)]), Quiet()), 4)
    count(Training(build([make_config(*wide)]), Quiet()))
    assert drawn == [[0], [1], [2], [3], [0], [1], [2]]
