"""What a search found: the best so far, its rungs, all its keys at once."""

from runner.results.plots.registry import Drawn, Plot
from runner.results.search.confirmed import read_confirmed
from runner.results.search.figures import best_so_far, rungs, search_parallel
from runner.results.sweep import Sweep
from runner.results.sweep_view import SweepView

BEST = Plot("best", "The best value of a search so far.", redrawn=True)
RUNGS = Plot("rungs", "How far the points of a search were trained.", redrawn=True)
PARALLEL = Plot("parallel", "All keys of a search at once.", redrawn=True)


@BEST.of_sweep
def _best_so_far(sweep: Sweep, view: SweepView) -> Drawn:
    if sweep.search and len(sweep.search.complete):
        yield best_so_far(sweep.search, view, read_confirmed(sweep.search))


@RUNGS.of_sweep
def _rungs(sweep: Sweep, view: SweepView) -> Drawn:
    if sweep.search and len(sweep.search.pruned):
        yield rungs(sweep.search, view)


@PARALLEL.of_sweep
def _parallel(sweep: Sweep, view: SweepView) -> Drawn:
    if sweep.search and len(sweep.search.keys) > 1 and len(view.drawable):
        yield search_parallel(view)
