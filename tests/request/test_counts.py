"""A request's points are counted before they are made."""

import time

import pytest

from runner.errors import RequestError
from runner.request.command_line import read
from runner.request.counts import MANY, MOST, check_number_of_points
from runner.request.points import expand, parse
from runner.request.validate import check_request


def refused(*argv):
    with pytest.raises(RequestError) as caught:
        check_request(read(["-m", *argv]))
    (sentence,) = caught.value.sentences
    return sentence


@pytest.mark.parametrize(
    ("overrides", "points"),
    [
        (["seed=range(0,10000000,1)"], 10_000_000),
        (["optim.lr=range(0,1,1e-9)"], 1_000_000_000),
        (["seed=shuffle(range(3000000))"], 3_000_000),
        (["seed=range(2000)", "optim.lr=range(1,0,-0.001)"], 2_000_000),
        (["seed=range(400001)", "optim.lr=1,2,choice(3)"], 1_200_003),
    ],
)
def test_too_many_points_are_one_sentence_at_once(overrides, points):
    overrides = [o.replace("choice(3)", "3") for o in overrides]
    began = time.perf_counter()
    assert refused(*overrides) == f"That is {points:,} points; a sweep takes at most {MOST:,}."
    # To make ten million values takes ten seconds; to count them, none. A busy machine composes
    # the rest of the request in less than this.
    assert time.perf_counter() - began < 5


def test_repeats_count_as_well():
    told = refused("seed=0", "optim.lr=range(1,1001)", "repeats=2000")
    assert told.startswith("1,000 points with 2,000 repeats are 2,000,000 runs; ")


@pytest.mark.parametrize("values", ["range(0,5,0)", "range(0,5,0.0)", "range(0,inf)"])
def test_a_range_without_an_end_is_refused(values):
    assert refused(f"optim.lr={values}").startswith(f"optim.lr={values} has no end")


@pytest.mark.parametrize(
    "values",
    ["range(5)", "range(1,5)", "range(5,1,-2)", "range(0,1,0.25)", "range(0,1,0.3)", "1,2"],
)
def test_the_count_is_that_of_the_points(values, monkeypatch):
    """One fewer allowed than there are is refused, as many are not."""
    asked = parse([f"optim.lr={values}"])
    points = len(expand(asked))
    monkeypatch.setattr("runner.request.counts.MOST", points)
    check_number_of_points(asked)
    monkeypatch.setattr("runner.request.counts.MOST", points - 1)
    with pytest.raises(RequestError, match=f"That is {points} points"):
        check_number_of_points(asked)


def test_a_large_sweep_is_announced_before_it_is_made(capsys):
    check_request(read(["-m", f"seed=range({MANY + 1})"]))
    assert capsys.readouterr().out == f"{MANY + 1:,} runs are checked before the first begins.\n"
    check_request(read(["-m", "seed=range(3)"]))
    assert capsys.readouterr().out == ""
