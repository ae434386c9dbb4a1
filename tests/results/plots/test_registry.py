"""A plot is one file: "Add a plot" in CONTRIBUTING.md, followed to the letter."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.results import plots
from runner.results.plots import registry
from runner.results.plots.draw import draw_run, draw_sweep
from runner.results.plots.registry import Plot, every_plot, find_plot
from runner.results.read.runs import read_run
from runner.results.report import write_report
from runner.results.sweep import read_sweep

RECIPE = Path(__file__).parents[3] / "CONTRIBUTING.md"


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The recipe's file, in the package for as long as a test lasts; the plot's name."""
    text = RECIPE.read_text(encoding="utf-8")
    section = text.partition("## Add a plot")[2].partition("\n## ")[0]
    (name,) = re.findall(r"runner/results/plots/(\w+)\.py", section)
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / f"{name}.py").write_text(code)
    known = {plot.name: plot for plot in every_plot()}
    monkeypatch.setattr(registry, "PLOTS", known)
    monkeypatch.setattr(plots, "__path__", [*plots.__path__, str(tmp_path / "package")])
    yield str(name)
    del sys.modules[f"{plots.__name__}.{name}"]


def test_the_recipe_is_all_that_a_new_plot_takes(
    folders: Any, make_curve: Any, recipe: str
) -> None:
    folder = folders.sweep("s", [{"a.b": value} for value in (1, 2)])
    assert f"{recipe}.png" in {path.name for path in draw_sweep(read_sweep(folder))}
    plot = find_plot(recipe)
    assert plot is not None
    page = write_report(read_sweep(folder)).read_text(encoding="utf-8")
    assert f"<figcaption>{plot.caption}</figcaption>" in page
    run = folders.run("r", {}, make_curve(3))
    assert f"{recipe}.png" in {path.name for path in draw_run(read_run(run))}


def test_every_plot_says_what_it_shows_and_draws_something() -> None:
    for plot in every_plot():
        assert plot.caption.endswith(".")
        assert plot.draw_run or plot.draw_sweep


def test_a_file_is_known_by_the_longest_name_that_it_begins_with() -> None:
    names = {
        stem: find_plot(stem) for stem in ("by_optim-lr", "curves", "path", "nothing", "bypass")
    }
    assert [plot.name if plot else None for plot in names.values()] == [
        "by", "curves", "path", None, None,
    ]  # fmt: skip


def test_two_plots_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "PLOTS", {})
    Plot("x", "X.")
    with pytest.raises(ValueError, match="two plots called 'x'"):
        Plot("x", "Y.")
