"""The values of a search as the keys' own types have them, and as a person types them."""

import pytest

from runner.config import check
from runner.errors import RequestError
from runner.request.command_line import read as read_command
from runner.request.dimensions import Dimension
from runner.request.validate import check_request
from runner.search.space import chosen, read, typed, with_types


def asked(*words):
    request = check_request(read_command(["-m", "hydra/sweeper=search", *words]))
    return with_types(request.search, [check(point.resolved) for point in request.points])


def test_the_key_s_type_says_what_is_whole():
    """Hydra reads 16 and 64 as floating-point numbers here."""
    search = asked("batch_size=interval(16,64)", "optim.lr=interval(1,2)")
    assert {d.key: d.whole for d in search.dimensions} == {"batch_size": True, "optim.lr": False}


def test_whole_numbers_have_whole_ends_and_steps():
    with pytest.raises(RequestError, match=r"batch_size=16\.5 is not allowed"):
        asked("batch_size=interval(16.5,64)")
    with pytest.raises(RequestError, match=r"whole numbers, and steps of 0\.5 give others"):
        asked("batch_size=range(16,17.5,0.5)")


@pytest.mark.parametrize(
    ("dimension", "value", "expected"),
    [
        (Dimension("a", low=0, high=1), 0.123456, "0.1235"),
        (Dimension("a", low=0, high=0.9), 0.783014, "0.783"),
        (Dimension("a", low=0, high=0.9), 0.783164, "0.7832"),
        (Dimension("a", low=0, high=900), 783.164, "783.2"),
        (Dimension("a", low=1e-4, high=1, log=True), 0.783164, "0.7832"),
        (Dimension("a", low=1, high=100, log=True), 78.3164, "78.32"),
        (Dimension("a", low=0, high=1000), 123.456, "123.5"),
        (Dimension("a", low=1000, high=1001), 1000.123456, "1000.1235"),
        (Dimension("a", low=1e-4, high=1, log=True), 0.000123456, "0.0001235"),
        (Dimension("a", low=1e-4, high=1, log=True), 0.0000999999999, "0.0001"),
        (Dimension("a", low=16, high=64, whole=True), 17, "17"),
        (Dimension("a", values=("[16]", "[32]")), "[32]", "[32]"),
    ],
)
def test_a_value_is_typed_with_four_digits_of_its_interval(dimension, value, expected):
    assert typed(dimension, value) == expected


def test_a_default_is_tried_where_it_can_be():
    assert read(Dimension("a", low=0.1, high=1), 0.5) == 0.5
    assert read(Dimension("a", low=0.1, high=1), 0.01) is None
    assert read(Dimension("a", low=1, high=9, whole=True), 3) == 3
    assert read(Dimension("a", low=1, high=9, whole=True), 3.5) is None
    assert read(Dimension("a", low=10, high=50, step=20, whole=True), 30) == 30
    assert read(Dimension("a", low=10, high=50, step=20, whole=True), 32) is None
    assert read(Dimension("a", low=0.1, high=0.7, step=0.2), 0.3) == 0.3
    assert read(Dimension("a", values=("[16]", "null")), [16]) == "[16]"
    assert read(Dimension("a", values=("[16]", "null")), None) == "null"
    assert read(Dimension("a", values=("[16]",)), [8]) is None
    assert read(Dimension("a", low=0, high=1), True) is None


def test_only_the_values_of_a_point_are_told():
    search = asked("optim=momentum,adam", "optim.momentum=interval(0,0.9)")
    assert chosen(search, {"optim": "adam"}) == {"optim": "adam"}
