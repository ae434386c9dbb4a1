"""Standardising images by counting their levels."""

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from runner.datasets.data import Data, Split
from runner.datasets.images import standardised


def data_of(inputs: Tensor, size: int | None = None) -> Data:
    split = Split(inputs, torch.zeros(len(inputs)).long())
    return Data(split, None, None, ("a",), scale=1 / 255, size=size)


def noise(*shape: int) -> Tensor:
    source = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, shape, generator=source).to(torch.uint8)


def test_each_channel_has_its_own_figures_and_a_flat_one_is_not_divided() -> None:
    noisy = torch.randint(0, 256, (50, 2, 4, 4), generator=torch.Generator().manual_seed(0))
    inputs = torch.cat([noisy, torch.full((50, 1, 4, 4), 51)], dim=1).to(torch.uint8)
    data = standardised(data_of(inputs), True)
    scaled = inputs.double() / 255
    assert data.mean is not None and data.std is not None
    torch.testing.assert_close(data.mean.flatten(), scaled.mean((0, 2, 3)).float())
    expected = scaled[:, :2].std((0, 2, 3), correction=0).float()
    torch.testing.assert_close(data.std.flatten()[:2], expected)
    assert data.std.flatten()[2] == 1
    assert data.prepare(inputs, torch.float32)[:, 2].abs().max() < 1e-6


def test_each_pixel_has_its_own_figures_and_one_that_never_varies_is_not_divided() -> None:
    inputs = noise(2500, 2, 4, 3)
    inputs[:, 0, 1, 2] = 51
    data = standardised(data_of(inputs), "pixel")
    scaled = inputs.double() / 255
    assert data.mean is not None and data.std is not None
    # Whole numbers are summed, so that the float32 results are the nearest ones.
    assert torch.equal(data.mean, scaled.mean(0).float())
    expected = scaled.std(0, correction=0).float()
    expected[0, 1, 2] = 1
    torch.testing.assert_close(data.std, expected, rtol=1e-6, atol=0)
    prepared = data.prepare(inputs, torch.float64)
    # Mean and deviation are kept in float32.
    assert prepared.mean(0).abs().max() < 1e-6
    others = prepared.std(0, correction=0)[expected != 1]
    torch.testing.assert_close(others, torch.ones_like(others), atol=1e-6, rtol=0)
    assert data.std[0, 1, 2] == 1 and prepared[:, 0, 1, 2].abs().max() < 1e-6


def test_pixels_are_standardised_as_stored_and_resized_afterwards() -> None:
    inputs = noise(100, 1, 4, 4)
    plain, resized = (standardised(data_of(inputs, size), "pixel") for size in (None, 8))
    expected = interpolate(plain.prepare(inputs, torch.float64), size=(8, 8), mode="bilinear")
    # Enlarging, antialiasing changes nothing but the last bits.
    torch.testing.assert_close(
        resized.prepare(inputs, torch.float64), expected, atol=1e-12, rtol=1e-12
    )
