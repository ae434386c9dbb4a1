"""The recipes of CONTRIBUTING, followed in a copy of the project: a class, a YAML, nothing else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.commands

ROOT = Path(__file__).parents[1]
DATASET = '''"""A parabola with noise."""

from dataclasses import dataclass

import torch

from runner.datasets.data import Split
from runner.datasets.splits import stream
from runner.datasets.synthetic import GeneratedData
from runner.registry import register


@register("dataset", "newcomer")
@dataclass(kw_only=True)
class Parabola(GeneratedData):
    """y = c x² + noise, with x ~ N(0, 1)."""

    curvature: float

    def true_quantities(self) -> dict[str, float]:
        return {}

    def draw(self, name: str, size: int) -> Split:
        x = torch.from_numpy(stream(self.seed, name).standard_normal((size, 1)))
        errors = torch.from_numpy(stream(self.seed, f"{name} noise").standard_normal((size, 1)))
        return Split(x.float(), (self.curvature * x.square() + 0.1 * errors).float())
'''
MODEL = '''"""A hidden layer of sines."""

from math import prod

from pydantic import PositiveInt
from torch import Tensor, nn

from runner.models.base import Model
from runner.registry import register


@register("model", "newcomer")
class Sines(Model):
    """A hidden layer whose activation is the sine."""

    example = ("model.width=6",)

    def __init__(self, inputs: tuple[int, ...], outputs: int, *, width: PositiveInt) -> None:
        super().__init__()
        self.hidden, self.head = nn.Linear(prod(inputs), width), nn.Linear(width, outputs)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.head(self.hidden(inputs.flatten(1)).sin())
'''
LOSS = '''"""A smooth absolute error."""

from dataclasses import dataclass

from torch import Tensor

from runner.hyper import Positive
from runner.losses.base import NUMBERS, Loss
from runner.registry import register


@register("loss", "newcomer")
@dataclass(kw_only=True, eq=False)
class SmoothAbsoluteError(Loss):
    """√(ε² + (ŷ - y)²)."""

    tasks = NUMBERS

    eps: Positive

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        eps = self.eps.to(logits).view(-1, 1, 1)
        return (eps.square() + (logits - targets).square()).sqrt().mean(-1)
'''
OPTIM = '''"""Gradient descent with saturating steps."""

from dataclasses import dataclass

from torch import Tensor

from runner.hyper import Positive
from runner.optim.base import Tensors
from runner.optim.elementwise import Elementwise
from runner.registry import register


@register("optim", "newcomer")
@dataclass(kw_only=True, eq=False)
class Saturating(Elementwise):
    """``w ← w - lr g / (|g| + c)``."""

    example = ("optim.lr=0.01",)

    c: Positive

    def tables(self, lr: Tensor, step: Tensor) -> Tensors:
        return {"lr": lr, "c": self.c}

    def step(self, param: Tensor, grad: Tensor, slots: Tensors, at: Tensors) -> None:
        param.addcmul_(grad.div(grad.abs().add_(at["c"])), at["lr"], value=-1)
'''
DATASET_YAML = """name: newcomer
curvature: 0.5
train_size: 200
test_size: 100
val_fraction: 0.0
folds: null
fold: null
seed: 0
"""
OPTIM_TEST = """
import torch


def test_a_step_by_hand(group):
    at = {"lr": torch.tensor([[0.5]]), "c": torch.tensor([[1.0]])}
    param, grad = torch.tensor([[2.0]]), torch.tensor([[3.0]])
    group("newcomer", [{}]).step(param, grad, {}, at)
    assert param.item() == 2 - 0.5 * 3 / (3 + 1)
