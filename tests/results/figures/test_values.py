"""The metric by a swept value, for a PNG."""

from runner.results.figures import mpl
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
