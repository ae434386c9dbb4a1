"""Standardising images by counting their levels."""

import torch

from runner.datasets.data import Data, Split
from runner.datasets.images import standardised


def test_each_channel_has_its_own_figures_and_a_flat_one_is_not_divided() -> None:
    noisy = torch.randint(0, 256, (50, 2, 4, 4), generator=torch.Generator().manual_seed(0))
    inputs = torch.cat([noisy, torch.full((50, 1, 4, 4), 51)], dim=1).to(torch.uint8)
    data = standardised(
        Data(Split(inputs, torch.zeros(50).long()), None, None, ("a",), scale=1 / 255)
    )
    scaled = inputs.double() / 255
    assert data.mean is not None and data.std is not None
    torch.testing.assert_close(data.mean.flatten(), scaled.mean((0, 2, 3)).float())
    expected = scaled[:, :2].std((0, 2, 3), correction=0).float()
    torch.testing.assert_close(data.std.flatten()[:2], expected)
    assert data.std.flatten()[2] == 1
    assert data.prepare(inputs, torch.float32)[:, 2].abs().max() < 1e-6
