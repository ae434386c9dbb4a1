"""A sweep made ready for drawing."""

import math

import pandas as pd

from runner.results.sweep_view import sortable


def in_order(values):
    column = pd.Series(values, dtype=object)
    return list(column.iloc[sortable(column).argsort(kind="stable")])


def test_numbers_come_before_what_is_missing_and_words_after():
    assert in_order(["b", 10, None, "a", 2]) == [2, 10, None, "a", "b"]
    assert in_order([3, 1, 2]) == [1, 2, 3]
    found = in_order(["null", math.nan, 3, None, 2])
    assert (found[:2], found[-1]) == ([2, 3], "null")


def test_runs_without_a_curve_are_counted(folders, view_of):
    folder = folders.sweep("s", [{"seed": seed} for seed in range(3)])
    assert view_of(folder).curveless == ""
    (folder / "1" / "metrics.csv").unlink()
    assert view_of(folder).curveless == "; 1 without a curve"
