"""One description, two renderers: whatever is described, both show the same numbers and axes."""

from collections.abc import Callable, Iterator
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.text import Annotation

from runner.results.compare.comparison import compare
from runner.results.compare.figures import comparison_figures
from runner.results.compare.load import read_side
from runner.results.figures import bokeh, mpl
from runner.results.figures.bokeh_axes import text
from runner.results.figures.heat_maps import heat_map, list_heat_map, swept_lists
from runner.results.figures.marks import Dots, Lines, Rule, Tiles, Words
from runner.results.figures.parallel import parallel_coordinates
from runner.results.figures.run_curves import run_curves
from runner.results.figures.runs_by_value import runs_by_value
from runner.results.figures.spec import FigureSpec, Panel
from runner.results.figures.sweep_curves import runs_curves, sweep_curves
from runner.results.figures.values import by_value
from runner.results.labels import plain
from runner.results.read.runs import read_runs
from runner.results.report.groups import make_groups
from runner.results.sweep_view import SweepView

Points = set[tuple[float, float]]
KEYS: dict[str, list[dict[str, Any]]] = {
    "one point": [{"seed": seed} for seed in range(3)],
    "one run each": [{"a.b": value} for value in (0.1, 0.2)],
    "zero and decades": [{"a": v, "seed": s} for v in (0, 0.001, 0.1, 10) for s in (0, 1)],
    "words": [{"model": m, "optim": o} for m in "xy" for o in ("p", "q$x$", "<r>")],
    "many": [{"a": v} for v in (0, *np.logspace(-3, 0, 14))],
    "many of two": [{"a": i, "b": j, "seed": s} for i, j, s in product(range(4), range(4), (0, 1))],
    "lists": [{"a": f"[{i},{j}]"} for i, j in product(range(3), range(3))],
    "at random": [{"a": float(v), "b": float(v) ** 2, "c": "z"} for v in np.linspace(0.1, 1, 30)],
    "three": [{"a": i, "b": j, "c": "u" if k else None} for i, j, k in product((0, 1), repeat=3)],
}


def sweep_specs(view: SweepView) -> Iterator[FigureSpec]:
    groups = make_groups(view)
    yield sweep_curves(view)
    yield FigureSpec("runs", tuple(runs_curves(view, groups.of_job)), groups)
    for key in view.keys:
        yield by_value(view, key)
        yield FigureSpec("runs", (runs_by_value(view, key, groups.of_job),), groups)
    for down, across in combinations(view.keys, 2):
        yield heat_map(view, down, across)
    for key in swept_lists(view):
        yield list_heat_map(view, key)
    if view.keys:
        yield FigureSpec("parallel", (parallel_coordinates(view),), groups)


def rounded(x: Any, y: Any, log: bool) -> Points:
    """Positions that have a place on the axes, to the precision of a page."""
    with np.errstate(over="ignore"):
        pairs = np.column_stack([np.asarray(x, "f4"), np.asarray(y, "f4")])
    known = np.isfinite(pairs).all(axis=1) & ((pairs[:, 1] > 0) | (not log))
    return {(float(a), float(b)) for a, b in pairs[known]}


def described(panel: Panel) -> Points:
    found: Points = set()
    log = panel.y.kind == "log"
    for mark in panel.marks:
        if isinstance(mark, Lines | Dots):
            found |= rounded(mark.x, mark.y, log)
        if isinstance(mark, Dots) and mark.low is not None:
            for end in (mark.low, mark.high):
                across, up = (mark.x, end) if mark.upright else (end, mark.y)
                found |= rounded(across, up, log)
    return found


def by_mpl(axes: Axes, log: bool) -> Points:
    found: Points = set()
    for line in axes.lines:
        if line.get_transform() == axes.transData:
            found |= rounded(*np.transpose(line.get_xydata()), log)
    for collection in axes.collections:
        if isinstance(collection, LineCollection):
            for segment in collection.get_segments():
                found |= rounded(*np.transpose(segment), log)
        elif isinstance(collection, PathCollection):
            found |= rounded(*np.transpose(collection.get_offsets()), log)
    return found


def by_bokeh(plot: Any, log: bool) -> Points:
    found: Points = set()
    for part in plot.renderers:
        data, kind = part.data_source.data, type(part.glyph).__name__
        if kind == "Segment":
            ends = [
                [data[getattr(part.glyph, n)] for n in pair]
                for pair in (("x0", "y0"), ("x1", "y1"))
            ]
            found |= set().union(*(rounded(*end, log) for end in ends))
        elif kind == "MultiLine" and len(data["xs"]):
            found |= rounded(np.concatenate(data["xs"]), np.concatenate(data["ys"]), log)
        elif kind in ("Line", "Scatter"):
            found |= rounded(data["x"], data["y"], log)
    return found


