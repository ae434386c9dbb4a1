import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from runner.engine.rng import derive, generator, isolated


@given(st.integers(0, 2**32 - 1), st.text(max_size=8))
def test_derived_seeds_fit_a_generator(seed, stream):
    assert 0 <= derive(seed, stream) < 2**63


def test_seeds_and_streams_are_all_apart():
    streams = ("weights", "order", "noise", "global")
    assert len({derive(seed, stream) for seed in range(1000) for stream in streams}) == 4000


def test_a_derived_seed_never_changes():
    # Results of earlier versions could not be had again if it did.
    assert derive(0, "weights") == 133441691874178746


def test_a_generator_is_fresh_and_its_own():
    first, again = (generator(5, "order") for _ in range(2))
    torch.rand(3, generator=first)
    assert torch.equal(torch.rand(3, generator=again), generator_rand(5))


def generator_rand(seed):
    return torch.rand(3, generator=generator(seed, "order"))


def test_isolated_seeds_inside_and_restores_outside():
    before = torch.get_rng_state()
    drawn = []
    for _ in range(2):
        with isolated(1, "weights"):
            drawn.append(torch.rand(4))
    assert torch.equal(*drawn)
    assert torch.equal(torch.get_rng_state(), before)


def test_isolated_restores_after_an_error():
    before = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), isolated(1, "weights"):
        torch.rand(1)
        raise ZeroDivisionError
    assert torch.equal(torch.get_rng_state(), before)
