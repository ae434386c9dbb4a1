"""The digits are scikit-learn's, though scikit-learn is not imported for them."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from sklearn.datasets import load_digits

from runner.datasets import digits
from runner.datasets.digits import all_digits


def assert_scikit_learns() -> None:
    bunch, whole = load_digits(), all_digits()
    assert whole.inputs.dtype == torch.uint8 and whole.inputs.shape == (1797, 1, 8, 8)
    assert torch.equal(whole.inputs.squeeze(1).double(), torch.from_numpy(bunch.images))
    assert whole.targets.dtype == torch.int64
    assert torch.equal(whole.targets, torch.from_numpy(bunch.target).long())


def test_the_digits_are_scikit_learns() -> None:
    assert_scikit_learns()


def test_they_are_found_where_its_next_version_keeps_its_table_elsewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Moved:
        origin = str(tmp_path / "__init__.py")

    monkeypatch.setattr(digits, "find_spec", lambda name: Moved)
    assert_scikit_learns()


def test_scikit_learn_is_not_imported_for_them() -> None:
    asked = (
        "import sys; from runner.datasets.digits import all_digits; all_digits();"
        "sys.exit('sklearn.datasets' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
