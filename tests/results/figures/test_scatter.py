"""Keys with a value of its own at each point: dots alone, and what was let go is pale."""

import numpy as np
import pytest

from runner.results.figures import bokeh
from runner.results.figures.colours import FAILED, NO_NUMBER
from runner.results.figures.heat_maps import heat_map
from runner.results.figures.marks import Dots, Lines, Tiles
from runner.results.figures.runs_by_value import runs_by_value
from runner.results.figures.sweep_curves import runs_curves, sweep_curves
from runner.results.figures.values import by_value, told_apart
from runner.results.report.figures import report_figures
from runner.results.report.groups import make_groups
from runner.results.report.importance import shares

PRUNED, DIVERGED, DONE = 48, 6, 6


@pytest.fixture
def search(folders, view_of):
    return view_of(folders.search("s"))


@pytest.fixture
def drawn(folders, make_curve, view_of):
    """A sweep of random values of two keys, of which none was let go."""
    (folders.root / "drawn").mkdir()
    rng = np.random.default_rng(0)
    for job in range(40):
        point = {
            "optim.lr": float(10 ** rng.uniform(-3, 0)),
            "optim.momentum": float(rng.uniform()),
        }
        folders.run(f"drawn/{job}", point, make_curve(2, offset=0.001 * job))
    return view_of(folders.root / "drawn")


def jobs_of(marks):
    return sorted(job for mark in marks for job in mark.jobs.tolist())


def test_continuous_keys_are_those_with_a_value_of_its_own_at_each_point(search, drawn):
    assert search.continuous == ["optim.lr"]
    assert drawn.continuous == ["optim.lr", "optim.momentum"]


def test_values_of_a_grid_and_of_one_key_alone_are_not_continuous(folders, grid, view_of):
    many = [0.001 * i for i in range(1, 41)]
    assert view_of(folders.sweep("one", grid(optim__lr=many))).continuous == []
    assert view_of(folders.sweep("two", grid(optim__lr=many, a=[1, 2]), 1)).continuous == []


def test_every_run_is_a_dot_and_nothing_a_mean(drawn):
    panel = runs_by_value(drawn, "optim.lr", make_groups(drawn).of_job)
    assert not any(isinstance(mark, Lines) or mark.tag == "mean" for mark in panel.marks)
    assert jobs_of(panel.marks) == list(range(40))


def test_runs_let_go_are_pale_dots_and_no_failures(search):
    panel = runs_by_value(search, "optim.lr", make_groups(search).of_job)
    pale = [mark for mark in panel.marks if mark.colour == NO_NUMBER]
    crosses = [mark for mark in panel.marks if mark.marker == "x"]
    assert (len(jobs_of(pale)), len(jobs_of(crosses))) == (PRUNED, DIVERGED)
    assert all(mark.colour == FAILED and mark.tag == "lost" for mark in crosses)
    assert jobs_of(panel.marks) == list(range(60))
    assert max(mark.alpha for mark in pale) < 1
    assert "48 of 60 points let go early (pruned)" in panel.caption
    assert "6 diverged of 60 runs" in panel.caption


def test_a_run_let_go_stands_at_the_value_that_it_had_then(search):
    panel = runs_by_value(search, "optim.lr", make_groups(search).of_job)
    last = search.runs.set_index("job")
    low, high = panel.y.span
    for mark in panel.marks:
        if mark.colour == NO_NUMBER and mark.marker == "o":
            np.testing.assert_allclose(mark.y, last.loc[mark.jobs, search.metric])
            np.testing.assert_allclose(mark.x, last.loc[mark.jobs, "optim.lr"])
            epochs = last.loc[mark.jobs, "epoch"]
            assert [*mark.tips["let go after epoch"]] == [f"{epoch}" for epoch in epochs]
        assert ((mark.y >= low) & (mark.y <= high)).all()


def test_print_lists_what_its_colours_are(search, said):
    """Of the colours that there are: all points of adam were let go or diverged."""
    words = ("sgd", "let go early", "did not complete", "48 of 60 points let go early")
    text = " ".join(said(by_value(search, "optim.lr")).split())
    assert all(some in text for some in words)
    assert "adam" not in text


def test_a_key_that_tells_few_values_apart_has_dots_alone_as_well(search):
    (panel,) = by_value(search, "optim").panels
    assert all(isinstance(mark, Dots) and mark.low is None for mark in panel.marks)


