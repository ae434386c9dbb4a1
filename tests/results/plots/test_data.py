from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from runner.results.figures.spec import FigureSpec
from runner.results.plots.data import data_preview
from runner.results.plots.draw import draw_run
from runner.results.read.runs import read_run


def sizes(**splits: int) -> dict[str, Any]:
    return {"splits": np.array(list(splits)), "sizes": np.array(list(splits.values()))}


def images(channels: int = 1, count: int = 24, classes: int = 3) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return sizes(train=90, val=9, test=30) | {
        "classes": np.array([f"c{number}" for number in range(classes)]),
        "counts": np.arange(3 * classes).reshape(3, classes),
        "images": rng.integers(0, 256, (count, channels, 8, 8), np.uint8),
        "image_classes": np.arange(count) % classes,
    }


def features(count: int, shown: int, classes: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    arrays = sizes(train=2000, test=7) | {"features": np.array(count)}
    for split, rows in (("train", 1000), ("test", 7)):
        arrays[f"{split}_inputs"] = rng.normal(size=(rows, shown))
        arrays[f"{split}_targets"] = rng.normal(size=rows)
    if classes:
        arrays["classes"] = np.array([f"c{number}" for number in range(classes)])
        arrays["counts"] = np.ones((2, classes), int)
    return arrays


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("count", [1, 9, 24])
def test_images_are_shown_with_their_classes(said: Any, channels: int, count: int) -> None:
    figure = data_preview(images(channels, count), "pictures")
    grid, bars = figure.axes
    assert len(grid.images) == count
    assert [text.get_text() for text in grid.texts][:3] == ["c0", "c1", "c2"][:count]
    assert [bar.get_height() for bar in bars.patches] == list(range(9))
    assert "pictures: 90 train, 9 val, 30 test" in said(figure)
    assert "augmented" not in said(figure)


def test_augmented_images_are_a_row_more(said: Any) -> None:
    arrays = images() | {"augmented": images(count=8)["images"]}
    figure = data_preview(arrays, "pictures")
    assert len(figure.axes[0].images) == 24 + 8
    assert "the last row: augmented" in said(figure)


def test_many_classes_are_named_in_part() -> None:
    bars = data_preview(images(classes=100), "pictures").axes[1]
    assert len(bars.patches) == 300
    assert 10 <= len(bars.get_xticks()) <= 50


def apart(axes: Any) -> bool:
    """Whether no two labels of an axis across touch, whichever way they are turned."""
    axes.figure.canvas.draw()
    labels = axes.get_xticklabels()
    if labels[0].get_rotation():  # the height of the letters is what lies between them
        places = [axes.transData.transform((x, 0))[0] for x in axes.get_xticks()]
        return bool(min(np.diff(places)) > labels[0].get_fontsize() * axes.figure.dpi / 72)
    boxes = [label.get_window_extent() for label in labels]
    return all(one.x1 < other.x0 for one, other in pairwise(boxes))


@pytest.mark.parametrize("names", [["Iris-versicolor"] * 4, [f"class {i}" for i in range(60)]])
def test_names_of_classes_do_not_touch(names: list[str]) -> None:
    arrays = images(classes=len(names)) | {"classes": np.array(names)}
    assert apart(data_preview(arrays, "pictures").axes[1])
    arrays = features(3, 3, len(names)) | {"classes": np.array(names)}
    *_, counts = data_preview(arrays, "numbers").axes
    assert apart(counts)


def test_features_and_targets_go_by_the_names_of_their_columns(said: Any) -> None:
    names = {"feature_names": np.array(["age", "cost in $", "site=b"]), "target_name": "price"}
    text = said(data_preview(features(3, 3) | names, "numbers"))
    for name in ("age", "cost in", "site=b", "price"):
        assert name in text
    assert "feature 1" not in text


@pytest.mark.parametrize("count", [1, 2])
def test_few_features_are_held_against_the_target(said: Any, count: int) -> None:
    figure = data_preview(features(count, count), "numbers")
    assert isinstance(figure, FigureSpec)
    assert len(figure.panels) == count
    assert [len(dots.x) for dots in figure.panels[0].marks] == [1000, 7]  # type: ignore[union-attr]
    for expected in ("feature 1", "target", "train", "test", "a part of the examples"):
        assert expected in said(figure)


@pytest.mark.parametrize("classes", [0, 4])
@pytest.mark.parametrize(("count", "shown"), [(3, 3), (200, 6)])
def test_many_features_are_counted(said: Any, count: int, shown: int, classes: int) -> None:
    figure = data_preview(features(count, shown, classes), "numbers")
    assert len(figure.axes) == shown + 1
    assert f"{count} features" in said(figure)
    assert ("the first 6 shown" in said(figure)) == (count > 6)
    assert ("class" if classes else "target") in said(figure)


def test_columns_are_called_by_their_names(said: Any) -> None:
    named = {"feature_names": np.array(["city=Bern", "area", "rooms"]), "target_name": "price"}
    for count in (2, 3):
        words = said(data_preview(features(count, count) | named, "houses"))
        assert all(name in words for name in ("city=Bern", "area", "price"))
        assert "feature 1" not in words
    assert "price" in said(data_preview(features(3, 3, classes=4) | named, "houses"))


def test_histograms_are_shares_of_each_split() -> None:
    axes = data_preview(features(3, 3), "numbers").axes[0]
    for outline in axes.patches:
        heights = outline.get_xy()[:, 1]
        # A step's outline names each height twice; shares add up to one but for rounding.
        assert heights[1:-1:2].sum() == pytest.approx(1)


def test_run_is_drawn_from_its_files(folders: Any, make_curve: Any) -> None:
    folder = folders.run("run", {}, make_curve(2))
    np.savez(folder / "preview.npz", **images())
    assert [path.name for path in draw_run(read_run(folder))] == ["curves.png", "data.png"]
