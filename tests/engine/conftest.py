"""Groups built from configs and trained to their end, as the program trains them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from runner.build import build_group
from runner.component_keys import sweepable
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

    def interrupted(self) -> None:
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


FIFTY_STEPS = ["batch_size=8", "epochs=5"]  # of 80 examples, as the examples of datasets have them


@pytest.fixture(scope="session")
def small(example: Callable[[str, str], list[str]]) -> Callable[[str], list[str]]:
    """Tells the overrides of fifty steps of a model, it and its data small."""
    return lambda model: [*example("model", model), *FIFTY_STEPS]


def shrunk(value: Any, factor: float) -> Any:
    """A value, or each of a list, times a factor; whole numbers and names stay as they are."""
    if isinstance(value, list):
        return [shrunk(one, factor) for one in value]
    return value * factor if isinstance(value, float) else value


@pytest.fixture(scope="session")
def differing(
    make_config: Callable[..., Config],
    small: Callable[[str], list[str]],
    own_values: Callable[[str, str], list[str]],
) -> Callable[..., list[Config]]:
    """Makes three runs that one group may hold; see the function inside."""

    def differing(model, optim, *more, precision="float64"):
        """Three runs that differ in all that a group may hold: seed, lr, λ, the model's values.

        The rates are one to three times that of the optimizer's example, at which fifty steps are
        not yet chaotic: with rmsprop at 0.009, changing DenseNet's initial weights by one part in
        1e15 was seen to change its end by 6e-9, at 0.003 by 2e-12.
        """
        chosen = [*small(model), f"optim={optim}", *own_values("optim", optim), *more]
        chosen += ["device=cpu", f"device.precision={precision}"]
        first = make_config(*chosen)
        return [
            make_config(
                *chosen,
                *(
                    f"model.{key}={shrunk(first.model[key], 1 - 0.1 * i)}"
                    for key in sweepable("model", model)
                ),
                **{
                    "seed": 7 * i,
                    "optim.lr": first.optim["lr"] * (1 + i),
                    "regularizer.lambda": 0.01 * i,
                },
            )
            for i in range(3)
        ]

    return differing
