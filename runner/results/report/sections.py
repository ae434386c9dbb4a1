"""The figures of a report with their words: what they show, and the same as a table."""

from dataclasses import dataclass, field
from itertools import combinations

from markupsafe import Markup

from runner.results.page.embed import as_json
from runner.results.plots.scales import scale_of
from runner.results.report.curves import Curves, run_curves, split_groups, sweep_curves, thinning
from runner.results.report.figures import curve_figure, finite_runs, value_figure
from runner.results.report.groups import Groups, make_groups
from runner.results.report.importance import Share, shares_with_chance
from runner.results.report.maps import heat_figure, parallel_figure, shows_runs
from runner.results.report.tables import Table, cross_table, values_table
from runner.results.sweep_view import SweepView

MOST_KEYS = 8
MOST_BESIDE = 4
MOST_PAIRS = 10
MOST_PARALLEL = 12


@dataclass(frozen=True)
class Plot:
    """A figure of the page.

    Attributes:
        title: Its heading.
        words: What it shows, in a sentence.
        json: What the library draws.
        table: The same as a table, where there is one.
    """

    title: str
    words: str
    json: Markup
    table: Table | None = None


@dataclass(frozen=True)
class Plots:
    """All the figures of a page.

    Attributes:
        groups: The legend they share.
        curves: Learning curves.
        thinned: Every how many epochs a point is drawn.
        values: The metric by each swept value, and the one that chooses where keys are few.
        chosen: The metric that chooses by each swept value, where keys are many.
        maps: The metric over pairs of swept keys.
        parallel: All swept keys at once.
        shares: What each swept key explains.
    """

    groups: Groups | None = None
    curves: list[Plot] = field(default_factory=list)
    thinned: int = 1
    values: list[Plot] = field(default_factory=list)
    chosen: list[Plot] = field(default_factory=list)
    maps: list[Plot] = field(default_factory=list)
    parallel: Plot | None = None
    shares: list[Share] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self.curves or self.values or self.maps or self.parallel)


def draw(view: SweepView, runs: int) -> Plots:
    """Draw all that suits a sweep, or a run on its own.

    Args:
        view: The sweep.
        runs: How many runs it has.
    """
    if runs == 1:
        splits = split_groups(view)
        curves = run_curves(view, splits)
        drawn = [_curve_plot(figure, view, True) for figure in curves]
        return Plots(splits, drawn, thinning(view, sum(len(f.lines) for f in curves)))
    groups = make_groups(view)
    curves = sweep_curves(view, groups)
    drawn = [_curve_plot(figure, view, False) for figure in curves]
    thinned = thinning(view, len(curves))
    if not len(finite_runs(view)):
        return Plots(groups, drawn, thinned)
    parallel = _parallel_plot(view) if 3 <= len(view.keys) <= MOST_PARALLEL else None
    values, chosen = _by_value(view, groups)
    return Plots(
        groups, drawn, thinned, values, chosen, _maps(view), parallel, shares_with_chance(view)
    )


def _curve_plot(curves: Curves, view: SweepView, by_split: bool) -> Plot:
    each = "a line for each split" if by_split else "a line for each run"
    last = view.ended[[name for name in curves.names if name in view.ended]].astype(float)
    ends = ", ".join(
        f"{name} {last[name].min():.4g}"
        + (f" to {last[name].max():.4g}" if last[name].nunique() > 1 else "")
        for name in last
        if last[name].notna().any()
    )
    log = _log_words(curves.log, False)
    beyond = " Some runs leave it at the top; zoom out to see them." if curves.beyond else ""
    left = f"{view.failure_summary}{view.curveless}"
    return Plot(
        curves.label,
        f"{curves.label} by epoch, {each}{left}. At the end {ends}.{log}{beyond}",
        as_json(curve_figure(curves, by_split)),
    )


def _by_value(view: SweepView, groups: Groups) -> tuple[list[Plot], list[Plot]]:
    """The metric by each swept value; that which chooses beside it, or for many keys apart."""
    values = [_value_plot(view, key, groups) for key in view.keys[:MOST_KEYS]]
    other = view.choosing
    if other is None or not len(finite_runs(other)):
        return values, []
    chosen = [_value_plot(other, key, groups) for key in view.keys[:MOST_KEYS]]
    if len(values) > MOST_BESIDE:
        return values, chosen
    return [plot for pair in zip(values, chosen, strict=True) for plot in pair], []


def _value_plot(view: SweepView, key: str, groups: Groups) -> Plot:
    lost = f"; cross: {view.failure_summary.removeprefix('; ')}" if view.failure_summary else ""
    log = _log_words(view.log, scale_of(view.runs[key]).kind == "log")
    return Plot(
        key,
        f"Last {view.words} by {key}. Dot: run; line or dash: mean of the dots shown{lost}.{log}",
        as_json(value_figure(view, key, groups)),
        values_table(view, key),
    )


def _log_words(vertical: bool, horizontal: bool) -> str:
    if vertical and horizontal:
        return " Both axes are logarithmic."
    if vertical or horizontal:
        return f" The {'vertical' if vertical else 'horizontal'} axis is logarithmic."
    return ""


def _maps(view: SweepView) -> list[Plot]:
    return [
        Plot(
            f"{down} and {across}",
            _map_words(view, down, across),
            as_json(heat_figure(view, down, across)),
            cross_table(view, down, across),
        )
        for down, across in list(combinations(view.keys, 2))[:MOST_PAIRS]
    ]


def _map_words(view: SweepView, down: str, across: str) -> str:
    if shows_runs(view, down, across):
        return f"Last {view.words} by {down} and {across}. Dot: run, coloured by it."
    return (
        f"Mean of the last {view.words} over {down} and {across}: "
        "over all runs that ended well, whether they are shown or not"
        f"{'; cross: none did' if view.failure_summary else ''}."
    )


def _parallel_plot(view: SweepView) -> Plot:
    return Plot(
        "All swept keys at once",
        f"Parallel coordinates: each line is a run, from its swept values to its last "
        f"{view.words} at the right, and coloured by that{view.failure_summary}. "
        "Drag along an axis to show only the runs that pass there, along several for those that "
        "pass all; click an axis to take that back. From the keyboard, the filter of the "
        "table of runs does the same.",
        as_json(parallel_figure(view)),
    )
