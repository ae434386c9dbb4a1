"""The metric by a swept value, for a PNG."""

import numpy as np
import pytest

from runner.results.figures import mpl
from runner.results.figures.marks import Dots
from runner.results.figures.sweep_curves import sweep_curves
from runner.results.figures.values import by_value


def test_legends_cross_stands_clear_of_those_of_the_runs(folders, make_curve, view_of):
    (folders.root / "s").mkdir()
    folders.run("s/0", {"optim.lr": 0.1}, make_curve(3))
    folders.run("s/1", {"optim.lr": 1e30}, make_curve(1), status="diverged")
    figure = mpl.draw(by_value(view_of(folders.root / "s"), "optim.lr"))
    (axes,) = figure.axes
    figure.canvas.draw()
    (cross,) = [line for line in axes.lines if line.get_marker() == "x"]
    drawn = cross.get_transform().transform(cross.get_xydata())
    (legend,) = figure.legends
    # A cross is 6 points wide; one more of them between the two.
    assert legend.get_window_extent().y1 < drawn[:, 1].min() - 12 * figure.dpi / 72


def test_repeats_of_data_are_said_to_be_so(folders, view_of, said):
    points = [
        {"optim.lr": lr, "seed": seed, "dataset.seed": seed} for lr in (0.1, 0.2) for seed in (0, 1)
    ]
    view = view_of(folders.sweep("s", points))
    assert view.keys == ["optim.lr"]
    text = said(by_value(view, "optim.lr"))
    assert "bar: mean ± std over seed, data; 2 data sets and seeds each" in text
    assert "2 data sets and seeds each, line: mean" in said(sweep_curves(view))


@pytest.mark.parametrize("values", [(0.1, 0.2), (0, 0.001, 0.1, 10), ("x", "y")])
def test_bars_of_several_lines_stand_beside_each_other(folders, view_of, grid, values):
    """Close to their value all the same: nearer to it than to the middle of two."""
    folder = folders.sweep("s", grid(a__b=values, c=["p", "q", "r"], seed=[0, 1]))
    x, places = bars(by_value(view_of(folder), "a.b"))
    assert len(np.unique(places)) == places.size
    # Three lines side by side at each value, in axes coordinates.
    at = np.log(places) if x.kind == "log" else places
    assert (np.ptp(at, axis=0) < 0.5 * np.diff(at.mean(0)).min()).all()
    known = {words: place for place, words in x.ticks}
    ticks = [known[str(value)] for value in values]
    np.testing.assert_allclose(places[1], ticks)  # the middle one stays


def test_bars_of_both_splits_stand_beside_each_other(folders, view_of, grid):
    _, places = bars(by_value(view_of(folders.sweep("s", grid(a=[1, 2], seed=[0, 1]))), "a"))
    assert len(np.unique(places)) == places.size == 4


def test_dots_without_bars_stand_at_their_value(folders, view_of, grid):
    folder = folders.sweep("s", grid(a__b=[0.1, 0.2], c=["p", "q"]))
    _, places = bars(by_value(view_of(folder), "a.b"))
    assert places.tolist() == [[0.1, 0.2]] * 2


def bars(spec):
    """The axis across, and where the means of each line stand on it."""
    (panel,) = spec.panels
    means = [mark.x for mark in panel.marks if isinstance(mark, Dots) and mark.alpha == 1]
    return panel.x, np.array(means)
