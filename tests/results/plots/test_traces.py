from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runner.results.figures import mpl
from runner.results.plots.draw import draw_run, draw_sweep
from runner.results.plots.traces import run_trace, sweep_traces
from runner.results.read.runs import read_run, read_runs
from runner.results.sweep import read_sweep


def write_trace(folder: Path, losses: list[float], second: float = 0.1) -> Path:
    lines = [f"{10 * i},{i},{second * i},{loss}" for i, loss in enumerate(losses, start=1)]
    text = "\n".join(["examples,epoch,seconds,train/loss", *lines, "50,5,0."])
    (folder / "trace.csv").write_text(text)  # the last line was torn
    return folder


def lines(axes: Any) -> list[list[float]]:
    return [list(line.get_ydata()) for line in axes.lines]


def test_run_is_drawn_against_epochs_and_seconds(folders: Any, make_curve: Any, said: Any) -> None:
    folder = write_trace(folders.run("run", {}, make_curve(2)), [3, 2, 1])
    figure = mpl.draw(run_trace(read_run(folder), "a run"))
    by_epoch, by_second = figure.axes
    assert lines(by_epoch) == lines(by_second) == [[3, 2, 1]]
    assert list(by_epoch.lines[0].get_xdata()) == [1, 2, 3]
    assert list(by_second.lines[0].get_xdata()) == pytest.approx([0.1, 0.2, 0.3])
    assert "train loss (cross-entropy)" in said(figure)
    assert [path.name for path in draw_run(read_run(folder))] == ["curves.png", "trace.png"]


def test_loss_that_is_no_number_is_said(folders: Any, make_curve: Any, said: Any) -> None:
    folder = write_trace(folders.run("run", {}, make_curve(1)), [float("nan")])
    assert "no finite loss" in said(run_trace(read_run(folder), "a run"))


@pytest.mark.parametrize("count", [1, 2, 5, 64])
def test_sweeps_of_any_size(folders: Any, view_of: Any, said: Any, count: int) -> None:
    folder = folders.sweep("sweep", [{"batch_size": job + 1} for job in range(count)])
    for job in range(count):
        write_trace(folder / str(job), [3, 2, 1 + job / 100], 10.0 ** -(job % 4))
    assert "trace.png" in {path.name for path in draw_sweep(read_sweep(folder))}
    figure = mpl.draw(sweep_traces(view_of(folder), read_runs(folder)))
    by_epoch, by_second = figure.axes
    assert len(by_epoch.lines) == len(by_second.lines) == count
    assert by_second.get_xscale() == ("log" if count > 1 else "linear")
    assert ("batch_size\n1\n2" in said(figure)) == (count in (2, 5))


def test_epochs_show_the_mean_and_seconds_each_run(folders: Any, view_of: Any, said: Any) -> None:
    folder = folders.sweep("sweep", [{"seed": 0}, {"seed": 1}, {"seed": 2}])
    for job, losses in enumerate(([4, 2], [2, 1])):  # the third run was not traced
        write_trace(folder / str(job), losses)
    figure = sweep_traces(view_of(folder), read_runs(folder))
    by_epoch, by_second = (panel.marks[0] for panel in figure.panels)
    assert by_epoch.y.tolist() == [3, 1.5]
    assert [part.tolist() for part in np.split(by_second.y, by_second.breaks)] == [[4, 2], [2, 1]]
    assert "against epochs their mean, against seconds each run" in said(figure)
