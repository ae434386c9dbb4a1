"""With a validation split pictures lead with it and rank by it; the test set ranks nothing."""

import pytest

from runner.results.figures import mpl
from runner.results.figures.heat_maps import heat_map
from runner.results.figures.parallel import parallel_coordinates
from runner.results.figures.sweep_curves import runs_curves, sweep_curves
from runner.results.figures.values import by_value
from runner.results.report.figures import report_figures
from runner.results.report.groups import make_groups
from runner.results.report.importance import shares


@pytest.fixture
def view(folders, grid, make_curve, view_of):
    """Points of two keys of which the test set and the validation split like opposite ones."""

    def view(with_val):
        (folders.root / "s").mkdir()
        for job, point in enumerate(grid(a__b=[1, 2, 3, 4], a__c=[1, 2, 3, 4])):
            rows = make_curve(2, offset=0.01 * point["a.c"])
            val = {"val/loss": 1.0 - 0.01 * job, "val/accuracy": 0.5 + 0.01 * point["a.b"]}
            folders.run(f"s/{job}", point, [row | (val if with_val else {}) for row in rows])
        return view_of(folders.root / "s")

    return view


def test_the_best_point_is_highlighted_by_what_chooses(view, said):
    text = said(sweep_curves(view(True)))
    assert "best last val loss:\na.b = 4\na.c = 4" in text
    assert "worst last val loss:\na.b = 1\na.c = 1" in text
    assert "the other 14 points" in text


def test_without_a_validation_split_no_point_is_highlighted(view, said):
    shown = sweep_curves(view(False))
    text = said(shown)
    assert "16 points" in text
    for word in ("best", "worst", "highest last", "lowest last"):
        assert word not in text
    assert len({mark.colour for panel in shown.panels for mark in panel.marks}) == 1


def test_figures_lead_with_the_validation_split(view, said):
    shown = view(True)
    assert shown.metric == "val/accuracy"
    assert by_value(shown, "a.b").title.startswith("digits, mlp: last val accuracy by a.b")
    assert "last val accuracy" in heat_map(shown, "a.b", "a.c").title
    groups = make_groups(shown)
    titles = [panel.title.partition(" (")[0] for panel in runs_curves(shown, groups.of_job)]
    assert titles == ["train loss", "val accuracy", "val loss", "test loss"]
    found = report_figures(shown, [None] * 16)
    assert [plot.caption.partition(" by")[0] for plot in found.values[:2]] == [
        "Last val accuracy",
        "Last val loss",
    ]
    assert [*found.others] == ["test accuracy"]


def test_keys_are_ranked_by_the_validation_split_or_not_at_all(view):
    shown = view(True)
    assert [share.key for share in shares(shown)] == ["a.b", "a.c"]
    assert make_groups(shown).title == "a.b"


def test_the_test_set_ranks_neither_keys_nor_runs(view):
    shown = view(False)
    assert shown.metric == "test/accuracy"
    # Of the test accuracy a.c explains all.
    assert [share.key for share in shares(shown)] == ["a.b", "a.c"]
    assert make_groups(shown).title == "a.b"
    lines = parallel_coordinates(shown).marks[0]
    assert lines.names == sorted(lines.names)


def test_a_function_may_be_ranked_by_its_value(folders, grid, view_of, said):
    """It has no test set: its value is what is minimised."""
    points = grid(a__b=[1, 2, 3, 4], a__c=[1, 2, 3, 4])
    config = {"dataset": {"name": "none"}, "loss": {"name": "cosh"}}
    folder = folders.root / "s"
    folder.mkdir()
    for job, point in enumerate(points):
        row = {"epoch": 0, "step": 0, "lr": 0.1, "train/loss": float(job)}
        folders.run(f"s/{job}", point, [row, row | {"epoch": 1}], task="objective", config=config)
    figure = mpl.draw(sweep_curves(view_of(folder)))
    assert "best last f(x):\na.b = 1\na.c = 1" in said(figure)
