"""Learning curves as they are drawn: nothing lost but what is thinned, and that is even."""

import numpy as np
import pytest

from runner.results.report import curves as module
from runner.results.report.curves import sweep_curves, thinning
from runner.results.report.groups import make_groups


def runs_of(line):
    """The runs of a line, parted where a value is missing."""
    return [line.jobs == job for job in np.unique(line.jobs)]


@pytest.mark.parametrize("most", [10_000, 20])
def test_every_run_is_there_from_its_first_epoch_to_its_last(
    folders, grid, view_of, monkeypatch, most
):
    monkeypatch.setattr(module, "MOST_POINTS", most)
    view = view_of(folders.sweep("s", grid(optim__lr=[0.1, 0.2], seed=[0, 1]), 10))
    for figure in sweep_curves(view, make_groups(view)):
        assert sum(len(runs_of(line)) for line in figure.lines) == 4
        for line in figure.lines:
            for run in runs_of(line):
                shown = np.isfinite(line.values) & run
                assert line.epochs[shown][[0, -1]].tolist() == [1, 10]
                of_job = view.curves[view.curves["job"] == line.jobs[run][0]]
                wanted = of_job.set_index("epoch")[figure.names[0]]
                np.testing.assert_allclose(
                    line.values[shown],
                    wanted.loc[line.epochs[shown]],
                    rtol=1e-6,  # float32
                )
    assert thinning(view, 4) == (1 if most > 1000 else 8)


def test_runs_of_one_entry_are_not_joined(folders, grid, view_of):
    view = view_of(folders.sweep("s", grid(seed=[0, 1, 2]), 4))
    (line,) = sweep_curves(view, make_groups(view))[0].lines
    assert np.flatnonzero(np.isnan(line.values)).tolist() == [4, 9]


def test_diverged_runs_do_not_stretch_the_axis(folders, make_curve, view_of):
    (folders.root / "s").mkdir()
    folders.run("s/0", {"optim.lr": 0.1}, make_curve(3))
    rows = [row | {"train/loss": 1e30} for row in make_curve(3)]
    folders.run("s/1", {"optim.lr": 9}, rows, status="diverged")
    view = view_of(folders.root / "s")
    figure = sweep_curves(view, make_groups(view))[0]
    assert figure.high == 1
    assert len(figure.lines) == 2
