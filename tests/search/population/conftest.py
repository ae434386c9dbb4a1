"""Populations of small runs, asked for in this process."""

import csv
import sys
from pathlib import Path

import pytest

from runner.main import main

SMALL = ["dataset.train_size=200", "model.hidden=[8]", "epochs=6", "device=cpu"]
LR, LAMBDA = "optim.lr=tag(log,interval(1e-3,1))", "regularizer.lambda=tag(log,interval(1e-5,0.1))"
POPULATION = [
    *("-m", "hydra/sweeper=population", "hydra.sweeper.interval=2", "hydra.sweeper.members=8"),
    *(*SMALL, LR, LAMBDA),
]


def called(*argv):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["runner", *map(str, argv)])
        return main()


@pytest.fixture
def populate(command, tmp_path):
    """Trains a population of eight: its folder, and what was said."""

    def populate(name, *words, code=0):
        folder = tmp_path / name
        ended, said = command(*POPULATION, *words, f"hydra.sweep.dir={folder}")
        assert ended == code, said
        return folder, said

    return populate


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """A population that nothing disturbed; nobody may change it."""
    folder = tmp_path_factory.mktemp("population") / "calm"
    assert called(*POPULATION, f"hydra.sweep.dir={folder}") == 0
    return folder


@pytest.fixture
def rows():
    """Reads a table: each row as column to text."""

    def rows(path: Path):
        with path.open(newline="") as file:
            return list(csv.DictReader(file))

    return rows


@pytest.fixture
def asked():
    """The words that ask for a population of eight."""
    return POPULATION
