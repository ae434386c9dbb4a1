"""The checks of a study, held against runs with seeds and data that it was not written with."""

import pytest
from PIL import Image

from runner.results.gallery.draws import drawn, judge_draws, place_of
from runner.results.gallery.headers import read_header
from runner.results.gallery.page import read_outcome, render

STUDY = """\
# @package _global_
# Question: Is it so?
# Source: this test.
# Run: python -m runner experiment=mine
# Cost: seconds.
# Expected: it is.
# Check: test/loss: 0.49 to 0.51
# Check: test/loss at seed=0: above 0
# Plot: curves
# Group: Optimisation
# Order: 1
"""


@pytest.fixture
def header(tmp_path):
    (tmp_path / "mine.yaml").write_text(STUDY)
    return read_header(tmp_path / "mine.yaml")


@pytest.fixture
def study(folders):
    """A study whose second draw alone ends at a loss out of range."""
    folder = folders.sweep("mine", [{"seed": 0}])
    (folder / "plots").mkdir()
    Image.new("RGB", (30, 20)).save(folder / "plots" / "curves.png")
    (folders.root / "mine-draws").mkdir()
    for draw, runs in ((1, 1), (2, 9), (10, 1)):
        seeds = [{"seed": 100 * draw + seed} for seed in range(runs)]
        folders.sweep(f"mine-draws/{draw}", seeds)
        (folders.root / "mine-draws" / str(draw) / "sweep.csv").write_text("")
    (folder / "sweep.csv").write_text("")
    return folder


def test_draws_lie_beside_the_study(study):
    assert place_of(study, 2) == study.parent / "mine-draws" / "2"
    assert drawn(study) == [1, 2, 10]
    assert drawn(study.parent / "other") == []


def test_checks_are_held_against_every_draw(study, header):
    draws = judge_draws(header, study, [1, 2, 10])
    assert draws.words == ["held on 2 of 3 fresh draws", ""], "no draw has the seed 0"
    (missed,) = draws.missed(header.checks)
    assert missed == "test/loss: 0.49 to 0.51 | draw 2 obtained: 0.54 ± 0.027 (n = 9 seeds)"


def test_the_page_says_on_how_many_draws_a_check_held(study, header):
    outcome = read_outcome(header, study)
    page = render([outcome], "images")
    assert "| check | expected | obtained | fresh draws |\n| --- | --- | --- | --- |\n" in page
    assert "| 0.5 (n = 1) | held on 2 of 3 fresh draws |" in page
    assert len(outcome.missed) == 1
    asked = read_outcome(header, study, range(10, 12))
    assert asked.draws.numbers == (10,), "a draw that was not run yet counts for nothing"
    assert asked.missed == []


def test_a_draw_that_came_to_no_end_counts_for_nothing(study, header):
    (place_of(study, 2) / "3" / "summary.json").unlink()
    assert read_outcome(header, study).draws.numbers == (1, 10)
