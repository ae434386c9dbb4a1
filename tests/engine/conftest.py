"""Groups built from configs and trained to their end, as the program trains them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import torch
from torch import Tensor

from runner.build import build_group
from runner.config import Config
from runner.engine.cost import threads
from runner.engine.group import Group
from runner.engine.recorder import Recorder, Row
from runner.engine.train import Training
from runner.optim.base import Tensors


class Rows:
    """Watches a training and keeps its rows, epoch by epoch."""

    def __init__(self) -> None:
        self.epochs: list[list[Row]] = []

    def step(self) -> None:
        pass

    def epoch(self, rows: list[Row]) -> None:
        self.epochs.append(rows)


@dataclass
class Trained:
    """A group after training.

    Attributes:
        group: What is left of it.
        rows: For each epoch, the row of each member that was there.
        recorders: Every member's, those that left included.
    """

    group: Group
    rows: list[list[Row]]
    recorders: list[Recorder]

    def member(self, slot: int) -> dict[str, Tensors]:
        return self.group.members.member(slot)

    def curve(self, slot: int) -> list[Row]:
        return [rows[slot] for rows in self.rows]

    def folder(self, slot: int) -> Path:
        return self.recorders[slot].folder

    def metrics(self, slot: int) -> list[dict[str, str]]:
        head, *lines = (self.folder(slot) / "metrics.csv").read_text().splitlines()
        return [dict(zip(head.split(","), line.split(","), strict=True)) for line in lines]


@pytest.fixture
def build(tmp_path: Path) -> Callable[[Sequence[Config]], Group]:
    """Builds a group whose members record into fresh folders."""
    numbers = count()

    def build(configs: Sequence[Config]) -> Group:
        folders = [tmp_path / str(next(numbers)) for _ in configs]
        return build_group(configs, [Recorder(folder, {}) for folder in folders])

    return build


@pytest.fixture
def train(build: Callable[[Sequence[Config]], Group]) -> Callable[[Sequence[Config]], Trained]:
    """Builds a group and trains it, on one thread as small steps are."""

    def train(configs: Sequence[Config]) -> Trained:
        group, watch = build(configs), Rows()
        training = Training(group, watch)
        with threads(1):
            training.run()
        return Trained(training.group, watch.epochs, list(group.recorders))

    return train


def flat(tensors: dict[str, Tensors]) -> dict[str, Tensor]:
    return {f"{part}/{name}": t for part, named in tensors.items() for name, t in named.items()}


@pytest.fixture
def assert_same_run() -> Callable[..., None]:
    """Asserts that two members ended alike: in all their tensors and in every row.

    ``within`` bounds both the absolute and the relative difference; 0 asks for the same bits.
    """

    def assert_same_run(
        one: Trained, slot: int, other: Trained, other_slot: int, within: float = 0.0
    ) -> None:
        mine, theirs = flat(one.member(slot)), flat(other.member(other_slot))
        torch.testing.assert_close(mine, theirs, rtol=within, atol=within)
        for row, other_row in zip(one.curve(slot), other.curve(other_slot), strict=True):
            assert list(row) == list(other_row)
            assert row == pytest.approx(other_row, rel=within, abs=within)

    return assert_same_run


TINY_DIGITS = ["dataset=digits", "dataset.val_fraction=0", "dataset.test_fraction=0.02"]
FIFTY_STEPS = ["dataset.train_size=80", "batch_size=8", "epochs=5"]
# The smallest settings that keep every part of a model: a new model needs a line of its own.
SMALL = {
    "mlp": ["model.hidden=[12]", *TINY_DIGITS, *FIFTY_STEPS],
    "dropout-mlp": ["model.hidden=[12,8]", *TINY_DIGITS, *FIFTY_STEPS],
    "linreg": ["dataset=linear", "dataset.test_size=30", *FIFTY_STEPS],
    "planck": ["dataset=planck", *FIFTY_STEPS],
    "point": ["dataset=none", "loss=quadratic", "model.noise=0.5", "epochs=50"],
    "softmax": [*TINY_DIGITS, *FIFTY_STEPS],
    "scratch": ["model.hidden=12", *TINY_DIGITS, *FIFTY_STEPS],
    "lenet": ["dataset.resize=16", *TINY_DIGITS, *FIFTY_STEPS],
    "lenet-bn": ["dataset.resize=16", *TINY_DIGITS, *FIFTY_STEPS],
    "resnet": [
        *("model.widths=[4,6]", "model.blocks=1", "dataset.resize=16"),
        *(*TINY_DIGITS, *FIFTY_STEPS),
    ],
    "densenet": [
        *("model.blocks=[2,1]", "model.growth=4", "model.stem=6", "dataset.resize=32"),
        *(*TINY_DIGITS, *FIFTY_STEPS),
    ],
}
# Rates at which 50 steps are not yet chaotic: with rmsprop at 0.009, changing DenseNet's initial
# weights by one part in 1e15 was seen to change its end by 6e-9, at 0.003 by 2e-12.
RATES = {
    "sgd": 0.05,
    "torch-sgd": 0.05,
    "adam": 0.003,
    "adamw": 0.003,
    "rmsprop": 0.001,
    "adagrad": 0.02,
    "momentum": 0.005,
    "line-search": 0.05,
    "newton": 0.1,
}
STEEP = {"planck": 1e-3}  # a loss of large gradients takes smaller rates
WITH_DROPOUT = {"dropout-mlp", "scratch"}


@pytest.fixture(scope="session")
def small() -> dict[str, list[str]]:
    """For each model, overrides that make it and its data small."""
    return SMALL


@pytest.fixture(scope="session")
def differing(make_config: Callable[..., Config]) -> Callable[..., list[Config]]:
    """Makes three runs that one group may hold; see the function inside."""

    def differing(model, optim, *more, precision="float64"):
        """Three runs that differ in all that a group may hold: seed, lr, λ, rate of dropout."""
        lr = RATES.get(optim, 1.0) * STEEP.get(model, 1.0)
        return [
            make_config(
                *(f"model={model}", f"optim={optim}", *SMALL[model], *more),
                *([f"model.dropout={0.1 + 0.2 * i}"] if model in WITH_DROPOUT else []),
                **{
                    "seed": 7 * i,
                    "optim.lr": lr * (1 + i),
                    "regularizer.lambda": 0.01 * i,
                    "device.precision": precision,
                    "device": "cpu",
                },
            )
            for i in range(3)
        ]

    return differing
