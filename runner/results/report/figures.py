"""The figures of a report: which there are, each as JSON with its caption and a table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from runner.columns import measure_of
from runner.results.figures.colours import Legend
from runner.results.figures.heat_maps import heat_map, list_heat_map, swept_lists
from runner.results.figures.parallel import parallel_coordinates
from runner.results.figures.run_curves import run_curves
from runner.results.figures.runs_by_value import runs_by_value
from runner.results.figures.spec import Panel, thinning
from runner.results.figures.sweep_curves import curve_names, runs_curves
from runner.results.measures import running_mean
from runner.results.page.figures import PageFigure
from runner.results.read.runs import Run
from runner.results.report.groups import Groups, make_groups
from runner.results.report.importance import Share, shares_with_chance
from runner.results.report.tables import PageTable, cross_table, values_table
from runner.results.sweep_view import SweepView

MOST_PANELS = 4
MOST_MORE = 12
MOST_KEYS = 8
MOST_BESIDE = 4
MOST_PAIRS, FEW_PAIRS = 10, 6
MOST_PARALLEL = 12
MOST_POSITIONS = 44_000


@dataclass(frozen=True)
class TabledFigure(PageFigure):
    """A figure of a page that is there as a table as well.

    Attributes:
        table: The same as a table, where there is one.
    """

    table: PageTable | None = None


@dataclass(frozen=True)
class ReportFigures:
    """All the figures of a report.

    Attributes:
        legend: The legend they share.
        curves: Learning curves.
        more: Those of the other metrics, shown where they are chosen.
        thinned: Every how many epochs a point is drawn.
        values: The metric by each swept value, and the one that chooses where keys are few.
        others: Other metrics by each swept value, under what they are called: the one that chooses
            where keys are many, and the same as is shown on the test set.
        maps: The metric over pairs of swept keys, and over lists of two numbers.
        parallel: All swept keys at once.
        shares: What each swept key explains.
    """

    legend: Legend = field(default_factory=Legend)
    curves: list[PageFigure] = field(default_factory=list)
    thinned: int = 1
    more: list[PageFigure] = field(default_factory=list)
    values: list[TabledFigure] = field(default_factory=list)
    others: dict[str, list[TabledFigure]] = field(default_factory=dict)
    maps: list[TabledFigure] = field(default_factory=list)
    parallel: PageFigure | None = None
    shares: list[Share] = field(default_factory=list)

    def curves_alone(self) -> "ReportFigures":
        """The learning curves, without what would be read as the effect of a swept value."""
        return ReportFigures(self.legend, self.curves, self.thinned, self.more)

    @property
    def any(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self.curves or self.values or self.maps or self.parallel)


def report_figures(view: SweepView, runs: Sequence[Run]) -> ReportFigures:
    """All figures that suit a sweep, or a run on its own.

    Args:
        view: The sweep.
        runs: Its runs.
    """
    if len(runs) == 1:
        (run,) = runs
        spec = run_curves(run.metrics, run.summary, "", running_mean(run.config))
        curves, thinned = _thinned(spec.panels[:MOST_PANELS], spec.legend)
        more, _ = _thinned(spec.panels[MOST_PANELS:], spec.legend)
        return ReportFigures(spec.legend, curves, thinned, more)
    groups = make_groups(view)
    shown, rest = curve_names(view)
    curves, thinned = _thinned(list(runs_curves(view, groups.of_job, shown)), groups)
    more, _ = _thinned(list(runs_curves(view, groups.of_job, rest[:MOST_MORE])), groups)
    if not len(view.drawable):
        return ReportFigures(groups, curves, thinned, more)
    whole = 3 - len(view.pruned.head(1)) <= len(view.keys) <= MOST_PARALLEL
    parallel = PageFigure.of(parallel_coordinates(view), groups) if whole else None
    values = _by_value(view, groups)
    chooser = view.measures.monitor
    names = dict.fromkeys((chooser, f"test/{measure_of(view.metric)}"))
    found = {name: view.by(name) for name in names if name != view.metric}
    others = {name: _by_value(v, groups) for name, v in found.items() if v}
    if chooser in others and len(values) <= MOST_BESIDE:
        values = [one for pair in zip(values, others.pop(chooser), strict=True) for one in pair]
    others = {view.measures.words(name): figures for name, figures in others.items()}
    maps, shares = _maps(view, groups), shares_with_chance(view)
    return ReportFigures(groups, curves, thinned, more, values, others, maps, parallel, shares)


def _thinned(panels: Sequence[Panel], legend: Legend) -> tuple[list[PageFigure], int]:
    """Learning curves, and every how many epochs a point is drawn so that the page stays small."""
    step = thinning(panels, MOST_POSITIONS)
    shown = [panel.thinned(step) for panel in panels if not panel.nothing]
    return [PageFigure.of(panel, legend) for panel in shown], step


def _by_value(view: SweepView, groups: Groups) -> list[TabledFigure]:
    found = []
    for key in view.keys[:MOST_KEYS]:
        panel = runs_by_value(view, key, groups.of_job, groups.title)
        table = None if key in view.continuous else values_table(view, key)
        found.append(TabledFigure.of(panel, groups, table=table))
    return found


def _maps(view: SweepView, legend: Legend) -> list[TabledFigure]:
    most = FEW_PAIRS if view.continuous else MOST_PAIRS
    maps = [
        (heat_map(view, *pair), None if {*pair} & {*view.continuous} else cross_table(view, *pair))
        for pair in list(combinations(view.keys, 2))[:most]
    ]
    lists = [(list_heat_map(view, key), None) for key in swept_lists(view)]
    return [TabledFigure.of(s.panels[0], legend, table=table) for s, table in [*maps, *lists]]
