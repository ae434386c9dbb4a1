"""What holds for every registered dataset."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from runner.datasets.base import Dataset
from runner.datasets.data import Data, Split
from runner.errors import RequestError
from runner.registry import find, names

CONF = Path(__file__).parents[2] / "conf" / "dataset"
Build = Callable[..., Dataset]
Values = Callable[[str], dict[str, Any]]
every_dataset = pytest.mark.parametrize("name", names("dataset"))


def having(*wanted: str) -> pytest.MarkDecorator:
    """The registered datasets that have all these config keys."""
    chosen = [n for n in names("dataset") if set(wanted) <= set(hints(find("dataset", n)))]
    assert chosen
    return pytest.mark.parametrize("name", chosen)


def hints(component: type) -> dict[str, Any]:
    found = get_type_hints(component.__init__, include_extras=True)
    return {key: hint for key, hint in found.items() if key != "return"}


def with_test(name: str) -> dict[str, float]:
    """The key that gives a dataset a test split, where a key decides that."""
    return {"test_fraction": 0.2} if "test_fraction" in hints(find("dataset", name)) else {}


def same(first: Split, second: Split) -> bool:
    return torch.equal(first.inputs, second.inputs) and torch.equal(first.targets, second.targets)


def rows(split: Split) -> set[bytes]:
    return {example.numpy().tobytes() for example in split.inputs}


@every_dataset
def test_yaml_has_the_keys_of_the_constructor_in_its_types(name: str, values: Values) -> None:
    expected = hints(find("dataset", name))
    assert values(name).keys() == expected.keys()
    for key, value in values(name).items():
        TypeAdapter(expected[key]).validate_python(value, strict=True)


@every_dataset
def test_values_live_in_yaml_alone(name: str) -> None:
    for parameter in inspect.signature(find("dataset", name)).parameters.values():
        assert parameter.kind is parameter.KEYWORD_ONLY
        assert parameter.default is parameter.empty


@every_dataset
def test_yaml_begins_with_the_name(name: str, values: Values) -> None:
    lines = (CONF / f"{name}.yaml").read_text().splitlines()
    assert lines[0] == f"name: {name}"
    if "root" in values(name):
        assert lines[1] == "root: ${oc.env:RUNNER_DATA_ROOT,data}"


def test_every_yaml_has_a_dataset() -> None:
    assert sorted(path.stem for path in CONF.glob("*.yaml")) == names("dataset")


@every_dataset
def test_data_is_as_declared(name: str, build: Build, values: Values) -> None:
    dataset = build(name)
    data = dataset.load()
    assert data.task == dataset.task_of(values(name))
    for split in data.splits.values():
        assert len(split.inputs) == len(split) > 0
        assert split.inputs.shape[1:] == data.shape
        _check_inputs(split, dataset.images)
        _check_targets(split, data)


def _check_inputs(split: Split, images: bool) -> None:
    assert split.inputs.ndim == (4 if images else 2)
    assert split.inputs.dtype == (torch.uint8 if images else torch.float32)
    assert split.inputs.is_contiguous()


def _check_targets(split: Split, data: Data) -> None:
    if data.classes is None:
        assert split.targets.dtype == torch.float32
        assert split.targets.shape == (len(split), data.outputs)
    else:
        assert split.targets.dtype == torch.int64
        assert split.targets.ndim == 1
        assert split.targets.min() >= 0 and split.targets.max() < data.outputs


@having("val_fraction", "seed")
def test_the_seed_decides_the_data(name: str, build: Build) -> None:
    first, again, other = (
        build(name, val_fraction=0.25, seed=seed).load().splits for seed in (7, 7, 8)
    )
    assert all(same(first[part], again[part]) for part in first)
    assert not same(first["train"], other["train"])
    assert not same(first["val"], other["val"])


@having("val_fraction")
def test_splits_share_no_example(name: str, build: Build) -> None:
    splits = build(name, val_fraction=0.25).load().splits
    distinct = {part: rows(split) for part, split in splits.items()}
    assert all(len(distinct[part]) == len(splits[part]) for part in splits)
    assert len(set.union(*distinct.values())) == sum(map(len, splits.values()))


@having("val_fraction")
@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5])
def test_val_fraction_is_honoured(name: str, fraction: float, build: Build) -> None:
    data = build(name, val_fraction=fraction).load()
    if fraction == 0:
        assert data.val is None
    else:
        assert data.val is not None
        whole = len(data.train) + len(data.val)
        # A number of examples is rounded: half an example, up to one where train_size is fixed.
        assert abs(len(data.val) - fraction * whole) <= 1


@having("train_size", "val_fraction")
def test_training_sizes_nest(name: str, build: Build) -> None:
    small, large = (
        build(name, train_size=size, val_fraction=0.1).load().train for size in (10, 37)
    )
    assert (len(small), len(large)) == (10, 37)
    assert same(small, large.take(torch.arange(10)))


@having("train_size", "val_fraction")
def test_test_split_is_apart_from_the_others(name: str, build: Build) -> None:
    tests = [
        build(name, train_size=size, val_fraction=fraction, **with_test(name)).load().test
        for size, fraction in ((20, 0.0), (50, 0.0), (20, 0.5))
    ]
    assert all(test is not None and same(test, tests[0]) for test in tests)


@every_dataset
def test_global_generators_are_left_alone(name: str, build: Build) -> None:
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    build(name).load()
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)


@having("normalize")
def test_prepared_values_lie_in_the_unit_interval(name: str, build: Build) -> None:
    data = build(name, normalize=False).load()
    inputs = data.prepare(data.train.inputs, torch.float32)
    assert inputs.min() == 0 and inputs.max() == 1


@having("normalize")
def test_normalize_standardises_the_training_split_alone(name: str, build: Build) -> None:
    data = build(name, normalize=True, val_fraction=0.5).load()
    inputs = data.prepare(data.train.inputs, torch.float64)
    assert data.mean is not None and data.std is not None
    assert data.mean.shape == data.std.shape == (data.shape[0], 1, 1)
    assert data.mean.dtype == data.std.dtype == torch.float32
    # Mean and deviation are kept in float32, so they are right to about 1e-7 of the values.
    torch.testing.assert_close(
        inputs.mean((0, 2, 3)), torch.zeros(data.shape[0]).double(), atol=1e-6, rtol=0
    )
    torch.testing.assert_close(
        inputs.std((0, 2, 3), correction=0), torch.ones(data.shape[0]).double(), atol=1e-6, rtol=0
    )


@having("normalize")
def test_normalize_by_pixel_takes_the_figures_of_the_training_split(
    name: str, build: Build
) -> None:
    data = build(name, normalize="pixel", val_fraction=0.5).load()
    assert data.mean is not None and data.mean.shape == data.train.inputs.shape[1:]
    scaled = data.train.inputs.double() * data.scale
    # Mean and deviation are kept in float32.
    torch.testing.assert_close(data.mean.double(), scaled.mean(0), rtol=1e-6, atol=1e-9)
    prepared = data.prepare(data.test.inputs[:5], torch.float64)
    expected = (data.test.inputs[:5].double() * data.scale - data.mean) / data.std
    torch.testing.assert_close(prepared, expected, rtol=1e-9, atol=1e-9)


@having("normalize", "augment")
def test_pixels_that_move_have_no_figures_of_their_own(name: str, build: Build) -> None:
    with pytest.raises(RequestError, match=r"augment=\[flip\].*; allowed there: true or false"):
        build(name, normalize="pixel", augment=["flip"])


@having("normalize")
@pytest.mark.parametrize("value", ["channel", 1, None])
def test_normalize_refuses(name: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        adapter = TypeAdapter(hints(find("dataset", name))["normalize"])
        adapter.validate_python(value, strict=True)


@having("resize")
@pytest.mark.parametrize(("resize", "size"), [("auto", None), (None, None), (16, 16)])
def test_resize(name: str, resize: str | int | None, size: int | None, build: Build) -> None:
    dataset = build(name, resize=resize)
    data = dataset.load()
    assert dataset.resize == resize  # type: ignore[attr-defined]
    assert data.size == size
    prepared = data.prepare(data.train.inputs[:3], torch.float32)
    assert prepared.shape[1:] == data.shape
    assert size is None or data.shape[1:] == (size, size)


@having("resize")
@pytest.mark.parametrize("value", [3, True, "large", 8.0])
def test_resize_refuses(name: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        adapter = TypeAdapter(hints(find("dataset", name))["resize"])
        adapter.validate_python(value, strict=True)


@having("train_size", "normalize")
def test_too_large_a_training_set_is_refused(name: str, build: Build) -> None:
    available = len(build(name, val_fraction=0.1).load().train)
    with pytest.raises(RequestError, match=f"only {available} training examples"):
        build(name, val_fraction=0.1, train_size=available + 1).load()
    whole = build(name, val_fraction=0.1, train_size=available).load().train
    assert len(whole) == available


@having("folds")
def test_every_training_example_is_validated_on_in_one_fold(name: str, build: Build) -> None:
    whole = rows(build(name, val_fraction=0.0, **with_test(name)).load().train)
    loaded = [
        build(name, val_fraction=0.3, folds=4, fold=fold, **with_test(name)).load()
        for fold in range(4)
    ]
    held = [rows(data.splits["val"]) for data in loaded]
    assert set.union(*held) == whole
    assert sum(map(len, held)) == len(whole)
    for data, part in zip(loaded, held, strict=True):
        assert rows(data.train) == whole - part
        assert same(data.splits["test"], loaded[0].splits["test"])


@having("folds")
@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"folds": 4, "fold": 4}, r"dataset.fold=4 is not one of 4 folds; allowed: 0 to 3"),
        ({"folds": 4, "fold": None}, r"dataset.fold=null is not one of 4 folds"),
        ({"folds": None, "fold": 2}, r"dataset.fold=2 needs dataset.folds"),
        ({"folds": 10**6, "fold": 0}, r"only \d+ examples to divide"),
    ],
)
def test_a_fold_that_is_none_is_refused(
    name: str, keys: dict[str, int | None], why: str, build: Build
) -> None:
    with pytest.raises(RequestError, match=why):
        build(name, **keys).load()


@having("standardize_target")
def test_tables_are_standardised_for_training(name: str, build: Build) -> None:
    data = build(name, val_fraction=0.3).load()
    inputs = data.prepare(data.train.inputs, torch.float64)
    # Mean and deviation are kept in float32.
    torch.testing.assert_close(
        inputs.mean(0), torch.zeros(inputs.shape[1]).double(), atol=1e-6, rtol=0
    )
    torch.testing.assert_close(
        inputs.std(0, correction=0), torch.ones(inputs.shape[1]).double(), atol=1e-6, rtol=0
    )


@every_dataset
def test_true_values_are_few_and_finite(name: str, build: Build) -> None:
    true = build(name).load().true
    assert len(true) <= 11 and all(np.isfinite(list(true.values())))