def check(spec: FigureSpec) -> None:
    """Draw a figure twice, and hold what is shown against what was described."""
    figure = mpl.draw(spec)
    for axes, panel in zip(figure.axes, spec.panels, strict=False):
        if panel.nothing:
            assert plain(panel.nothing) in [text.get_text() for text in axes.texts]
            continue
        plot = bokeh.draw(panel, spec.legend)
        log = panel.y.kind == "log"
        assert by_mpl(axes, log) == described(panel) == by_bokeh(plot, log)
        check_axes(axes, plot, panel)
        check_words(axes, plot, panel)


def check_axes(axes: Axes, plot: Any, panel: Panel) -> None:
    drawn = {"x": (axes.get_xlim(), axes.get_xscale()), "y": (axes.get_ylim(), axes.get_yscale())}
    for name, axis in (("x", panel.x), ("y", panel.y)):
        (low, high), scale = drawn[name]
        page = getattr(plot, f"{name}_range")
        assert (low, high) == (page.start, page.end) == axis.span
        assert scale == ("log" if axis.kind == "log" else "linear")
        assert ("Log" in type(getattr(plot, f"{name}_scale")).__name__) == (axis.kind == "log")
        assert text(axis.label) == getattr(plot, f"{name}axis")[0].axis_label


def check_words(axes: Axes, plot: Any, panel: Panel) -> None:
    printed = [t.get_text() for t in axes.texts]
    texts = [r.data_source.data for r in plot.renderers if type(r.glyph).__name__ == "Text"]
    shown = [
        words for data in texts for words in (data["text"] if "text" in data else data["words"])
    ]
    wanted = [w for m in panel.marks if isinstance(m, Words | Tiles) for w in m.words]
    assert sorted(printed) == sorted(map(plain, wanted))
    assert sorted(shown) == sorted(map(text, wanted))
    values = [m.values for m in panel.marks if isinstance(m, Tiles)]
    if values:
        image = axes.images[0].get_array()
        assert image is not None
        assert sorted(image.compressed()) == sorted(values[0])
    rules = [mark.at for mark in panel.marks if isinstance(mark, Rule)]
    spans = [r.data_source.data["x"] for r in plot.renderers if type(r.glyph).__name__ == "VSpan"]
    assert [list(at) for at in spans] == [[at] for at in rules]


@pytest.mark.parametrize("task", ["classes", "numbers"])
@pytest.mark.parametrize("name", KEYS)
def test_both_show_the_same_of_every_sweep(
    folders: Any, view_of: Callable[..., SweepView], make_curve: Any, name: str, task: str
) -> None:
    folder = folders.sweep("s", KEYS[name], task=task)
    bad = make_curve(2)
    bad[-1] |= {"train/loss": float("nan")}
    folders.run(
        f"s/{len(KEYS[name])}", KEYS[name][0] | {"seed": 9}, bad, task=task, status="diverged"
    )
    for spec in sweep_specs(view_of(folder)):
        check(spec)


@pytest.mark.parametrize("task", ["classes", "numbers", "objective"])
def test_both_show_the_same_of_a_run(folders: Any, make_curve: Any, task: str) -> None:
    best = {"epoch": 2}
    (run,) = read_runs(folders.run("r", {}, make_curve(5), task=task, best=best))
    spec = run_curves(run.metrics, run.summary, "a run")
    check(spec)
    assert "best val/loss: epoch 2" in spec.legend.labels


@pytest.mark.parametrize("keys", [("a.b", "a.b"), ("a.b", "c")])
@pytest.mark.parametrize("seeds", [1, 3])
def test_both_show_the_same_of_a_comparison(
    folders: Any, keys: tuple[str, str], seeds: int
) -> None:
    points = [[{key: v, "seed": s} for v in (1, 2) for s in range(seeds)] for key in keys]
    paths = [folders.sweep(name, points[i]) for i, name in enumerate("xy")]
    for spec in comparison_figures(compare([read_side(str(path)) for path in paths])):
        check(spec)


def test_entries_are_listed_in_print_where_they_have_a_mark(
    folders: Any, view_of: Any, make_curve: Any
) -> None:
    folder = folders.sweep("s", KEYS["words"])
    spec = sweep_curves(view_of(folder))
    (legend,) = mpl.draw(spec).legends
    assert [t.get_text() for t in legend.get_texts()] == [plain(w) for w in spec.legend.labels]
    assert Annotation not in [type(t) for t in mpl.draw(spec).axes[0].texts]
