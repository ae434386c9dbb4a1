"""The metric of every run of a sweep by one swept key, for a page that filters them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from runner.results.figures.captions import log_words
from runner.results.figures.colours import FAILED
from runner.results.figures.crowding import aside, with_arrows, without_far
from runner.results.figures.end_labels import end_labels, with_room
from runner.results.figures.marks import INK, Colour, Dots, Floats, Lines, Mark
from runner.results.figures.scales import BESIDE, Scale, room_at_top, scale_of, value_axis
from runner.results.figures.scatter import dots_panel
from runner.results.figures.spec import AxisSpec, Panel
from runner.results.figures.values import told_apart
from runner.results.labels import point_label
from runner.results.sweep_view import SweepView, sortable

DASHES = ("-", "--", ":", "-.")


def runs_by_value(
    view: SweepView, key: str, entry_of: Mapping[int, int], coloured: str = ""
) -> Panel:
    """The metric of every run by one swept value, and means at each value of those shown.

    There is a mean for each value of the other keys, or of one of them that has few values, and
    one mean over all else where none has. Of a key with a value of its own at each of many points
    there are dots alone.

    Args:
        view: The sweep.
        key: The swept key.
        entry_of: The entry of the page's legend that each job belongs to.
        coloured: The key that the page's legend tells apart, if it is one.
    """
    if view.is_scattered(key):
        return dots_panel(view, key, entry_of)
    runs, scale = view.drawable, scale_of(view.runs[key])
    lines, rest = told_apart(view, key, coloured)
    labels, groups = _groups(view, runs, lines)
    places = pd.Series(scale.of(runs[key]), index=runs.index)
    if scale.kind == "words":
        places += (groups - (len(labels) - 1) / 2) * BESIDE / len(labels)
    numbers, heights = runs["job"].map(entry_of), runs[view.metric].astype(float)
    x, share = scale.axis(key), view.measures.is_fraction(view.metric)
    y = value_axis(view.label, heights if share else without_far(heights, view.log), view.log)
    shown = pd.Series(aside(places.to_numpy(), heights.to_numpy(), x, y), index=runs.index)
    dots = [
        Dots(
            shown[of.index].to_numpy(), of.to_numpy(), int(number), alpha=0.75,
            jobs=runs.loc[of.index, "job"].to_numpy(int), tips={view.words: "y"},
            places=places[of.index].to_numpy(), groups=np.asarray(groups[of.index], np.int64),
        )
        for number, of in heights.groupby(numbers)
    ]  # fmt: skip
    marks, y = with_arrows(dots, y)
    in_colour = lines == [coloured]
    means = []
    for number, label in enumerate(labels):
        mine = groups == number
        found = heights[mine].groupby(places[mine]).mean()
        colour = int(numbers[mine].iloc[0]) if in_colour and mine.any() else INK
        means.append(_mean(found, scale, number, colour, f"mean at {label}" if label else "mean"))
    marks += means
    if len(labels) > 1 and not in_colour:
        x, marks = with_room(x), [*marks, *_names(means, labels, y)]
    if len(view.lost):
        y, cross = _crosses(view, x, y, scale.of(view.lost[key]))
        marks.append(cross)
    caption = _caption(view, key, scale, lines, rest)
    return Panel(x, y, tuple(marks), key, caption, picks=True)


def _groups(
    view: SweepView, runs: pd.DataFrame, lines: list[str]
) -> tuple[list[str], "pd.Series[int]"]:
    """What each mean is called, and the number of the mean that each run belongs to."""
    if not lines:
        return [""], pd.Series(0, index=runs.index)
    values = view.runs[lines].drop_duplicates().sort_values(lines, key=sortable)
    labels = [point_label(row) for row in values.itertuples(index=False)]
    mine = (point_label(row) for row in runs[lines].itertuples(index=False))
    return labels, pd.Series([labels.index(label) for label in mine], index=runs.index)


def _mean(
    found: "pd.Series[float]", scale: Scale, group: int, colour: Colour, name: str
) -> Lines | Dots:
    """A line of means, or between words, where there is nothing to join, a dash for each."""
    at, mean, tips = found.index.to_numpy(float), found.to_numpy(float), {name: "y"}
    if scale.kind == "words":
        return Dots(at, mean, colour, "dash", 26, tag="mean", group=group, tips=tips)
    dashes = DASHES[group % len(DASHES)] if colour == INK else "-"
    return Lines(at, mean, colour, width=2, tag="mean", group=group, dashes=dashes, tips=tips)


def _names(means: Sequence[Lines | Dots], labels: Sequence[str], y: AxisSpec) -> list[Mark]:
    lines = [Lines(mean.x, mean.y) for mean in means]
    return [*end_labels(lines, labels, y)]


def _crosses(view: SweepView, x: AxisSpec, y: AxisSpec, at: Floats) -> tuple[AxisSpec, Dots]:
    """A cross at the top for each run that did not complete, and the axis with room for it."""
    span, top = room_at_top(y)
    jobs, tips = view.lost["job"].to_numpy(int), {"status": list(view.lost["status"])}
    heights = np.full(len(at), top)
    shown = aside(at, heights, x, y)
    cross = Dots(shown, heights, FAILED, "x", 10, jobs=jobs, tips=tips, tag="lost")
    return replace(y, span=span), cross


def _caption(
    view: SweepView, key: str, scale: Scale, lines: Sequence[str], rest: Sequence[str]
) -> str:
    lost = f"; cross: {view.failure_summary.removeprefix('; ')}" if view.failure_summary else ""
    mark = "dash" if scale.kind == "words" else "line"
    each = f" at each {', '.join(lines)}" if lines else ""
    over = f", over all {', '.join(rest)}" if rest else ""
    shown = f"Dot: run; {mark}: mean of the dots shown{each}{over}"
    log = log_words(view.log, scale.kind == "log")
    return f"Last {view.words} by {key}. {shown}{lost}.{log}"
