"""What is drawn of a population, and told on its page."""

from dataclasses import replace

import pandas as pd
import pytest

from runner.results.plots.schedule import SCHEDULE_PLOT
from runner.results.report.groups import make_groups
from runner.results.report.page import render
from runner.results.sweep import read_sweep


@pytest.fixture
def drawn(calm):
    """The figure of its values, and its sweep."""
    sweep = read_sweep(calm)
    (figure,) = SCHEDULE_PLOT.draw_sweep(sweep, sweep.view)
    return figure


def test_the_values_of_the_best_are_drawn_epoch_by_epoch(drawn, calm, rows):
    best = rows(calm / "schedule.csv")
    assert [panel.y.label for panel in drawn.panels] == ["optim.lr", "regularizer.lambda"]
    for panel in drawn.panels:
        _, way = panel.marks
        assert way.x.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]
        assert way.y.tolist() == [float(row[panel.y.label]) for row in best for _ in "ab"]


def test_each_member_has_a_level_line_between_two_exchanges(drawn, calm, rows):
    lineage = [row for row in rows(calm / "lineage.csv") if row["epoch"] != "6"]
    assert len(lineage) == 8 * 3
    for panel in drawn.panels:
        members, _ = panel.marks
        assert members.parts.tolist() == [part for part in range(24) for _ in "ab"]
        assert members.y.tolist() == [float(row[panel.y.label]) for row in lineage for _ in "ab"]
        begun = [int(row["epoch"]) for row in lineage]
        assert members.x[::2].tolist() == begun
        assert members.x[1::2].tolist() == [epoch + 2 for epoch in begun]


def test_a_range_of_ratios_has_a_scale_of_ratios(drawn):
    assert [panel.y.kind for panel in drawn.panels] == ["log", "log"]


def test_members_are_named_as_such_and_not_by_size(calm):
    view = read_sweep(calm).view
    assert view.keys == ["member"] and view.varies == "member"
    assert list(view.points["member"]) == [str(number) for number in range(8)]


def test_many_members_have_one_colour_on_the_page(calm):
    view = read_sweep(calm).view
    assert len(make_groups(view).labels) == 8
    twice = [view.runs.assign(member=view.runs["member"] + word, point=n + view.runs["point"])
             for n, word in ((0, "a"), (8, "b"))]  # fmt: skip
    many = make_groups(replace(view, runs=pd.concat(twice)))
    assert many.labels == ["all members"] and set(many.of_job.values()) == {0}


def test_the_page_says_who_is_the_best(calm, rows):
    last = [row for row in rows(calm / "lineage.csv") if row["epoch"] == "6"]
    best = min(last, key=lambda row: float(row["val/loss"]))
    words = f"At the end member {best['member']} is the best, with val/loss "
    assert words + f"{float(best['val/loss']):.4g}; schedule.csv has" in render(read_sweep(calm))
