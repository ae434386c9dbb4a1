"""Holding out and taking subsets, for any size, fraction and seed."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from runner.datasets.data import Split
from runner.datasets.splits import hold_out, stream, subset
from runner.errors import RequestError

sizes = st.integers(2, 200)
fractions = st.floats(0, 0.99)
seeds = st.integers(0, 2**63)


def numbered(size: int) -> Split:
    """Examples that are their own positions, as inputs and as targets."""
    return Split(torch.arange(size).unsqueeze(1), torch.arange(size))


@given(sizes, fractions, seeds)
def test_hold_out_divides_the_examples(size: int, fraction: float, seed: int) -> None:
    held = max(1, round(fraction * size)) if fraction else 0
    if held >= size:
        with pytest.raises(RequestError, match="leaves none"):
            hold_out(numbered(size), fraction, seed)
        return
    rest, val = hold_out(numbered(size), fraction, seed)
    assert (0 if val is None else len(val)) == held
    together = torch.cat([rest.targets, rest.targets[:0] if val is None else val.targets])
    assert together.sort().values.tolist() == list(range(size))
    assert rest.targets.tolist() == sorted(rest.targets.tolist())
    assert torch.equal(rest.inputs.squeeze(1), rest.targets)


def test_nothing_held_out_copies_nothing() -> None:
    split = numbered(5)
    assert hold_out(split, 0.0, 0) == (split, None)
    assert subset(split, None, 0) is split


def test_parts_are_drawn_apart() -> None:
    parts = [hold_out(numbered(100), 0.5, 3, part)[1] for part in ("val", "test")]
    assert parts[0] is not None and parts[1] is not None
    assert set(parts[0].targets.tolist()) != set(parts[1].targets.tolist())


@given(st.integers(1, 100), st.integers(0, 100), seeds)
def test_subsets_nest(small: int, more: int, seed: int) -> None:
    first, second = (subset(numbered(200), size, seed) for size in (small, small + more))
    assert len(first) == small
    assert torch.equal(first.targets, second.targets[:small])
    assert len(set(second.targets.tolist())) == small + more


def test_subset_is_random_rather_than_the_beginning() -> None:
    assert subset(numbered(100), 50, 0).targets.max() >= 50


def test_too_large_a_subset_is_refused_with_the_number_available() -> None:
    with pytest.raises(RequestError) as caught:
        subset(numbered(7), 8, 0)
    assert "train_size is 8" in str(caught.value) and "1 to 7" in str(caught.value)


def test_streams_differ_by_seed_and_purpose() -> None:
    draws = {
        stream(seed, purpose).integers(2**62) for seed in (0, 1) for purpose in ("train", "test")
    }
    assert len(draws) == 4
    assert stream(0, "train").integers(2**62) in draws
