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
