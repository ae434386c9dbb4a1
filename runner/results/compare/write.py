"""Writing a comparison: its tables as CSV, its text as Markdown and as a page, its figures."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from runner.atomic_write import write_whole
from runner.errors import RequestError
from runner.results.compare.comparison import Comparison, Contrast
from runner.results.compare.differences import Difference
from runner.results.compare.drawn import (
    Curves,
    Panel,
    curves_of,
    interval_words,
    over_runs,
    overall_rows,
    point_rows,
)
from runner.results.compare.figures import (
    curve_figures,
    difference_figure,
    point_figure,
    thinning,
)
from runner.results.compare.inputs import PointKey, Side, config_differences, name_sides
from runner.results.compare.plots import figures
from runner.results.compare.text import closing, opening, sections
from runner.results.labels import interval, number
from runner.results.page.embed import as_json
from runner.results.page.legend import Legend
from runner.results.page.shell import CANVAS, figure_scripts, render_page, source
from runner.results.plots.style import png
from runner.results.read.runs import Value, is_run, is_sweep
from runner.results.text_tables import Section, as_markdown

CsvRow = dict[str, Value | None]
HERE = Path(__file__).parent
SPEED = ("seconds", "seconds_per_run", "examples_per_second", "width", "device")


def new_folder() -> Path:
    """Where a comparison goes unless it is told: ``outputs/comparisons/<date>/<time>``."""
    return Path(f"{datetime.now():outputs/comparisons/%Y-%m-%d/%H-%M-%S-%f}")


def check_output_folder(folder: Path) -> None:
    """See that a comparison may be written to a folder.

    Raises:
        RequestError: It is a file, or holds a run or a sweep, whose plots it would replace.
    """
    if folder.exists() and not folder.is_dir():
        raise RequestError(f"--out '{folder}' is a file, not a folder.")
    if folder.is_dir() and (is_run(folder) or is_sweep(folder)):
        raise RequestError(f"--out '{folder}' holds a run or a sweep; a comparison needs its own.")


def write_comparison(
    comparison: Comparison, folder: Path, more: Sequence[Section] = ()
) -> list[Path]:
    """Write a comparison's files, each whole or not at all.

    Args:
        comparison: The sides compared.
        folder: Where the files go; it is made.
        more: What else the text is to say.

    Returns:
        The files: ``comparison.md``, ``comparison.html``, ``overall.csv`` (a row per side and
        metric), ``points.csv`` (a row per side, metric and point), ``sides.csv``, ``config.csv``,
        and ``plots/*.png``.
    """
    drawn = {f"plots/{name}.png": png(figure) for name, figure in figures(comparison)}
    images = [f"![{Path(name).stem}]({name})" for name in drawn]
    text = as_markdown("Comparison", [*sections(comparison), *more])
    contents = {"comparison.md": "\n\n".join([text.rstrip(), *images, ""]).encode()}
    contents["comparison.html"] = render(comparison, more).encode()
    for name, frame in tables(comparison).items():
        contents[name] = frame.to_csv(index=False, lineterminator="\n").encode()
    return [write_whole(folder / name, content) for name, content in (contents | drawn).items()]


def tables(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """The tables of a comparison, by the names of their files."""
    columns = pd.Index(["key", *comparison.names])
    return {
        "overall.csv": pd.DataFrame(_overall(comparison)),
        "points.csv": pd.DataFrame(_points(comparison)),
        "sides.csv": pd.DataFrame(_sides(comparison)),
        "config.csv": pd.DataFrame(config_differences(comparison.sides), columns=columns),
    }


def _overall(comparison: Comparison) -> Iterator[CsvRow]:
    for contrast in comparison.contrasts:
        for row in contrast.overall:
            paired = {"points": row.over, "matched": contrast.matching.kind}
            yield _head(contrast, row) | paired | _numbers(row)


def _points(comparison: Comparison) -> Iterator[CsvRow]:
    """One column per key where equal points are compared, else those of either side."""
    for contrast in comparison.contrasts:
        for row in contrast.by_point:
            first, other = row.points[0]
            keys = _values("", contrast.first, first)
            if contrast.matching.kind != "points":
                keys = _values("A:", contrast.first, first)
                keys |= _values(f"{contrast.name}:", contrast.side, other)
            yield _head(contrast, row) | keys | _numbers(row)


def _values(start: str, side: Side, point: PointKey) -> CsvRow:
    return {f"{start}{key}": value for key, value in zip(side.keys, point, strict=True)}


def _head(contrast: Contrast, row: Difference) -> CsvRow:
    return {
        "side": contrast.name,
        "path": contrast.side.path,
        "against": contrast.first.path,
        "metric": row.metric,
    }


def _numbers(row: Difference) -> CsvRow:
    estimate = row.estimate
    counts = estimate.counts * 2 if len(estimate.counts) == 1 else estimate.counts
    return {
        "mean_first": row.first,
        "mean_side": row.other,
        "difference": estimate.difference,
        "low": estimate.low,
        "high": estimate.high,
        "p": estimate.p,
        "p_holm": row.p,
        "n_first": counts[0],
        "n_side": counts[1],
        "interval": estimate.method if row.has_interval else "none",
    }


def _sides(comparison: Comparison) -> Iterator[CsvRow]:
    for name, side in comparison.named_sides:
        counts = {"runs": side.runs, "failed": side.failed, "points": len(side.points)}
        speed = {key: side.speed.get(key) for key in SPEED}
        yield (
            {"side": name, "path": side.path} | counts | speed | {"left_out": "; ".join(side.notes)}
        )


def render(comparison: Comparison, more: Sequence[Section] = ()) -> str:
    """The comparison as a page: what the text and ``more`` say, with figures."""
    groups = list(figures_of(comparison))
    names = name_sides(comparison.sides, comparison.names)
    pairs = zip(comparison.names, names.each, strict=True)
    legend = Legend("Sides", [n if n == letter else f"{letter}: {n}" for letter, n in pairs])
    own = source(CANVAS, HERE / "page.js")
    return render_page(
        HERE / "page.html.jinja",
        names.title,
        scripts=[*figure_scripts(), own] if groups else [],
        colours=legend.colours,
        opening=opening(comparison),
        groups=groups,
        closing=[*closing(comparison), *more],
        sides=legend,
    )


class PageFigure(NamedTuple):
    """A figure of the page.

    Attributes:
        title: What it is called above.
        caption: What it shows, for those who do not see it.
        json: What the library draws.
    """

    title: str
    caption: str
    json: Markup


class FigureGroup(NamedTuple):
    """Figures that stand together.

    Attributes:
        title: Their heading.
        caption: How to read them.
        figures: The figures.
        sides: The numbers of the sides that have a mark in them, for the legend.
        small: Whether they are low, so that many stand side by side.
    """

    title: str
    caption: str
    figures: list[PageFigure]
    sides: list[int]
    small: bool = False


def figures_of(comparison: Comparison) -> Iterator[FigureGroup]:
    """The figures that a comparison has data for."""
    if comparison.overall:
        yield _differences(comparison)
    if max(len(contrast.at_points) for contrast in comparison.contrasts) > 1:
        yield _by_point(comparison)
    if curves := curves_of(comparison):
        yield _curves(comparison, curves)


def _differences(comparison: Comparison) -> FigureGroup:
    metrics = overall_rows(comparison)
    rows = [row for of in metrics.values() for row in of]
    points = max(row.over for row in rows)
    over = f" over {points} points" if points > 1 else ""
    every = len({row.metric for row in comparison.overall})
    most = f" The first {len(metrics)} of {every} metrics." if every > len(metrics) else ""
    drawn = [
        PageFigure(
            metric, _in_words(metric, of), as_json(difference_figure(comparison, metric, of))
        )
        for metric, of in metrics.items()
    ]  # fmt: skip
    caption = f"Dot: the side's mean less A's{over}; {interval_words(rows)}.{most}"
    return FigureGroup("Differences from A", caption, drawn, _drawn(comparison, rows), small=True)


def _drawn(comparison: Comparison, rows: Sequence[Difference]) -> list[int]:
    """The sides with a difference from A; A has none from itself."""
    return sorted({comparison.names.index(row.side) for row in rows})


def _in_words(metric: str, rows: Sequence[Difference]) -> str:
    each = (
        f"{row.side} - A {number(e.difference, '+.3g')}, "
        + (f"95 % interval {interval(e.low, e.high)}" if row.has_interval else "no interval")
        for row, e in ((row, row.estimate) for row in rows)
    )
    return f"Difference in {metric}: {'; '.join(each)}."


def _by_point(comparison: Comparison) -> FigureGroup:
    rows, points, many = point_rows(comparison)
    caption = f"Dot: the side's mean less A's at that point{many}; {interval_words(rows)}."
    moves = [row.estimate.difference for row in rows]
    known = [value for value in moves if not math.isnan(value)]
    ends = f", from {min(known):+.3g} to {max(known):+.3g}" if known else ""
    alt = f"Difference in {comparison.metric} at each of {len(points)} points{ends}."
    drawn = PageFigure("", alt, as_json(point_figure(comparison, rows, points)))
    title = f"Differences in {comparison.metric} by point"
    return FigureGroup(title, caption, [drawn], _drawn(comparison, rows))


def _curves(comparison: Comparison, curves: Curves) -> FigureGroup:
    step = thinning(comparison, curves)
    thinned = f" Of the epochs, one in {step} is drawn." if step > 1 else ""
    drawn = [
        PageFigure(
            ", ".join(filter(None, [panel.label, panel.title])),
            _ends(comparison, panel, curves)
            + (" The vertical axis is logarithmic." if log else ""),
            as_json(figure),
        )
        for panel, (figure, log) in zip(
            curves.panels, curve_figures(comparison, curves, step), strict=True
        )
    ]
    sides = [
        place
        for place, side in enumerate(comparison.sides)
        if any(point in side.curves for panel in curves.panels for point in panel.points[place])
    ]
    caption = f"{curves.title}; {curves.how}.{thinned}"
    return FigureGroup("Learning curves", caption, drawn, sides)


def _ends(comparison: Comparison, panel: Panel, curves: Curves) -> str:
    told = []
    for (name, side), points in zip(comparison.named_sides, panel.points, strict=True):
        frames = [side.curves[p] for p in points if p in side.curves]
        means = [over_runs(f, panel.metric)["mean"] for f in frames if panel.metric in f]
        last = [float(mean.iloc[-1]) for mean in means if len(mean)]
        if last:
            more = f" to {number(max(last))}" if len(last) > 1 else ""
            told.append(f"{name} {number(min(last))}{more}")
    at = f" at {panel.title}" if panel.title else ""
    line = "a line for each side" if curves.band else "a line for each point"
    return f"{panel.label} by epoch{at}, {line}. At the end {', '.join(told) or '-'}."
