"""A sweep made ready for drawing."""

import math
from dataclasses import replace

import pandas as pd

from runner.results.measures import Measures
from runner.results.read.runs import read_run
from runner.results.sweep_view import make_view, sortable
from runner.results.tables import make_tables


def in_order(values):
    column = pd.Series(values, dtype=object)
    return list(column.iloc[sortable(column).argsort(kind="stable")])


def test_numbers_come_before_what_is_missing_and_words_after():
    # Words stand as they were typed, which is the order of the runs.
    assert in_order(["b", 10, None, "a", 2]) == [2, 10, None, "b", "a"]
    assert in_order([3, 1, 2]) == [1, 2, 3]
    found = in_order(["null", math.nan, 3, None, 2])
    assert (found[:2], found[-1]) == ([2, 3], "null")


def test_runs_without_a_curve_are_counted(folders, view_of):
    folder = folders.sweep("s", [{"seed": seed} for seed in range(3)])
    assert view_of(folder).curveless == ""
    (folder / "1" / "metrics.csv").unlink()
    assert view_of(folder).curveless == "; 1 without a curve"


def test_errors_of_numbers_are_drawn_on_a_log_scale_and_what_is_none_is_not(folders):
    record = {
        "loss": {"direction": "lower", "label": "half squared error", "unit": None},
        "gap": {"direction": "lower", "label": "mean gap", "unit": None},
        "r2": {"direction": "higher", "label": "R²", "unit": None},
        "missed": {"direction": "lower", "label": "missed", "unit": "fraction"},
        "log-likelihood": {"direction": "lower", "label": "negative", "unit": None},
    }
    values = {"loss": 2.0, "gap": 1.5, "r2": 0.5, "missed": 0.25, "log-likelihood": -1.0}
    rows = [{"epoch": 1, **{f"test/{name}": value for name, value in values.items()}}]
    run = read_run(folders.run("r", {}, rows, task="numbers"))
    run.summary["metrics"] = record
    view = make_view([run], make_tables([run]), Measures.of([run]))
    assert (view.metric, view.label) == ("test/loss", "test loss (half squared error)")
    assert {name for name in values if replace(view, metric=f"test/{name}").log} == {"loss", "gap"}
    assert {name for name in values if view.log_curves([f"test/{name}"])} == {"loss", "gap"}
    assert not view.log_curves(["test/loss", "test/r2"])
