"""The setting that two sweeps of different keys share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.results.compare.comparison import Comparison, at_shared, compare, gains
from runner.results.compare.load import read_side
from runner.results.compare.text import sections
from runner.results.sweep import read_sweep
from runner.results.text_tables import as_text

Sweep = Callable[..., Path]


def said(comparison: Comparison) -> str:
    return " ".join(" ".join(as_text(sections(comparison))).split())


def of(*paths: Path) -> Comparison:
    return compare([read_side(str(path)) for path in paths])


def test_what_one_swept_and_the_other_left_alone_is_found(dropout_and_lambda: Comparison) -> None:
    (contrast,) = dropout_and_lambda.contrasts
    assert contrast.matching.shared == [((0.0,), (0.0,))]
    assert {row.estimate.difference for row in at_shared(contrast)} == {0.0}
    words = said(dropout_and_lambda)
    assert "A at model.dropout=0 and B at regularizer.lambda=0 are the same configuration" in words
    assert "Every metric is identical there in every pair" in words


def test_gain_over_the_shared_setting_is_paired_by_seed(dropout_and_lambda: Comparison) -> None:
    """A level of 0.05 less is 0.05 more of the accuracy, whatever the seed."""
    (row,) = gains(dropout_and_lambda.contrasts[0])
    assert (row.side, row.metric) == ("A", "test/accuracy")
    assert row.estimate.method == "paired"
    assert row.estimate.difference == pytest.approx(0.05)
    assert "It is itself the best point of B." in said(dropout_and_lambda)


def test_both_sides_gain(sweep_over: Sweep) -> None:
    first = sweep_over("a", "model.dropout", {"0": 0.1, "0.2": 0.05})
    comparison = of(first, sweep_over("b", "regularizer.lambda", {"0": 0.1, "0.001": 0.08}))
    rows = gains(comparison.contrasts[0])
    found = [(row.side, round(row.estimate.difference, 9)) for row in rows]
    assert found == [("A", 0.05), ("B", 0.02)]
    assert "itself the best" not in said(comparison)
    # At both points each seed differs by the same: an interval without width, but tested.
    assert ", 2 of best points)" in said(comparison)


def test_runs_that_differ_at_one_setting_are_shown(sweep_over: Sweep) -> None:
    first = sweep_over("a", "model.dropout", {"0": 0.1, "0.2": 0.05})
    words = said(of(first, sweep_over("b", "regularizer.lambda", {"0": 0.2, "0.001": 0.3})))
    assert "are the same configuration" in words
    assert "Every metric is the same there" not in words


def test_other_settings_are_not_shared(sweep_over: Sweep) -> None:
    first = sweep_over("a", "model.dropout", {"0.1": 0.1, "0.2": 0.05})
    assert "are the same configuration" not in said(
        of(first, sweep_over("b", "regularizer.lambda", {"0": 0.2, "0.001": 0.3}))
    )


def test_file_without_a_config_shares_nothing(sweep_over: Sweep) -> None:
    from runner.results.sweep import write_tables

    first = sweep_over("a", "model.dropout", {"0": 0.1, "0.2": 0.05})
    other = sweep_over("b", "regularizer.lambda", {"0": 0.2, "0.001": 0.3})
    write_tables(read_sweep(other))
    assert of(first, other / "sweep.csv").contrasts[0].matching.shared == []


@pytest.mark.parametrize(
    ("asked", "kept"),
    [(0, 0.0), ("[256, 128]", [256, 128]), ("[a,b]", ["a", "b"]), ("null", None), ("true", True)],
)
def test_values_are_equal_as_asked_for_and_as_kept(asked: Any, kept: Any) -> None:
    from runner.results.compare.inputs import Side

    swept = Side("a", ["k"], [], [], {(asked,): {}}, 1)
    other = Side("b", [], [], [], {(): {}}, 1, config={"k": kept})
    assert swept.setting((asked,), ["k"]) == other.setting((), ["k"]) is not None
    assert other.setting((), ["k", "l"]) is None


def test_best_points_that_are_that_setting_are_shown_once(sweep_over: Sweep) -> None:
    first = sweep_over("a", "model.dropout", {"0": 0.1, "0.2": 0.15})
    words = said(of(first, sweep_over("b", "regularizer.lambda", {"0": 0.2, "0.001": 0.3})))
    assert (
        "regularizer.lambda=0; paired by seed: 3 pairs. The two are the same configuration."
        in words
    )
    assert "itself the best" not in words
    assert words.count("95 % interval") == 1, "a table of the differences"


def test_each_side_lists_its_points_once(sweep_over: Sweep) -> None:
    sides = [("a", "model.dropout"), ("b", "regularizer.lambda"), ("c", "optim.lr")]
    paths = [sweep_over(name, key, {"0": 0.1, "0.2": 0.05}) for name, key in sides]
    words = said(of(*paths))
    assert [words.count(f"{name}: {key}") for name, key in zip("ABC", dict(sides).values())] == [  # noqa: B905
        1, 1, 1,
    ]  # fmt: skip
