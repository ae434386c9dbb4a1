"""What the report draws: diverged runs have their places, epochs are whole, damage stays apart."""

import dataclasses

import numpy as np
import pytest

from runner.results.figures import bokeh
from runner.results.figures.run_curves import run_curves
from runner.results.figures.runs_by_value import runs_by_value
from runner.results.figures.sweep_curves import runs_curves, sweep_curves
from runner.results.read.runs import read_runs
from runner.results.report.figures import report_figures
from runner.results.report.groups import make_groups


@pytest.fixture
def diverged(folders, make_curve, view_of):
    """Two runs with a validation split, of which the second has diverged."""
    (folders.root / "s").mkdir()
    val = {"val/loss": 0.5, "val/accuracy": 0.7}
    rows = [row | val for row in make_curve(3)]
    folders.run("s/0", {"optim.lr": 0.1}, rows)
    bad = [row | dict.fromkeys(("train/loss", "val/loss"), float("nan")) for row in rows[:1]]
    folders.run("s/1", {"optim.lr": 1e30}, bad, status="diverged")
    return view_of(folders.root / "s")


def test_value_of_a_diverged_run_is_on_the_axis_with_a_cross(diverged):
    groups = make_groups(diverged)
    plot = bokeh.draw(runs_by_value(diverged, "optim.lr", groups.of_job), groups)
    (cross,) = [part for part in plot.renderers if part.tags[:1] == ["lost"]]
    data = cross.data_source.data
    assert (data["x"].tolist(), data["lost"].tolist()) == ([1e30], [1])
    assert plot.x_range.start < 0.1 < 1e30 < plot.x_range.end
    assert plot.y_range.start < data["y"][0] < plot.y_range.end


def test_diverged_runs_are_named_in_the_legend_and_every_caption(diverged):
    plots = report_figures(diverged, [None] * 2)
    assert plots.legend.labels == ["0.1", "1e+30 (none completed)"]
    words = [plot.caption for plot in (*plots.curves, *plots.values)]
    assert all("1 diverged of 2 runs" in caption for caption in words)
    assert all("cross: 1 diverged" in plot.caption for plot in plots.values)


def test_where_none_ended_nothing_is_marked(folders, make_curve, view_of):
    (folders.root / "s").mkdir()
    for job in range(2):
        folders.run(f"s/{job}", {"optim.lr": job}, make_curve(2), status="interrupted")
    assert make_groups(view_of(folders.root / "s")).labels == ["0", "1"]


def test_one_epoch_that_is_no_number_leaves_the_other_curves(folders, grid, view_of):
    view = view_of(folders.sweep("s", grid(optim__lr=[0.1, 0.2])))
    curves = view.curves.astype({"epoch": float})
    curves.loc[0, "epoch"] = np.nan
    view = dataclasses.replace(view, curves=curves)
    groups = make_groups(view)
    plot = bokeh.draw(next(runs_curves(view, groups.of_job)), groups)
    assert plot.x_range.start < 1 < 3 < plot.x_range.end


def test_epochs_are_whole(folders, make_curve, view_of):
    (run,) = read_runs(folders.run("r", {}, make_curve(2)))
    spec = run_curves(run.metrics, run.summary, "")
    plot = bokeh.draw(spec.panels[0], spec.legend)
    assert plot.xaxis[0].ticker.min_interval == 1


def test_metric_that_chooses_is_drawn_beside_the_main_one(diverged):
    plots = report_figures(diverged, [None] * 2)
    shown = [" ".join(plot.title.split()[:2]) for plot in plots.curves]
    assert shown == ["train loss", "val accuracy", "val loss", "test loss"]
    assert [plot.caption.partition(" by")[0] for plot in plots.values] == [
        "Last val accuracy",
        "Last val loss",
    ]
    (tested,) = plots.others["test accuracy"]
    assert tested.caption.startswith("Last test accuracy by")


def test_many_keys_have_the_metric_that_chooses_apart(folders, make_curve, view_of):
    (folders.root / "s").mkdir()
    rows = [row | {"val/loss": 1.0, "val/accuracy": 0.5} for row in make_curve(2)]
    for job in range(3):
        folders.run(f"s/{job}", {f"a.{key}": job for key in "bcdef"}, rows)
    plots = report_figures(view_of(folders.root / "s"), [None] * 3)
    assert (len(plots.values), len(plots.others["val loss"])) == (5, 5)


@pytest.mark.parametrize(("task", "factor"), [("numbers", 1), ("classes", 1), ("classes", 1e-4)])
def test_page_and_png_have_the_same_axes(folders, make_curve, view_of, task, factor):
    (folders.root / "s").mkdir()
    rows = make_curve(40)
    rows[-1]["train/loss"] *= factor
    rows[-1]["test/loss"] *= factor
    for job in range(2):
        folders.run(f"s/{job}", {"optim.lr": job}, rows, task=task)
    view = view_of(folders.root / "s")
    page = {p.title: p.y.kind for p in runs_curves(view, make_groups(view).of_job)}
    for panel in sweep_curves(view).panels:
        assert panel.y.kind == page[panel.title]
    loss = page[view.measures.label("test/loss")]
    assert loss == ("log" if task == "numbers" or factor < 1 else "linear")
    captions = [p.caption for p in report_figures(view, [None] * 2).curves if "loss" in p.title]
    assert all("logarithmic" in caption for caption in captions) == (loss == "log")


def test_log_axes_by_swept_value_are_called_so(folders, make_curve, view_of):
    (folders.root / "s").mkdir()
    for job, rate in enumerate([1e-4, 1e-2, 1]):
        folders.run(f"s/{job}", {"optim.lr": rate}, make_curve(2), task="numbers")
    view = view_of(folders.root / "s")
    (plot, *_) = report_figures(view, [None] * 3).values
    assert plot.caption.endswith("Both axes are logarithmic.")


def test_a_list_of_two_numbers_has_its_heat_map_on_the_page(folders, view_of):
    points = [{"a.b": f"[{first},{second}]"} for first in (0, 0.2) for second in (0, 0.5)]
    (shown,) = report_figures(view_of(folders.sweep("lists", points)), [None] * 4).maps
    assert "a.b" in shown.title
    assert "a.b, first and a.b, second" in shown.caption
