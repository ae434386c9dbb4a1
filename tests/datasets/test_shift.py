"""A shift changes the test split alone, and a stronger one changes more of the same."""

import inspect
from collections.abc import Callable
from itertools import pairwise
from typing import Any, get_args

import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from runner.datasets.base import Dataset
from runner.datasets.data import Data, Split
from runner.datasets.shift import IMBALANCE, Shift, Strength, shifted
from runner.errors import RequestError
from runner.registry import find, names

Build = Callable[..., Dataset]
KINDS: tuple[Shift, ...] = get_args(Shift)
STRENGTHS = (0.0, 0.05, 0.3, 0.5, 0.9, 1.0)
CLASSES, LARGEST = 5, 16

every_kind = pytest.mark.parametrize("kind", KINDS)
every_dataset = pytest.mark.parametrize(
    "name",
    [n for n in names("dataset") if "shift" in inspect.signature(find("dataset", n)).parameters],
)


def same(first: Split | None, second: Split | None) -> bool:
    if first is None or second is None:
        return first is second
    return torch.equal(first.inputs, second.inputs) and torch.equal(first.targets, second.targets)


def examples(count: int = 1000) -> Split:
    """Images of values 0 to 16; each class as frequent, in no order."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, LARGEST + 1, (count, 1, 6, 6), generator=generator)
    return Split(images.to(torch.uint8), torch.randperm(count, generator=generator) % CLASSES)


def shift(split: Split, kind: Shift, strength: float, seed: int = 0) -> Split:
    return shifted(split, kind, strength, seed, largest=LARGEST, classes=CLASSES)


def everything_but_test(data: Data) -> tuple[object, ...]:
    figures = [None if f is None else f.tolist() for f in (data.mean, data.std)]
    return (*figures, data.classes, data.scale, data.shape)


@every_dataset
@every_kind
def test_all_but_the_test_split_stays_bit_for_bit(name: str, kind: Shift, build: Build) -> None:
    keys: dict[str, Any] = {"val_fraction": 0.25, "normalize": True}
    plain = build(name, **keys).load()
    data = build(name, **keys, shift=kind, shift_strength=1.0).load()
    assert same(data.train, plain.train) and same(data.val, plain.val)
    assert everything_but_test(data) == everything_but_test(plain)
    assert not same(data.test, plain.test)


@every_dataset
@every_kind
def test_strength_0_is_no_shift(name: str, kind: Shift, build: Build) -> None:
    plain, zero = build(name).load(), build(name, shift=kind, shift_strength=0.0).load()
    assert same(zero.test, plain.test)


@every_dataset
def test_noise_is_in_the_units_of_the_dataset(name: str, build: Build) -> None:
    plain = build(name).load()
    data = build(name, shift="covariate", shift_strength=1.0).load()
    assert data.test is not None and plain.test is not None
    largest = round(1 / data.scale)
    assert data.test.inputs.min() == 0 and data.test.inputs.max() == largest
    # Noise of half the range moves a value by 0.40 of it on average; 0 and the largest value by
    # 0.195, the least, since half of the noise is clamped there and a little at the other end.
    change = (data.test.inputs.double() - plain.test.inputs.double()).abs().mean() / largest
    assert 0.19 < change < 0.40


@every_dataset
def test_the_seed_of_the_dataset_decides_the_shift(name: str, build: Build) -> None:
    keys: dict[str, Any] = {"shift": "concept", "shift_strength": 0.5}
    first, again = (build(name, seed=1, **keys).load().test for _ in range(2))
    other = build(name, seed=2, **keys).load().test
    assert same(first, again) and not same(first, other)


@every_dataset
@every_kind
def test_a_strength_without_a_shift_is_refused(name: str, kind: Shift, build: Build) -> None:
    with pytest.raises(RequestError, match=r"dataset.shift_strength=0.5 needs dataset.shift"):
        build(name, shift=None, shift_strength=0.5)
    build(name, shift=kind, shift_strength=0.0)


@every_kind
@pytest.mark.parametrize("strength", STRENGTHS)
def test_the_given_examples_are_left_as_they_are(kind: Shift, strength: float) -> None:
    split, before = examples(), examples()
    changed = shift(split, kind, strength)
    assert same(split, before)
    assert changed.inputs.dtype == torch.uint8 and changed.targets.dtype == torch.int64
    assert same(changed, shift(split, kind, strength))
    assert same(changed, before) == (strength == 0)


def test_noise_moves_every_pixel_farther_the_stronger_it_is() -> None:
    split = examples()
    moved = [
        (shift(split, "covariate", strength).inputs.int() - split.inputs.int()).abs()
        for strength in STRENGTHS
    ]
    assert all((weak <= strong).all() for weak, strong in pairwise(moved))
    means = [float(change.double().mean()) for change in moved]
    assert means == sorted(set(means))


def test_noise_changes_no_target_and_has_the_deviation_it_should() -> None:
    middle = Split(torch.full((500, 1, 8, 8), 128, dtype=torch.uint8), torch.zeros(500).long())
    noisy = shifted(middle, "covariate", 0.2, 0, largest=255, classes=1)
    assert torch.equal(noisy.targets, middle.targets)
    # 32,000 values: their deviation is known to 0.4 %; nothing is clamped at five deviations.
    assert float(noisy.inputs.double().std()) == pytest.approx(0.2 * 255 / 2, rel=0.02)


def test_kept_examples_nest_and_are_unchanged() -> None:
    split = Split(torch.arange(1000).view(-1, 1, 1, 1), examples().targets)
    kept = [shift(split, "label", strength) for strength in STRENGTHS]
    rows = [part.inputs.flatten().tolist() for part in kept]
    assert all(set(strong) < set(weak) for weak, strong in pairwise(rows))
    for part, places in zip(kept, rows, strict=True):
        assert places == sorted(places)
        assert torch.equal(part.targets, split.targets[places])


@pytest.mark.parametrize("strength", STRENGTHS)
def test_counts_fall_geometrically_with_the_class(strength: float) -> None:
    counts = shift(examples(), "label", strength).targets.bincount().tolist()
    expected = [max(1, round(200 * IMBALANCE ** (-strength * c / 4))) for c in range(CLASSES)]
    assert counts == expected
    assert strength < 1 or counts == [200, 63, 20, 6, 2]


def test_no_class_is_lost() -> None:
    few = Split(torch.zeros(6, 1, 4, 4, dtype=torch.uint8), torch.tensor([0, 1, 2, 3, 4, 4]))
    assert shift(few, "label", 1.0).targets.bincount().tolist() == [1] * CLASSES


def test_a_class_that_was_never_there_stays_away() -> None:
    some = Split(torch.zeros(6, 1, 4, 4, dtype=torch.uint8), torch.tensor([0, 0, 0, 2, 2, 2]))
    assert set(shift(some, "label", 1.0).targets.tolist()) == {0, 2}


def test_renamed_examples_nest_and_keep_their_images() -> None:
    split = examples()
    changed = [shift(split, "concept", strength) for strength in STRENGTHS]
    assert all(torch.equal(part.inputs, split.inputs) for part in changed)
    renamed = [part.targets != split.targets for part in changed]
    assert all((strong | ~weak).all() for weak, strong in pairwise(renamed))
    for part, rows, strength in zip(changed, renamed, STRENGTHS, strict=True):
        assert torch.equal(part.targets[rows], (split.targets[rows] + 1) % CLASSES)
        # Of 1000 draws a share has a deviation of 0.016 at most: four of them.
        assert abs(float(rows.double().mean()) - strength) <= 0.064
    assert bool(renamed[-1].all())


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), "1", True])
def test_strengths_out_of_range_are_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Strength).validate_python(value, strict=True)
