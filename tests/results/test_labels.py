"""Values as text."""

import math

from runner.results.labels import interval, last_parts, number, p_value, readable, short, spread


def test_words_of_numbers() -> None:
    assert interval(-0.10234, -0.0991) == "-0.10234 to -0.09910"
    assert interval(-25.0, 35.0) == "-25.0 to 35.0"
    assert interval(0.17801, 0.24003, digits=2) == "0.178 to 0.240"
    assert interval(math.nan, math.nan) == "-"
    assert interval(0.0, 0.0) == "0 to 0"
    assert interval(-math.inf, math.inf) == "-inf to inf"
    assert [p_value(p) for p in (math.nan, 0.0, 0.04321)] == ["-", "<0.001", "0.043"]


def test_values_for_labels() -> None:
    assert [short(value) for value in (0.1, 2.0, None, math.nan, "adam")] == [
        "0.1", "2", "-", "not set", "adam"
    ]  # fmt: skip
    assert short("x" * 30, 5) == "xxxx…"


def test_numbers_have_no_exponent_below_a_million() -> None:
    values = (10899.7, 8264.7, 123456.0, -99999.0, 999949.0, 1e6, 0.00001234, 0.5, math.nan)
    assert [readable(value) for value in values] == [
        "10900", "8265", "123500", "-100000", "999900", "1e+06", "1.234e-05", "0.5", "nan"
    ]  # fmt: skip
    assert [readable(8814.0, form) for form in (".3g", "+.3g")] == ["8810", "+8810"]
    assert [number(value) for value in (math.nan, 0.0, 10899.7)] == ["-", "0", "10900"]
    assert [spread(10899.7, 123.0), spread(0.5, math.nan)] == ["10900 ± 120", "0.5"]


def test_a_key_goes_by_its_last_part_where_no_other_ends_so() -> None:
    assert last_parts(["optim", "optim.lr", "seed"]) == ["optim", "lr", "seed"]
    assert last_parts(["schedule.power", "model.power", "optim.lr"]) == [
        "schedule.power", "model.power", "lr"
    ]  # fmt: skip
