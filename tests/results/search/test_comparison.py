"""Two searches, or folders of them, compared: best so far, with a band, and what was confirmed."""

import csv

import numpy as np
import pytest

from runner.compare import main
from runner.results.figures.marks import Dots, Lines
from runner.results.search.comparison_figure import searches_figure
from runner.results.search.sides import read_sides


@pytest.fixture
def two(folders):
    """Two folders of three searches each, of which the second's are better and slower."""
    for side, offset in (("a", 0.0), ("b", -0.05)):
        (folders.root / side).mkdir()
        for number in range(3):
            folders.search(f"{side}/{number}", 30, 1)
            path = folders.root / side / str(number) / "search.csv"
            rows = [line.split(",") for line in path.read_text().splitlines()]
            for row in rows[1:]:
                row[4] = f"{float(row[4]) * (1 if side == 'a' else 2)}"
                row[-1] = f"{float(row[-1]) + offset + 0.01 * number}"
            path.write_text("\n".join(map(",".join, rows)) + "\n")
    return [str(folders.root / "a"), str(folders.root / "b")]


def test_a_side_is_a_search_or_a_folder_of_them(two):
    whole = read_sides(two)
    assert [len(side.searches) for side in whole] == [3, 3]
    alone = read_sides([f"{two[0]}/0", two[1]])
    assert [len(side.searches) for side in alone] == [1, 3]


def test_what_is_no_search_is_left_to_the_comparison_of_sweeps(two, folders, grid):
    sweep = folders.sweep("s", grid(a__b=[1, 2]))
    assert read_sides([two[0], str(sweep)]) is None
    assert read_sides([two[0], str(folders.root)]) is None
    assert read_sides([two[0], f"{two[0]}/0/search.csv"]) is None


def test_the_band_is_over_the_searches_of_a_side(two):
    side = read_sides(two)[0]
    band = side.band("member_epochs")
    each = np.array([search.best_so_far("member_epochs")[1] for search in side.searches])
    np.testing.assert_array_equal(band.median, np.median(each, axis=0))
    np.testing.assert_array_equal(band.low, each.min(0))
    np.testing.assert_array_equal(band.high, each.max(0))


def test_a_search_without_a_value_is_behind_all_others(two):
    side = read_sides(two)[0]
    side.searches[0].frame.loc[:19, "best_so_far"] = np.nan
    band = side.band("member_epochs")
    worse = side.searches[2].best_so_far("member_epochs")[1]
    np.testing.assert_array_equal(band.median[:2], worse[:2])
    assert np.isnan(band.high[:2]).all() and np.isfinite(band.high[2:]).all()


def test_sides_are_compared_where_both_have_spent_as_much(two):
    a, b = read_sides(two)
    assert (a.least("seconds"), b.least("seconds")) == (4.5, 9.0)
    seconds, best = b.searches[0].best_so_far("seconds")
    assert b.at("seconds", 4.5)[0] == best[np.flatnonzero(seconds <= 4.5)[-1]]


def test_the_figure_has_a_line_and_a_band_for_each_side_and_what_was_confirmed(two):
    spec = searches_figure(read_sides(two))
    assert "band: lowest to highest" in spec.title
    for panel in spec.panels:
        lines = [mark for mark in panel.marks if isinstance(mark, Lines)]
        dots = [mark for mark in panel.marks if isinstance(mark, Dots)]
        assert [line.colour for line in lines] == [dot.colour for dot in dots] == [0, 1]
        assert all(line.has_band and (line.low <= line.high).all() for line in lines)


def test_one_search_a_side_has_no_band_and_says_what_that_means(two, capsys, tmp_path):
    paths = [f"{path}/0" for path in two]
    assert main([*paths, "--out", str(tmp_path / "c")]) == 0
    marks = searches_figure(read_sides(paths)).panels[0].marks
    assert not any(mark.has_band for mark in marks if isinstance(mark, Lines))
    assert "speaks of that point" in " ".join(capsys.readouterr().out.split())


def test_the_door_prints_and_writes_it(two, capsys, tmp_path):
    out = tmp_path / "c"
    assert main([*two, "--out", str(out)]) == 0
    text = capsys.readouterr().out
    for words in ("at 66 member-epochs", "at 4.5 seconds", "at the end", "less A's", "3 searches"):
        assert words in text
    with (out / "searches.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["side"] for row in rows] == ["A"] * 3 + ["B"] * 3
    assert all(row["complete"] == "3" and row["confirmed_n"] == "5" for row in rows)
    names = {"comparison.md", "comparison.html", "best_so_far.csv", "plots/best_so_far.png"}
    assert all((out / name).is_file() for name in names)
    assert (
        "searches.csv and best_so_far.csv have all digits" in (out / "comparison.html").read_text()
    )


@pytest.mark.parametrize("option", ["--rtol=0.1", "--metric=val/loss", "--on=trial"])
def test_what_is_for_sweeps_alone_is_refused(two, capsys, tmp_path, option):
    assert main([*two, option, "--out", str(tmp_path / "c")]) == 2
    assert f"{option.partition('=')[0]} is for sweeps" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()


def test_searches_by_different_metrics_are_refused(two, folders, capsys):
    path = folders.root / "b" / "1" / "search.csv"
    path.write_text(path.read_text().replace("val/loss", "val/accuracy"))
    assert main(two) == 2
    assert "was decided by val/loss" in capsys.readouterr().err


def test_a_search_that_found_nothing_yet_is_compared_all_the_same(two, folders, capsys, tmp_path):
    folders.search("none", 20, 0, endings=lambda trial: (1, "pruned"))
    assert main([f"{two[0]}/0", str(folders.root / "none"), "--out", str(tmp_path / "c")]) == 0
    assert "none yet" in capsys.readouterr().out
