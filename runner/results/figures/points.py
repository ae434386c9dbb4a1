"""The points of a sweep in a figure: means over their runs, colours and dashes."""

from collections.abc import Sequence

import pandas as pd

from runner.results.figures.colours import APART, ON_BLACK, Entry, Legend, entries_of
from runner.results.figures.marks import finite
from runner.results.figures.scales import word_scale
from runner.results.labels import point_label
from runner.results.sweep_view import SweepView

FEW = 10
DASHES = ("-", "--", ":", "-.")
MANY = Entry("", APART[0], ON_BLACK[0])


def point_legend(view: SweepView) -> Legend:
    """An entry for each point, in their order: shades for numbers, colours for words.

    Of two keys the second shows in the dashes, where it has few values. More than ten points have
    one colour, and none is listed.

    Args:
        view: The sweep.
    """
    if len(view.points) > FEW:
        return Legend("", (MANY,) * len(view.points))
    labels = [point_label(values) for values in view.points.itertuples(index=False)]
    return Legend(", ".join(view.keys), tuple(_entries(view, labels)))


def over_runs(values: "pd.Series[float]", by: Sequence["pd.Series[float]"]) -> pd.DataFrame:
    """Mean, lowest and highest of the finite values over runs.

    Args:
        values: A metric, a row per run and epoch.
        by: What rows must share to be of one mean, such as point and epoch.
    """
    return finite(values).groupby(list(by)).agg(["mean", "min", "max"]).dropna()


def _entries(view: SweepView, labels: list[str]) -> list[Entry]:
    points, keys = view.points, view.keys
    numbers = bool(keys) and pd.api.types.is_numeric_dtype(points.iloc[:, 0])
    if len(keys) != 2 or points[keys[1]].nunique(dropna=False) > len(DASHES):
        return list(entries_of(labels, ordered=numbers and len(keys) == 1))
    first, second = word_scale(points[keys[0]]), word_scale(points[keys[1]])
    looks = entries_of([str(value) for value in first.values], ordered=numbers)
    rows, columns = first.of(points[keys[0]]).astype(int), second.of(points[keys[1]]).astype(int)
    return [
        Entry(label, looks[row].white, looks[row].black, DASHES[column])
        for label, row, column in zip(labels, rows, columns, strict=True)
    ]