"""
OPTIM_YAML = "name: newcomer\nlr: 0.01\nc: 0.1\nweight_decay: 0\nclip_norm: null\n"
TWO_FILES_EACH = {
    "runner/datasets/newcomer.py": DATASET,
    "conf/dataset/newcomer.yaml": DATASET_YAML,
    "runner/models/newcomer.py": MODEL,
    "conf/model/newcomer.yaml": "name: newcomer\nwidth: 32\n",
    "runner/losses/newcomer.py": LOSS,
    "conf/loss/newcomer.yaml": "name: newcomer\neps: 0.5\n",
    "runner/optim/newcomer.py": OPTIM,
    "conf/optim/newcomer.yaml": OPTIM_YAML,
}
OWN_TEST = "tests/optim/test_newcomer.py"  # an optimizer's, which nobody else has an oracle for
# Tests over whole registries, and a newcomer that each is to take in.
INVARIANTS = {
    "tests/test_registry.py": ["repeats_a_default[dataset-newcomer]", "has_its_components_keys"],
    "tests/test_config.py": [
        f"test_every_choice_composes_checks_and_builds[{group}-newcomer]"
        for group in ("dataset", "model", "loss", "optim")
    ],
    "tests/test_build.py": ["test_initial_weights_depend_on_the_seed_alone[newcomer]"],
    "tests/test_trained.py": ["test_a_loaded_model_answers_as_it_was_measured[newcomer]"],
    "tests/datasets/test_datasets.py": ["test_every_training_example_is_validated_on_in_one_fold"],
    "tests/models/test_every_model.py": ["test_stacked_members_equal_each_alone[own inputs-newc"],
    "tests/optim/test_optimizers.py": ["test_state_has_the_shapes_of_the_parameters[newcomer]"],
    OWN_TEST: ["test_a_step_by_hand"],
    "tests/engine/test_same_result.py": [
        "test_a_member_agrees_with_its_solo_run_at_any_place[newcomer-adam]",
        "test_a_member_agrees_with_its_solo_run_at_any_place[planck-newcomer]",
        "test_a_member_agrees_with_its_solo_run_at_any_place[newcomer-newcomer]",
    ],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with a component more in each of four groups."""
    copy = tmp_path_factory.mktemp("project")
    for folder in ("runner", "hydra_plugins", "conf", "tests"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for name, text in TWO_FILES_EACH.items():
        (copy / name).write_text(text, encoding="utf-8")
    (copy / OWN_TEST).write_text(OPTIM_TEST, encoding="utf-8")
    return copy


def python(project, *argv, timeout=60):
    return subprocess.run(
        [sys.executable, *argv],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def test_a_dataset_is_two_files(project):
    done = python(project, "-m", "runner", "dataset=newcomer", "model=linreg", "epochs=1")
    assert (done.returncode, done.stderr) == (0, "")


def test_newcomers_of_four_groups_train_together(project):
    chosen = [f"{group}=newcomer" for group in ("dataset", "model", "loss", "optim")]
    done = python(project, "-m", "runner", *chosen, "epochs=1", "-m", "loss.eps=0.5,1", "repeats=2")
    assert (done.returncode, done.stderr) == (0, "")


def test_their_keys_are_checked_by_their_fields(project):
    wrong = ("dataset.train_size=0", "loss.eps=0", "optim.lrr=1")
    chosen = ("dataset=newcomer", "model=newcomer", "loss=newcomer", "optim=newcomer")
    done = python(project, "-m", "runner", *chosen, *wrong[:2])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "dataset.train_size=0 is not allowed; it takes a whole number ≥ 1.",
        "loss.eps=0 is not allowed; it takes a number > 0.",
    ]
    done = python(project, "-m", "runner", *chosen, wrong[2])
    assert done.stderr.startswith("There is no key 'optim.lrr'; did you mean 'optim.lr'?")


def test_the_invariants_take_them_in_without_being_told(project):
    picked = ("-k", "newcomer", "-vv", "-p", "no:cacheprovider", "-p", "no:xdist")
    done = python(project, "-m", "pytest", *INVARIANTS, *picked, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = [line for line in done.stdout.splitlines() if " PASSED" in line]
    for file, tests in INVARIANTS.items():
        for test in tests:
            assert any(line.startswith(file) and test in line for line in passed), test
