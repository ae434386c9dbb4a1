"""How far apart two runs of one request are: rounding may turn an answer, and move nothing else."""

from pathlib import Path

import pytest

from runner.results.again import ROUNDING, distance
from runner.results.read.runs import Run

HEADER = ("epoch", "lr", "train/loss", "test/accuracy")
BEFORE = ("1,0.1,0.7,0.25", "2,0.2,0.5,0.375")


def run(*rows):
    return Run(Path("run"), {}, {}, HEADER, rows)


@pytest.mark.parametrize(
    ("second_row", "column"),
    [
        ("2,0.2,0.50001,0.375", None),
        ("2,0.2,0.5,0.5", None),  # one of eight answers
        ("2,0.2,0.5,0.25", None),
        ("2,0.2,0.5,0.625", "test/accuracy"),  # two of them
        ("2,0.2,0.501,0.5", "train/loss"),
        ("2,0.1,0.5,0.375", "lr"),
        ("3,0.2,0.5,0.375", "epoch"),
    ],
)
def test_what_is_more_than_rounding_is_told(second_row, column):
    far = distance(run(*BEFORE), run(BEFORE[0], second_row))
    assert (far.size > ROUNDING) == (column is not None)
    assert column in (None, far.column)
