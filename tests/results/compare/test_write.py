"""The comparison as a page: it says what the Markdown says, is whole, safe and small."""

import base64
import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from runner.results.compare.comparison import compare
from runner.results.compare.inputs import Side, group_by_point
from runner.results.compare.load import read_side
from runner.results.compare.text import sections
from runner.results.compare.write import render, write_comparison
from runner.results.measures import Measures
from runner.results.text_tables import Section

place = Path(__file__).parents[1] / "report" / "test_page.py"
spec = importlib.util.spec_from_file_location("report_page", place)
report_page = importlib.util.module_from_spec(spec)
spec.loader.exec_module(report_page)
Page = report_page.Page
NASTY = "<script>alert('x')</script>\"&é漢</script>$$"


@pytest.fixture
def page(dropout_and_lambda):
    return Page(render(dropout_and_lambda))


def synthetic(name, key, values, seeds, epochs, metric="test/accuracy"):
    """A side without files: a sweep too large to be written in a test."""
    rng = np.random.default_rng(len(name))
    points = [(value, seed) for value in values for seed in range(seeds)]
    sweep = pd.DataFrame(points, columns=[key, "seed"]).assign(**{metric: rng.random(len(points))})
    one = pd.DataFrame({
        "epoch": np.tile(np.arange(1, epochs + 1), seeds),
        metric: rng.random(seeds * epochs),
        "train/loss": rng.random(seeds * epochs) + 0.1,
    })  # fmt: skip
    cells = group_by_point(sweep, [key], ["seed"], [metric])
    curves = {(value,): one for value in values}
    return Side(
        name,
        [key],
        ["seed"],
        [metric],
        cells,
        len(points),
        curves=curves,
        measures=Measures("classes"),
    )


def test_all_that_is_said_in_words_stands_in_the_page(dropout_and_lambda):
    check = Section("Check", ["CHECK: nothing & <b>."])
    parts = [*sections(dropout_and_lambda), check]
    page = Page(render(dropout_and_lambda, [check]))
    titles, texts = page.texts("h2"), page.texts("p")
    cells, heads = page.texts("td"), page.texts("th")
    assert [title for title in titles if title in {part.title for part in parts}] == [
        part.title for part in parts
    ]
    for part in parts:
        assert {*part.before, *part.after} <= set(texts)
        if part.table:
            assert {name for name in part.table.head if name} <= set(heads)
            assert {cell for row in part.table.rows for cell in row} <= set(cells)


def test_what_came_of_it_stands_before_the_figures_and_the_points_after(page):
    order = ["Sides", "B against A", "Differences from A", "A, its points", "How to read it"]
    titles = page.texts("h2")
    assert [title for title in titles if title in order] == order
    links = [attrs["href"] for attrs in page.all("a")]
    assert links == [f"#{a['id']}" for a in page.all("section")]


def test_policy_lets_nothing_in_but_the_pages_own_scripts(page):
    rules = report_page.policy(page)
    assert (rules["default-src"], rules["img-src"]) == ("'none'", "data:")
    digests = [hashlib.sha256(script.encode()).digest() for script in page.scripts]
    hashes = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    assert len(hashes) == 3
    assert rules["script-src"].split() == hashes
    (style,) = page.all("style")
    assert rules["style-src"] == f"'nonce-{style['nonce']}'"
    assert not [attrs for _, attrs in page.elements if "style" in attrs]


def test_nothing_is_fetched(page):
    places = [a[k] for _, a in page.elements for k in ("src", "href", "srcset", "action") if k in a]
    assert all(place.startswith("#") for place in places)
    assert not page.all("link") + page.all("iframe") + page.all("img")


def test_figures_have_words_for_those_who_do_not_see_them(page):
    figures = [attrs for attrs in page.all("div") if "data-item" in attrs]
    # train/loss, val/loss, test/accuracy; train/loss and test/accuracy by epoch
    assert len(figures) == len(page.data) == 3 + 2
    words = [attrs["aria-label"] for attrs in figures]
    assert any("test/accuracy: B - A -0.05, 95 % interval" in text for text in words)
    assert any("test/accuracy by epoch" in text and "At the end A" in text for text in words)


def test_hostile_names_stay_text(sweep_over):
    first = sweep_over("a", NASTY.replace("/", "|"), {NASTY: 0.1, "y": 0.2})
    hostile = first.with_name("<script>&$$")
    hostile.symlink_to(first)
    page = Page(render(compare([read_side(str(path)) for path in (hostile, first)])))
    assert len(page.scripts) == 3
    assert len(page.data) == len([a for a in page.all("div") if "data-item" in a]) == 3 + 1 + 2
    assert any("<script>&$$" in text for text in page.texts("h1"))
    assert any(NASTY[:10] in text for text in page.texts("td"))


