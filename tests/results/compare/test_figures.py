from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from runner.results.compare.comparison import compare
from runner.results.compare.curves import MOST_TILES, comparison_curves
from runner.results.compare.figures import MOST_POINTS, comparison_figures
from runner.results.compare.load import ReadOptions, read_side
from runner.results.compare.text import sections
from runner.results.figures import mpl
from runner.results.figures.mpl_layout import png
from runner.results.text_tables import as_text

Said = Callable[[Figure], str]


def sweep(folders: Any, name: str, values: list[float], key: str, seeds: int, **more: Any) -> Path:
    points = [{key: value, "seed": seed} for value in values for seed in range(seeds)]
    folder: Path = folders.sweep(name, points, **more)
    return folder


def drawn(*paths: Path) -> dict[str, Figure]:
    specs = comparison_figures(compare([read_side(str(path)) for path in paths]))
    found = {spec.name: mpl.draw(spec) for spec in specs}
    assert all(png(figure).startswith(b"\x89PNG") for figure in found.values())
    return found


def lines(figure: Figure, panel: int = 0) -> int:
    return len([line for line in figure.axes[panel].lines if len(line.get_xydata()) > 1])  # type: ignore[arg-type]


def test_curves_of_two_sides_at_each_point(folders: Any, said: Said) -> None:
    found = drawn(*(sweep(folders, name, [0.1, 0.2], "optim.lr", 3) for name in "ab"))
    assert list(found) == ["differences", "differences_by_point", "curves"]
    titles = [axes.get_title(loc="left") for axes in found["curves"].axes]
    assert titles == ["optim.lr=0.1", "optim.lr=0.2"]
    assert [lines(found["curves"], panel) for panel in (0, 1)] == [2, 2]
    assert "paired by seed" in said(found["differences"])


def test_five_runs_without_intervals(folders: Any, said: Said) -> None:
    found = drawn(*(sweep(folders, name, [0.1], "optim.lr", 1) for name in "abcde"))
    assert list(found) == ["differences", "curves"]
    assert lines(found["curves"]) == 5
    assert "no intervals" in said(found["differences"])
    assert "one run each" in said(found["curves"])


def test_two_means_of_one_point_say_what_they_are_over(folders: Any, said: Said) -> None:
    """Of unlike seeds the table has those that are paired, and the curves all runs."""
    first, other = (sweep(folders, n, [0.1], "optim.lr", s) for n, s in (("a", 3), ("b", 5)))
    comparison = compare([read_side(str(path)) for path in (first, other)])
    text = "\n".join(as_text(sections(comparison)))
    assert "2 runs of B (seed=3, seed=4) have no counterpart" in " ".join(text.split())
    assert "means in the table are over the pairs alone" in " ".join(text.split())
    curves = comparison_curves(comparison)
    assert "line: mean over all runs, paired or not" in curves.title
    assert all("At the end, over all runs, A" in panel.caption for panel in curves.panels)
    same = compare([read_side(str(path)) for path in (first, first)])
    assert "paired or not" not in comparison_curves(same).title


def test_many_points_are_cut_and_said_so(folders: Any, said: Said) -> None:
    values = [value / 100 for value in range(1, MOST_POINTS + 2)]
    paths = [sweep(folders, name, values, "optim.lr", 1, epochs=1) for name in "ab"]
    found = drawn(*paths)
    assert len(found["curves"].axes) == MOST_TILES
    # Without a validation split the test set chooses no points either.
    assert f"the {MOST_TILES} of {len(values)} points, in order" in said(found["curves"])
    assert f"the first {MOST_POINTS} of {len(values)}" in said(found["differences_by_point"])
    for file in [file for path in paths for file in path.glob("*/[ms]*.*")]:
        file.write_text(file.read_text().replace("train/accuracy", "val/loss"))
    chosen = f"the {MOST_TILES} of {len(values)} points that differ most in val/loss"
    assert chosen in said(drawn(*paths)["curves"])


def test_sides_that_share_no_points(folders: Any, said: Said) -> None:
    first = sweep(folders, "a", [0.1, 0.2], "optim.lr", 2)
    found = drawn(first, sweep(folders, "b", [0.1, 0.2, 0.3], "model.dropout", 2))
    assert list(found) == ["curves"]
    assert lines(found["curves"]) == 5
    assert "share no points" in said(found["curves"])


def test_best_point_stands_at_no_point_of_the_first(folders: Any, said: Said) -> None:
    """C is compared with A at A's best point, which is no point of C's."""
    paths = [sweep(folders, name, [0.1, 0.2], "optim.lr", 2) for name in "ab"]
    paths.append(sweep(folders, "c", [0.5, 0.6], "model.dropout", 2))
    for file in [file for path in paths for file in path.glob("*/[ms]*.*")]:
        file.write_text(file.read_text().replace("train/accuracy", "val/loss"))
    found = drawn(*paths)
    names = dict(zip("abc", ("A: a", "B: b", "C: c"), strict=True))
    assert names["b"] in said(found["differences_by_point"])
    assert names["c"] not in said(found["differences_by_point"])
    assert names["c"] in said(found["differences"])
    assert "at each side's best point by val/loss" in said(found["curves"])
    assert lines(found["curves"]) == 3


@pytest.mark.parametrize("value", ["nan", "0.5"])
def test_table_without_epochs_has_no_curves(tmp_path: Path, value: str) -> None:
    for name in "ab":
        (tmp_path / name).write_text(f"seed,rmse,mae\n1,0.5,0.1\n2,{value},0.2\n")
    sides = [read_side(str(tmp_path / name), ReadOptions(["seed"])) for name in "ab"]
    found = {spec.name: mpl.draw(spec) for spec in comparison_figures(compare(sides))}
    assert list(found) == ["differences"]
    assert [axes.get_title(loc="left") for axes in found["differences"].axes] == ["rmse", "mae"]


def test_lines_of_one_side_are_told_apart_by_what_stands_at_their_ends(
    folders: Any, said: Said
) -> None:
    first = sweep(folders, "a", [0.1, 0.2], "optim.lr", 2)
    found = drawn(first, sweep(folders, "b", [0.5], "model.dropout", 2))
    for panel in found["curves"].axes:
        ends = [text.get_text() for text in panel.texts]
        assert ends == ["A 0.1", "A 0.2", "B"]
        heights = sorted(text.xy[1] for text in panel.texts)  # type: ignore[attr-defined]
        low, high = panel.get_ylim()
        assert min(b - a for a, b in pairwise(heights)) > 0.05 * (high - low)
    assert "; the value at its end is optim.lr (A)" in said(found["curves"])


def test_more_lines_than_can_be_labelled_are_not(folders: Any, said: Said) -> None:
    first = sweep(folders, "a", [0.1 * i for i in range(1, 13)], "optim.lr", 1)
    found = drawn(first, sweep(folders, "b", [0.5], "model.dropout", 1))
    assert not found["curves"].axes[0].texts
    assert "at its end" not in said(found["curves"])


def test_two_losses_have_no_axis_in_common(folders: Any) -> None:
    first = sweep(folders, "a", [0.1, 0.2], "optim.lr", 2)
    other = sweep(folders, "b", [0.1, 0.2], "model.dropout", 2, task="numbers")
    figure = drawn(first, other)["curves"]
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert labels[:2] == ["train/loss (cross-entropy)", "train/loss (half squared error)"]
    assert [lines(figure, panel) for panel in (0, 1)] == [2, 2]
    assert labels[2:] == ["test/accuracy"]