def test_no_key_with_a_value_at_each_point_tells_lines_apart(drawn):
    assert told_apart(drawn, "optim.lr", "optim.momentum") == ([], ["optim.momentum"])


def test_a_pair_is_dots_coloured_by_the_metric(search, drawn):
    for view, keys in ((search, ("optim", "optim.lr")), (drawn, drawn.keys)):
        (panel,) = heat_map(view, *keys).panels
        assert not any(isinstance(mark, Tiles) for mark in panel.marks)
        assert panel.shades is not None
        (coloured,) = [mark for mark in panel.marks if mark.values is not None]
        assert coloured.jobs.tolist() == view.drawable["job"].tolist()


def test_cells_all_of_whose_runs_were_let_go_are_no_failures(folders, make_curve, view_of):
    (folders.root / "s").mkdir()
    for job, (a, b) in enumerate([(1, 1), (1, 2), (2, 1), (2, 2)]):
        status = ["ok", "pruned", "diverged", "ok"][job]
        folders.run(f"s/{job}", {"a": a, "b": b}, make_curve(2), status=status)
    spec = heat_map(view_of(folders.root / "s"), "a", "b")
    _, crosses, circles = spec.panels[0].marks
    assert (len(crosses.x), len(circles.x), circles.hollow) == (1, 1, True)
    assert "circle: all let go early" in spec.title and "cross: none completed" in spec.title


def test_curves_of_runs_let_go_end_in_a_dot_below_the_others(search, said):
    spec = sweep_curves(search)
    assert "48 of 60 points let go early (pruned)" in spec.title
    for panel in spec.panels:
        lines, dots, *_ = panel.marks
        assert lines.colour == dots.colour and lines.alpha < 0.5
        assert spec.legend.labels[dots.colour] == "let go early"
    crosses = [mark for mark in spec.panels[-1].marks if getattr(mark, "marker", "") == "x"]
    assert sum(len(mark.x) for mark in crosses) == DIVERGED
    assert "let go early" in said(spec)


def test_curves_of_runs_let_go_are_on_the_page_and_pale(search):
    groups = make_groups(search)
    for panel in runs_curves(search, groups.of_job):
        pale = {job for mark in panel.marks if mark.alpha < 1 for job in mark.names}
        assert pale == set(search.pruned["job"])


def test_parallel_coordinates_have_what_was_let_go_below_and_without_a_colour(search):
    found = report_figures(search, [None] * 60)
    assert found.parallel is not None
    assert "48 of 60 points let go early" in found.parallel.caption


def test_a_key_that_some_runs_lack_has_its_scale(folders, make_curve, view_of, said):
    """A key of some choices only, as a search over optimizers and their momentum has it."""
    (folders.root / "s").mkdir()
    for job in range(80):
        point = {"optim": "adam", "optim.lr": 0.001 * (job + 1)}
        if job % 2:
            point |= {"optim": "sgd", "optim.momentum": 0.01 * job}
        folders.run(f"s/{job}", point, make_curve(2, offset=0.001 * job))
    view = view_of(folders.root / "s")
    assert view.continuous == ["optim.lr", "optim.momentum"]
    spec = by_value(view, "optim.momentum")
    assert spec.panels[0].x.kind == "linear"
    assert jobs_of(spec.panels[0].marks) == list(range(1, 80, 2))
    assert "40 runs without optim.momentum" in said(spec)
    groups = make_groups(view)
    for panel in (heat_map(view, "optim.lr", "optim.momentum").panels[0],):
        bokeh.draw(panel, groups)
    assert report_figures(view, [None] * 80).parallel is not None


def test_many_dots_are_paler_than_few(folders, view_of):
    views = [view_of(folders.search(f"s{count}", count)) for count in (40, 400)]
    alphas = [min(m.alpha for m in by_value(view, "optim.lr").panels[0].marks) for view in views]
    assert alphas[1] <= alphas[0] / 2


def test_continuous_keys_have_no_share_of_the_variance(drawn):
    assert [share.share for share in shares(drawn)] == [None, None]


def test_they_have_no_table_of_a_row_per_value(search):
    found = report_figures(search, [None] * 60)
    tables = {figure.title: figure.table for figure in (*found.values, *found.maps)}
    assert tables["optim.lr"] is None and tables["optim and optim.lr"] is None
    assert tables["optim"] is not None
