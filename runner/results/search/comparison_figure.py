"""The figure of a comparison of searches: best so far against what was spent, and confirmed."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from runner.results.compare.comparison import side_names
from runner.results.figures.captions import log_words
from runner.results.figures.colours import Legend, entries_of
from runner.results.figures.crowding import without_far
from runner.results.figures.marks import Lines, Mark
from runner.results.figures.scales import value_axis
from runner.results.figures.spec import AxisSpec, FigureSpec, Panel
from runner.results.labels import number
from runner.results.search.comparison import BUDGETS
from runner.results.search.figures import ACROSS, again_dot, stepped
from runner.results.search.sides import MANY, Band, SearchSide, measures_of
from runner.results.search.trials import Budget
from runner.results.stats import mean_interval, spans_decades

ROOM = 0.04  # of the axis, for what each side confirmed


def searches_legend(sides: Sequence[SearchSide]) -> Legend:
    """The sides, a colour each."""
    names = zip(side_names(len(sides)), sides, strict=True)
    entries = entries_of([f"{name}: {side.path}" for name, side in names])
    return Legend("Sides", entries)


def searches_figure(sides: Sequence[SearchSide]) -> FigureSpec:
    """Best so far by member-epochs and by seconds, a line for each side, and what was confirmed.

    Args:
        sides: The sides compared.
    """
    measures, metric = measures_of(sides[0]), sides[0].metric
    bands = {budget: [side.band(budget) for side in sides] for budget in BUDGETS}
    seen = [np.concatenate([b.low, b.median, b.high]) for some in bands.values() for b in some]
    samples = [side.best_confirmed for side in sides if side.confirmed]
    ends = [end for one in samples for end in (one.mean, *mean_interval(one))]
    near = without_far(np.concatenate([*seen, ends]))
    log = measures.is_error(metric) and spans_decades(near, 1.5)
    y = value_axis(f"{measures.label(metric)}, best so far", near, log)
    panels = [_panel(sides, budget, of, y, log) for budget, of in bands.items()]
    several = any(len(side.searches) > 1 for side in sides)
    over = "quartiles" if max(len(side.searches) for side in sides) >= MANY else "lowest to highest"
    how = f"line: median over the searches of a side, band: {over}" if several else "a search each"
    how += "; diamond: best point confirmed, with its 95 % interval" if samples else ""
    return FigureSpec(
        f"Best {measures.words(metric)} so far\n{how}", tuple(panels), searches_legend(sides),
        shared=True, name="best_so_far", heading="Best so far", how=how,
    )  # fmt: skip


def _panel(
    sides: Sequence[SearchSide], budget: Budget, bands: Sequence[Band], y: AxisSpec, log: bool
) -> Panel:
    end = max(float(band.spent[-1]) for band in bands)
    marks: list[Mark] = []
    for colour, (side, band) in enumerate(zip(sides, bands, strict=True)):
        several = len(side.searches) > 1
        marks.append(_line(band, colour, several))
        if side.confirmed:
            marks.append(again_dot(end * (1 + ROOM * (colour + 1)), side.best_confirmed, colour))
    x = AxisSpec(ACROSS[budget], span=(0.0, end * (1 + ROOM * (len(sides) + 1))))
    told = (
        f"{name} {number(float(band.median[-1]))}"
        for name, band in zip(side_names(len(sides)), bands, strict=True)
    )
    words = f"Best so far by {ACROSS[budget]}. At the end {', '.join(told)}."
    caption = f"{words} A round's results are known at its end.{log_words(log)}"
    return Panel(x, y, tuple(marks), ACROSS[budget], caption, width=3.6, height=2.8)


def _line(band: Band, colour: int, several: bool) -> Lines:
    """The median as it was known, and the band where all that it takes have a value."""
    line = stepped(band.spent, band.median, colour, width=1.8)
    if not several:
        return line
    whole = np.isfinite(band.low) & np.isfinite(band.high)
    low, high = (np.where(whole, end, band.median) for end in (band.low, band.high))
    low, high = (stepped(band.spent, end, colour).y for end in (low, high))
    return replace(line, low=low, high=high)
