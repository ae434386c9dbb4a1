"""The metric by a swept value, as a PNG."""

from runner.results.plots.values import by_value


def test_legends_cross_stands_clear_of_those_of_the_runs(folders, make_curve, study_of):
    (folders.root / "s").mkdir()
    folders.run("s/0", {"optim.lr": 0.1}, make_curve(3))
    folders.run("s/1", {"optim.lr": 1e30}, make_curve(1), status="diverged")
    figure = by_value(study_of(folders.root / "s"), "optim.lr")
    (axes,) = figure.axes
    figure.canvas.draw()
    (cross,) = [line for line in axes.lines if line.get_label() == "did not end well"]
    drawn = cross.get_transform().transform(cross.get_xydata())
    legend = axes.get_legend().get_window_extent()
    # A cross is 6 points wide; one more of them between the two.
    assert legend.y1 < drawn[:, 1].min() - 12 * figure.dpi / 72
