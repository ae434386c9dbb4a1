"""Learning curves of sweeps: nothing lost but what is thinned, and that is even."""

import numpy as np
import pytest

from runner.results.figures.marks import Lines
from runner.results.figures.spec import thinning
from runner.results.figures.sweep_curves import runs_curves, sweep_curves
from runner.results.report.groups import make_groups


def panels_of(view):
    return list(runs_curves(view, make_groups(view).of_job))


@pytest.mark.parametrize("most", [10_000, 20])
def test_every_run_is_there_from_its_first_epoch_to_its_last(folders, grid, view_of, most):
    view = view_of(folders.sweep("s", grid(optim__lr=[0.1, 0.2], seed=[0, 1]), 10))
    panels = panels_of(view)
    step = thinning(panels, most)
    assert step == (1 if most > 1000 else 8)
    for panel in (panel.thinned(step) for panel in panels):
        assert sum(len(line.names) for line in panel.marks) == 4
        for line in panel.marks:
            for job in line.names:
                mine = line.parts == job
                assert line.x[mine][[0, -1]].tolist() == [1, 10]
                wanted = view.curves[view.curves["job"] == job].set_index("epoch")
                column = next(n for n in wanted if view.measures.label(str(n)) == panel.title)
                assert line.y[mine].tolist() == wanted.loc[line.x[mine], column].tolist()


def test_thinned_lines_keep_their_ends_and_what_is_told_of_them():
    parts = np.repeat([3, 7], [9, 1])
    x = np.arange(10.0)
    line = Lines(x, -x, parts=parts, low=x - 1, tips={"place": list(map(str, range(10)))})
    thin = line.thinned(4)
    assert thin.x.tolist() == [0, 4, 8, 9]
    assert thin.names == [3, 7]
    assert (-thin.y == thin.x).all()
    assert (thin.low == thin.x - 1).all()
    assert thin.tips["place"] == ["0", "4", "8", "9"]


def test_diverged_runs_do_not_stretch_the_axis(folders, make_curve, view_of):
    (folders.root / "s").mkdir()
    folders.run("s/0", {"optim.lr": 0.1}, make_curve(3))
    rows = [row | {"train/loss": 1e30} for row in make_curve(3)]
    folders.run("s/1", {"optim.lr": 9}, rows, status="diverged")
    view = view_of(folders.root / "s")
    for panel in (panels_of(view)[0], sweep_curves(view).panels[0]):
        assert 1 < panel.y.span[1] < 1.1
        assert any((line.y == 1e30).any() for line in panel.marks if isinstance(line, Lines))