def test_tables_without_curves_have_no_curves(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(
            "runs,failed,lr,loss_mean,loss_std,loss_n\n2,0,1,2,0.5,2\n"
        )
    sides = [read_side(str(tmp_path / f"{name}.csv")) for name in "ab"]
    page = Page(render(compare(sides)))
    assert len(page.data) == 1


def test_page_without_figures_carries_no_library():
    sides = [synthetic(name, name, [1, 2], 2, 1) for name in "ab"]
    for side in sides:
        side.curves.clear()
    text = render(compare(sides))
    assert len(text) < 50_000
    assert "script-src 'none'" in text
    assert Page(text).scripts == []


@pytest.mark.parametrize("key", ["lr", None])
def test_sweeps_of_hundred_runs_of_hundred_epochs_weigh_less_than_two_megabytes(key):
    values = [round(0.01 * i, 2) for i in range(20)]
    sides = [synthetic(name, key or name, values, 5, 100) for name in "ab"]
    text = render(compare(sides))
    assert len(text.encode()) < 2_000_000
    assert "is drawn" not in text, "no epoch is left out yet"


@pytest.mark.parametrize("key", ["lr", None])
def test_thousand_points_are_bounded_and_it_is_said(key):
    sides = [synthetic(name, key or name, range(1000), 1, 300) for name in "ab"]
    text = render(compare(sides))
    assert len(text.encode()) < 3_000_000
    assert ("the first 40 of 1000" in text) == (key is not None)
    assert ("the 12 of 1000 points" in text) == (key is not None)
    assert ("the first 100 of each side" in text) == (key is None)
    assert ("Of the epochs, one in" in text) == (key is None)


@pytest.mark.parametrize("value", [np.nan, 1e308, -1e308, 0.0])
def test_values_of_any_size_are_drawn(value):
    sides = [synthetic(name, "lr", [0.1, 0.2], 2, 3) for name in "ab"]
    for side in sides:
        for frame in side.curves.values():
            frame.loc[0, ["train/loss", "test/accuracy"]] = value
        side.curves[(0.2,)] = side.curves[(0.2,)].iloc[:0]
    assert Page(render(compare(sides))).data


def test_page_lies_beside_the_text_and_is_the_same_each_time(dropout_and_lambda, tmp_path):
    files = write_comparison(dropout_and_lambda, tmp_path / "out")
    (path,) = [file for file in files if file.suffix == ".html"]
    assert path == tmp_path / "out" / "comparison.html"
    assert path.read_text(encoding="utf-8") == render(dropout_and_lambda)


def legends(page):
    """What each legend lists, by the number of its section."""
    listed, section = {}, ""
    for tag, attrs in page.elements:
        section = attrs.get("id", "") if tag == "section" else section
        if "data-group" in attrs:
            listed.setdefault(section, []).append(attrs["data-group"])
    return listed


def test_legend_lists_only_what_has_a_mark(page):
    assert legends(page) == {"figures-0": ["g1"], "figures-1": ["g0", "g1"]}


def test_sides_are_called_by_what_they_are(page):
    title = "digits: regularizer.lambda compared with model.dropout"
    assert page.texts("h1", "title") == [title, title]
    assert {"A: model.dropout", "B: regularizer.lambda"} <= set(page.texts("button", "span"))


def test_what_differs_is_never_cut_and_long_tables_of_points_say_so():
    sides = [synthetic(name, "lr", range(41), 1, 3) for name in "ab"]
    for number, side in enumerate(sides):
        side.config.update({f"key{i}": number for i in range(60)})
    page = Page(render(compare(sides)))
    inside = [(t, a) for t, a in page.elements if a.get("class") == "tall" or t == "section"]
    places = [inside[i - 1][1]["id"] for i, (_, a) in enumerate(inside) if "class" in a]
    assert places == ["closing-0"], "by point"
    assert "41 rows: scroll within the table to see all." in page.texts("p")


def test_lines_of_points_are_called_so_and_labelled():
    sides = [synthetic(name, name, [0.1, 0.2], 2, 3) for name in "ab"]
    page = Page(render(compare(sides)))
    words = [attrs["aria-label"] for attrs in page.all("div") if "data-item" in attrs]
    assert all("a line for each point" in text for text in words)
    assert all(f'"{end}"' in str(data).replace("'", '"') for data in page.data
               for end in ("A 0.1", "A 0.2", "B 0.1", "B 0.2"))  # fmt: skip
