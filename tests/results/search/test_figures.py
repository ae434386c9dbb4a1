"""What the figures of a search show."""

import numpy as np
import pytest

from runner.results.figures.marks import Dots, Lines
from runner.results.plots.draw import draw_sweep
from runner.results.report import write_report
from runner.results.search.confirmed import read_confirmed
from runner.results.search.figures import AGAIN, BEST, DONE, best_so_far, rungs, search_parallel
from runner.results.sweep import read_sweep


@pytest.fixture
def sweep(folders):
    return read_sweep(folders.search("s"))


def test_a_search_is_shown_by_what_decided(sweep):
    """Of classes the accuracy is shown elsewhere."""
    assert sweep.view.metric == "val/loss"


def test_best_so_far_holds_until_the_next_is_known(sweep):
    trials = sweep.search
    panels = best_so_far(trials, sweep.view, None).panels
    for panel, budget in zip(panels, ("trial", "member_epochs", "seconds"), strict=True):
        (line,) = [mark for mark in panel.marks if isinstance(mark, Lines)]
        spent, best = trials.best_so_far(budget)
        assert (line.x[0], line.x[-1]) == (spent[0], spent[-1])
        assert (np.diff(line.x) >= 0).all() and (np.diff(line.y) <= 0).all()
        # Where it falls, it does so at one place.
        assert not ((np.diff(line.x) > 0) & (np.diff(line.y) < 0)).any()
        assert line.y[-1] == best[-1]


def test_the_confirmed_best_stands_beside_it_with_its_interval(sweep):
    confirmed = read_confirmed(sweep.search)
    spec = best_so_far(sweep.search, sweep.view, confirmed)
    for panel in spec.panels:
        (dot,) = [m for m in panel.marks if isinstance(m, Dots) and m.colour == AGAIN]
        assert dot.low < dot.y < dot.high
        low, high = panel.y.span
        assert low < dot.low and dot.high < high and dot.x < panel.x.span[1]
    assert "confirmed: mean and 95 % interval over 5 new seeds" in spec.title


def test_points_are_counted_by_how_far_they_were_trained(sweep, said):
    spec = rungs(sweep.search, sweep.view)
    dots = spec.panels[0].marks[0]
    assert dots.high.tolist() == [60, 18, 6]
    assert "60 to epoch 1, 18 to epoch 3, 6 to epoch 9" in spec.panels[0].caption
    assert "48 of 60 points let go early" in said(spec)


def test_curves_end_where_points_were_let_go(sweep):
    panel = rungs(sweep.search, sweep.view).panels[1]
    (dots,) = [mark for mark in panel.marks if isinstance(mark, Dots)]
    assert set(dots.x) <= {1.0, 3.0}
    pale, whole = [mark for mark in panel.marks if isinstance(mark, Lines)]
    assert set(whole.names) == set(sweep.view.ended["job"])
    assert set(pale.names) == set(sweep.view.pruned["job"])
    assert whole.colour == DONE != BEST


def test_all_are_drawn_into_the_folder(sweep):
    names = {path.name for path in draw_sweep(sweep)}
    assert {"search_best_so_far.png", "search_rungs.png", "parallel.png"} <= names


def test_no_other_sweep_has_them(folders, grid):
    folder = folders.sweep("s", grid(a__b=[1, 2], c=[1, 2]))
    names = {path.name for path in draw_sweep(read_sweep(folder))}
    assert not {"search_best_so_far.png", "search_rungs.png", "parallel.png"} & names


def test_parallel_coordinates_show_those_trained_to_the_end_in_colour(sweep):
    let_go, coloured, *_ = search_parallel(sweep.view).panels[0].marks
    assert set(coloured.names) == set(sweep.view.ended["job"])
    assert set(let_go.names) == set(sweep.view.pruned["job"])
    assert np.isnan(let_go.values).all() and np.isfinite(coloured.values).all()
    # They end before the axis of the metric.
    assert np.isnan(let_go.y.reshape(-1, 3)[:, 2]).all()


@pytest.mark.parametrize("ending", [(1, "pruned"), (1, "diverged")])
def test_a_search_that_found_nothing_yet_has_what_there_is(folders, ending):
    folder = folders.search("s", 20, 0, endings=lambda trial: ending)
    sweep = read_sweep(folder)
    draw_sweep(sweep)
    assert len(sweep.search.complete) == 0


def test_runs_that_lack_what_decided_are_not_drawn_by_it(folders):
    folder = folders.search("s")
    path = folder / "search.csv"
    path.write_text(path.read_text().replace("val/loss", "val/f1"))
    sweep = read_sweep(folder)
    assert not any(path.name.startswith("search") for path in draw_sweep(sweep))
    assert write_report(sweep).is_file()
