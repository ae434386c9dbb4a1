"""Values as text."""

import math

from runner.results.labels import interval, p_value, short


def test_words_of_numbers() -> None:
    assert interval(-0.10234, -0.0991) == "-0.10234 to -0.09910"
    assert interval(-25.0, 35.0) == "-25.0 to 35.0"
    assert interval(math.nan, math.nan) == "-"
    assert interval(0.0, 0.0) == "0 to 0"
    assert interval(-math.inf, math.inf) == "-inf to inf"
    assert [p_value(p) for p in (math.nan, 0.0, 0.04321)] == ["-", "<0.001", "0.043"]


def test_values_for_labels() -> None:
    assert [short(value) for value in (0.1, 2.0, None, math.nan, "adam")] == [
        "0.1", "2", "-", "not set", "adam"
    ]  # fmt: skip
    assert short("x" * 30, 5) == "xxxx…"
