"""Learning curves, and the last metric by one and by two swept keys."""

from itertools import combinations

from runner.results.figures.heat_maps import heat_map, list_heat_map, swept_lists
from runner.results.figures.run_curves import run_curves
from runner.results.figures.sweep_curves import sweep_curves
from runner.results.figures.values import by_value
from runner.results.measures import running_mean
from runner.results.plots.registry import Drawn, Plot
from runner.results.read.runs import Run
from runner.results.sweep import Sweep
from runner.results.sweep_view import SweepView

MOST_KEYS = 12
MOST_PAIRS = 6
CURVES = Plot("curves", "Learning curves.", redrawn=True)
BY_VALUE = Plot("by", "The last metric by a swept value.", redrawn=True)
HEAT_MAP = Plot("heatmap", "The mean of the last metric over two swept keys.", redrawn=True)


@CURVES.of_run
def _run_curves(run: Run, title: str) -> Drawn:
    if len(run.metrics):
        yield run_curves(run.metrics, run.summary, title, running_mean(run.config))


@CURVES.of_sweep
def _sweep_curves(sweep: Sweep, view: SweepView) -> Drawn:
    yield sweep_curves(view)


@BY_VALUE.of_sweep
def _by_value(sweep: Sweep, view: SweepView) -> Drawn:
    if sweep.is_population:  # a member did not train with the values that it began with
        return
    for key in view.keys[:MOST_KEYS]:
        yield by_value(view, key)


@HEAT_MAP.of_sweep
def _heat_maps(sweep: Sweep, view: SweepView) -> Drawn:
    if sweep.is_population:
        return
    for down, across in list(combinations(view.keys, 2))[:MOST_PAIRS]:
        yield heat_map(view, down, across)
    for key in swept_lists(view):
        yield list_heat_map(view, key)
