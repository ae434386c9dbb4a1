"""From raw examples to model inputs."""

import pytest
import torch

from runner.datasets.data import Data, Split


def images(scale: float = 1 / 255, size: int | None = None, height: int = 8) -> Data:
    inputs = (torch.arange(6 * 8 * height) % 256).to(torch.uint8).view(6, 1, height, 8)
    split = Split(inputs, torch.arange(6) % 2)
    return Data(split, None, split, ("a", "b"), scale=scale, size=size)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_reusing_memory_changes_no_bit(dtype: torch.dtype) -> None:
    data = images()
    raw = data.train.inputs
    out = torch.empty(raw.shape, dtype=dtype)
    prepared = data.prepare(raw, dtype, out)
    assert prepared.data_ptr() == out.data_ptr()
    assert prepared.dtype == dtype
    assert torch.equal(prepared, data.prepare(raw, dtype))


def test_features_as_they_are_are_not_copied() -> None:
    split = Split(torch.randn(4, 3), torch.randn(4, 1))
    assert Data(split, None, None).prepare(split.inputs, torch.float32) is split.inputs


def test_float64_inputs_are_scaled_in_float64() -> None:
    data = images()
    raw = data.train.inputs
    out = torch.empty(raw.shape, dtype=torch.float64)
    assert torch.equal(data.prepare(raw, torch.float64, out), raw.double() * (1 / 255))


@pytest.mark.parametrize("height", [8, 16])
def test_prepared_shape_is_the_declared_one(height: int) -> None:
    data = images(size=8, height=height)
    assert data.prepare(data.train.inputs, torch.float32).shape[1:] == data.shape == (1, 8, 8)


def test_resizing_keeps_a_plain_image_plain() -> None:
    split = Split(torch.full((2, 1, 8, 8), 51, dtype=torch.uint8), torch.zeros(2).long())
    prepared = Data(split, None, None, ("a",), 1 / 255, size=20).prepare(
        split.inputs, torch.float32
    )
    # Interpolation weights add up to 1 within rounding.
    torch.testing.assert_close(prepared, torch.full((2, 1, 20, 20), 0.2))


def test_moving_casts_floating_point_alone() -> None:
    data = images()
    data = Data(
        data.train, None, data.test, data.classes, mean=torch.ones(1, 1, 1), std=torch.ones(1, 1, 1)
    )
    moved = data.to(torch.device("cpu"), torch.float64)
    assert moved.train.inputs.dtype == torch.uint8
    assert moved.train.targets.dtype == torch.int64
    assert moved.mean is not None and moved.mean.dtype == torch.float64
    assert moved.std is not None and moved.std.dtype == torch.float64
    assert moved.splits.keys() == {"train", "test"}


def test_task_and_outputs_follow_the_targets() -> None:
    split = Split(torch.zeros(4, 3), torch.zeros(4, 2))
    numbers = Data(split, None, None)
    assert (numbers.task, numbers.outputs, numbers.shape) == ("numbers", 2, (3,))
    assert (images().task, images().outputs) == ("classes", 2)
