"""Components that are not in the project: another package's, and what adding one takes."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.commands

MODEL = """
from math import prod
from typing import Annotated

from pydantic import Field
from torch import nn

from runner.models.base import Model
from runner.registry import register


@register("model", "theirs")
class Theirs(Model):
    tasks = frozenset({"classes"})

    def __init__(self, inputs, outputs, *, scale: Annotated[float, Field(gt=0)]):
        super().__init__()
        self.scale = scale
        self.linear = nn.Linear(prod(inputs), outputs)

    def forward(self, inputs):
        return self.scale * self.linear(inputs.flatten(1))
"""
DATASET = """
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from pydantic import Field

from runner.datasets.data import Split
from runner.datasets.synthetic import GeneratedData
from runner.registry import register


@register("dataset", "theirs")
@dataclass(kw_only=True)
class Ramp(GeneratedData):
    slope: Annotated[float, Field(gt=0)]

    def true_quantities(self) -> dict[str, float]:
        return {"w1": self.slope}

    def draw(self, name: str, size: int) -> Split:
        x = torch.linspace(0, 1, size).unsqueeze(1)
        return Split(x, self.slope * x)
"""
DATASET_CONFIG = """name: theirs
slope: 2.0
train_size: 40
test_size: 20
val_fraction: 0.0
folds: null
fold: null
seed: 0
"""
CONFIG = "name: theirs\nscale: 2.0\n"
ENTRY_POINTS = "[runner.components]\ntheirs = theirs.layers\nramp = theirs.ramp\n"
WRONG = """

@register("model", "wrong")
class Wrong(Theirs):
    def forward(self, inputs):
        return super().forward(inputs)[:, :9]
"""


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    """Runs the program where a package ``theirs`` is installed beside it."""
    site, folder = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("folder")
    written = {
        "theirs/__init__.py": "",
        "theirs/layers.py": MODEL + WRONG,
        "theirs/ramp.py": DATASET,
        "theirs/conf/dataset/theirs.yaml": DATASET_CONFIG,
        "theirs/conf/model/wrong.yaml": CONFIG.replace("theirs", "wrong"),
        "theirs/conf/model/theirs.yaml": CONFIG,
        "theirs-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n",
        "theirs-1.0.dist-info/entry_points.txt": ENTRY_POINTS,
    }
    for name, text in written.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, encoding="utf-8")

    path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))

    def call(*argv, flags=()):
        return subprocess.run(
            [sys.executable, *flags, "-m", "runner", *argv],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    call.folder = folder
    return call


def test_a_model_of_another_package_is_one_file_and_one_yaml(call):
    done = call("model=theirs", "model.scale=3", "epochs=1", "dataset.train_size=100")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Theirs" in done.stdout
    (config,) = call.folder.glob("outputs/runs/*/*/.hydra/config.yaml")
    assert "scale: 3" in config.read_text(encoding="utf-8")


def test_a_dataset_of_another_package_is_a_dataclass_and_a_yaml(call):
    done = call("dataset=theirs", "model=linreg", "dataset.slope=3", "epochs=1")
    assert (done.returncode, done.stderr) == (0, "")
    done = call("dataset=theirs", "model=linreg", "dataset.slope=0", "dataset.train_size=0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "dataset.slope=0 is not allowed; it takes a number > 0.",
        "dataset.train_size=0 is not allowed; it takes a whole number ≥ 1.",
    ]


def test_its_keys_are_checked_as_the_projects_own(call):
    done = call("model=theirs", "model.scale=-1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "model.scale=-1 is not allowed; it takes a number > 0.\n"


def test_a_model_that_gives_the_wrong_thing_is_one_sentence_and_leaves_no_folder(call):
    before = sorted(call.folder.rglob("*"))
    done = call("-m", "model=wrong", "model.scale=1,2", "repeats=3")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "model=wrong gives 9 numbers per example, and digits has 10 classes.\n"
    assert sorted(call.folder.rglob("*")) == before


def test_help_lists_it_without_importing_it(call):
    done = call("--help", flags=("-X", "importtime"))
    assert done.returncode == 0
    models = done.stdout.partition("model:")[2].partition("optim:")[0]
    assert "mlp" in models and "theirs" in models
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not imported & {"theirs", "theirs.layers", "torch"}
