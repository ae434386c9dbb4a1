"""The real files, where this machine has them."""

import os
from pathlib import Path

import pytest
import torch

from runner.datasets.data import Data
from runner.datasets.fashion_mnist import FashionMNIST
from runner.datasets.idx_images import locate

ROOT = Path(os.environ.get("RUNNER_DATA_ROOT", "data"))

pytestmark = pytest.mark.skipif(
    locate(FashionMNIST.files, ROOT) is None,
    reason="Fashion-MNIST's files are neither in the data root nor installed as a package",
)


@pytest.fixture(scope="module")
def data() -> Data:
    return FashionMNIST(
        root=str(ROOT),
        seed=0,
        val_fraction=0.0,
        folds=None,
        fold=None,
        class_subset=None,
        train_size=None,
        normalize=True,
        resize="auto",
        augment=[],
        shift=None,
        shift_strength=0.0,
    ).load()


def test_whole(data: Data) -> None:
    assert data.test is not None and data.val is None
    assert data.train.inputs.shape == (60_000, 1, 28, 28)
    assert data.test.inputs.shape == (10_000, 1, 28, 28)
    assert data.classes is not None and len(data.classes) == 10


def test_every_class_is_as_frequent(data: Data) -> None:
    assert data.test is not None
    assert data.train.targets.bincount().tolist() == [6_000] * 10
    assert data.test.targets.bincount().tolist() == [1_000] * 10


def test_the_first_example_is_an_ankle_boot(data: Data) -> None:
    assert data.classes is not None
    assert data.classes[int(data.train.targets[0])] == "Ankle boot"


def test_mean_and_deviation_are_the_well_known_ones(data: Data) -> None:
    assert data.mean is not None and data.std is not None
    # Published to four digits as 0.2860 and 0.3530.
    torch.testing.assert_close(data.mean.squeeze(), torch.tensor(0.2860), atol=5e-5, rtol=0)
    torch.testing.assert_close(data.std.squeeze(), torch.tensor(0.3530), atol=5e-5, rtol=0)
