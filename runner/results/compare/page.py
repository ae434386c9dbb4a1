"""``comparison.html``: what the terminal says, with figures to hover over, in one file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from runner.results.compare.comparison import Comparison, Row
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
from runner.results.compare.naming import Names, names_of
from runner.results.compare.numbers import interval, number
from runner.results.compare.sections import Section
from runner.results.compare.words import closing, opening
from runner.results.page.embed import as_json
from runner.results.page.legend import Legend
from runner.results.page.shell import CANVAS, figure_scripts, render_page, source

HERE = Path(__file__).parent


class Plot(NamedTuple):
    """A figure of the page.

    Attributes:
        title: What it is called above.
        words: What it shows, for those who do not see it.
        json: What the library draws.
    """

    title: str
    words: str
    json: Markup


class Figures(NamedTuple):
    """Figures that stand together.

    Attributes:
        title: Their heading.
        words: How to read them.
        plots: The figures.
        sides: The numbers of the sides that have a mark in them, for the legend.
        small: Whether they are low, so that many stand side by side.
    """

    title: str
    words: str
    plots: list[Plot]
    sides: list[int]
    small: bool = False


def render(comparison: Comparison, more: Sequence[Section] = ()) -> str:
    """The comparison as HTML.

    Args:
        comparison: The sides compared.
        more: What else the text is to say.
    """
    figures, names = list(figures_of(comparison)), names_of(comparison)
    legend = _legend(comparison, names)
    own = source(CANVAS, HERE / "page.js")
    return render_page(
        HERE / "page.html.jinja",
        names.title,
        scripts=[*figure_scripts(), own] if figures else [],
        colours=legend.colours,
        opening=opening(comparison),
        figures=figures,
        closing=[*closing(comparison), *more],
        sides=legend,
    )


def _legend(comparison: Comparison, names: Names) -> Legend:
    pairs = zip(comparison.names, names.each, strict=True)
    labels = [letter if name == letter else f"{letter}: {name}" for letter, name in pairs]
    return Legend("Sides", labels)


def figures_of(comparison: Comparison) -> Iterator[Figures]:
    """The figures that a comparison has data for.

    Args:
        comparison: The sides compared.
    """
    if any(versus.overall for versus in comparison.versus):
        yield _differences(comparison)
    if max(len(comparison.at_points(versus)) for versus in comparison.versus) > 1:
        yield _by_point(comparison)
    if curves := curves_of(comparison):
        yield _curves(comparison, curves)


def _differences(comparison: Comparison) -> Figures:
    metrics = overall_rows(comparison)
    rows = [row for of in metrics.values() for row in of]
    points = max(row.over for row in rows)
    over = f" over {points} points" if points > 1 else ""
    every = len({row.metric for versus in comparison.versus for row in versus.overall})
    most = f" The first {len(metrics)} of {every} metrics." if every > len(metrics) else ""
    plots = [
        Plot(
            metric, _in_words(metric, of), as_json(difference_figure(comparison, metric, of))
        )
        for metric, of in metrics.items()
    ]  # fmt: skip
    words = f"Dot: the side's mean less A's{over}; {interval_words(rows)}.{most}"
    return Figures("Differences from A", words, plots, _drawn(comparison, rows), small=True)


def _drawn(comparison: Comparison, rows: Sequence[Row]) -> list[int]:
    """The sides with a difference from A; A has none from itself."""
    return sorted({comparison.names.index(row.side) for row in rows})


def _in_words(metric: str, rows: Sequence[Row]) -> str:
    found = [(row.side, row.found.estimate) for row in rows]
    each = (
        f"{side} - A {number(e.difference, '+.3g')}"
        + (f", 95 % interval {interval(e)}" if e.low == e.low else ", no interval")
        for side, e in found
    )
    return f"Difference in {metric}: {'; '.join(each)}."


def _by_point(comparison: Comparison) -> Figures:
    rows, points, many = point_rows(comparison)
    words = f"Dot: the side's mean less A's at that point{many}; {interval_words(rows)}."
    told = [row.found.estimate.difference for row in rows]
    known = [value for value in told if value == value]
    ends = f", from {min(known):+.3g} to {max(known):+.3g}" if known else ""
    alt = f"Difference in {comparison.metric} at each of {len(points)} points{ends}."
    plot = Plot("", alt, as_json(point_figure(comparison, rows, points)))
    title = f"Differences in {comparison.metric} by point"
    return Figures(title, words, [plot], _drawn(comparison, rows))


def _curves(comparison: Comparison, curves: Curves) -> Figures:
    step = thinning(comparison, curves)
    thinned = f" Of the epochs, one in {step} is drawn." if step > 1 else ""
    plots = [
        Plot(
            ", ".join(filter(None, [panel.label, panel.title])),
            _ends(comparison, panel, curves)
            + (" The vertical axis is logarithmic." if log else ""),
            as_json(drawn),
        )
        for panel, (drawn, log) in zip(
            curves.panels, curve_figures(comparison, curves, step), strict=True
        )
    ]
    words = f"{curves.title}; {curves.how}.{thinned}"
    sides = [
        place
        for place, side in enumerate(comparison.sides)
        if any(point in side.curves for panel in curves.panels for point in panel.points[place])
    ]
    return Figures("Learning curves", words, plots, sides)


def _ends(comparison: Comparison, panel: Panel, curves: Curves) -> str:
    told = []
    for name, side, points in zip(
        comparison.names, comparison.sides, panel.points, strict=True
    ):  # fmt: skip
        frames = [side.curves[p] for p in points if p in side.curves]
        means = [over_runs(f, panel.metric)["mean"] for f in frames if panel.metric in f]
        last = [float(mean.iloc[-1]) for mean in means if len(mean)]
        if last:
            more = f" to {number(max(last))}" if len(last) > 1 else ""
            told.append(f"{name} {number(min(last))}{more}")
    at = f" at {panel.title}" if panel.title else ""
    line = "a line for each side" if curves.band else "a line for each point"
    return f"{panel.label} by epoch{at}, {line}. At the end {', '.join(told) or '-'}."
