from typing import Any

import pandas as pd
import pytest

from runner.results.figures import mpl
from runner.results.plots.draw import draw_run, draw_sweep
from runner.results.plots.rates import rates_change, run_rates, sweep_rates
from runner.results.read.runs import read_run
from runner.results.sweep import read_sweep


def falling(curve: list[dict[str, float]], factor: float) -> list[dict[str, float]]:
    return [row | {"lr": 0.1 * factor**epoch} for epoch, row in enumerate(curve)]


@pytest.fixture
def sweep(folders: Any, make_curve: Any) -> Any:
    """A sweep over three schedules, two seeds each; the first is constant."""
    folder = folders.sweep("sweep", [])
    jobs = ((factor, seed) for factor in (1.0, 0.5, 0.001) for seed in (0, 1))
    for job, (factor, seed) in enumerate(jobs):
        asked = {"schedule.gamma": factor, "seed": seed}
        folders.run(f"sweep/{job}", asked, falling(make_curve(3), factor))
    return folder


def test_rates_that_stay_are_not_drawn(folders: Any, make_curve: Any) -> None:
    assert not rates_change(pd.DataFrame(make_curve(3)))
    assert not rates_change(pd.DataFrame({"epoch": [1, 2]}))
    # Each run's own is constant, though they differ.
    assert not rates_change(pd.DataFrame({"job": [0, 0, 1, 1], "lr": [0.1, 0.1, 0.2, 0.2]}))
    folder = folders.run("run", {}, make_curve(2))
    assert "rates.png" not in [path.name for path in draw_run(read_run(folder))]


def test_a_run_shows_its_own(folders: Any, make_curve: Any) -> None:
    table = falling(make_curve(3), 0.5)
    (axes,) = mpl.draw(run_rates(pd.DataFrame(table), "a run")).axes
    assert list(axes.lines[0].get_ydata()) == [0.1, 0.05, 0.025]
    assert axes.get_ylim()[0] == 0
    assert "rates.png" in [path.name for path in draw_run(read_run(folders.run("run", {}, table)))]


def test_a_sweep_has_a_line_for_every_run_and_a_name_for_every_point(
    sweep: Any, view_of: Any, said: Any
) -> None:
    figure = sweep_rates(view_of(sweep))
    (panel,) = figure.panels
    assert sorted(job for line in panel.marks for job in line.names) == list(range(6))
    assert panel.y.kind == "log"  # 0.1 to 1e-7
    assert figure.legend.labels == ["0.001", "0.5", "1"]
    assert "learning rate by schedule.gamma" in said(figure)
    assert "rates.png" in [path.name for path in draw_sweep(read_sweep(sweep))]


def test_many_points_have_no_names(folders: Any, make_curve: Any, view_of: Any) -> None:
    folder = folders.sweep("sweep", [])
    for job in range(12):
        rows = falling(make_curve(3), 1 - job / 20)
        folders.run(f"sweep/{job}", {"schedule.gamma": 1 - job / 20}, rows)
    figure = sweep_rates(view_of(folder))
    assert sum(len(line.names) for line in figure.panels[0].marks) == 12
    assert not mpl.draw(figure).legends


@pytest.mark.parametrize(("second", "kind"), [(0.0009, "log"), (0.002, "linear")])
def test_runs_whose_rates_are_far_apart_have_a_scale_of_ratios(
    folders: Any, make_curve: Any, view_of: Any, second: float, kind: str
) -> None:
    folder = folders.sweep("sweep", [])
    for job, rate in enumerate((0.1, second)):
        rows = [row | {"lr": rate * 0.9**epoch} for epoch, row in enumerate(make_curve(3))]
        folders.run(f"sweep/{job}", {"optim.lr": rate}, rows)
    (panel,) = sweep_rates(view_of(folder)).panels
    assert panel.y.kind == kind
