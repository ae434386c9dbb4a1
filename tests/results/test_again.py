"""How far apart two runs of one request are: rounding may turn an answer, and move nothing else."""

from pathlib import Path

import pytest

from runner.results.again import ROUNDING, distance
from runner.results.read.runs import Run

HEADER = ("epoch", "lr", "train/loss", "test/accuracy")
BEFORE = ("1,0.1,0.7,0.2625", "2,0.2,0.5,0.3875")  # of 80 answers


def run(*rows):
    return Run(Path("run"), {}, {}, HEADER, rows)


@pytest.mark.parametrize(
    ("second_row", "column"),
    [
        ("2,0.2,0.50001,0.3875", None),
        ("2,0.2,0.5,0.4", None),
        ("2,0.2,0.50001,0.375", None),
        ("2,0.2,0.5,0.4125", "test/accuracy"),  # two answers
        ("2,0.2,0.501,0.4", "train/loss"),
        ("2,0.1,0.5,0.3875", "lr"),
        ("3,0.2,0.5,0.3875", "epoch"),
    ],
)
def test_what_is_more_than_rounding_is_told(second_row, column):
    far = distance(run(*BEFORE), run(BEFORE[0], second_row))
    assert (far.size > ROUNDING) == (column is not None)
    assert column in (None, far.column)


def test_an_answer_that_turned_is_told_and_one_of_few_is_not_forgiven():
    far = distance(run(*BEFORE), run(BEFORE[0], "2,0.2,0.5,0.4"))
    assert str(far) == "one answer is another in test/accuracy"
    far = distance(run(*BEFORE), run(BEFORE[0], "2,0.2,0.50001,0.4"))
    assert str(far).startswith("largest relative difference 1e-05, in train/loss; one answer is")
    few = distance(run("1,0.1,0.7,0.5"), run("1,0.1,0.7,0.75"))  # a quarter tells no step
    assert few.column == "test/accuracy" and few.size > ROUNDING
