"""What a search found: the best so far, its rungs, all its keys at once."""

from runner.results.plots.registry import Drawn, Plot
from runner.results.search.confirmed import read_confirmed
from runner.results.search.figures import search_figures, search_parallel
from runner.results.sweep import Sweep
from runner.results.sweep_view import SweepView

SEARCH = Plot("search", "How soon a search found what, and how far its points went.", redrawn=True)
PARALLEL = Plot("parallel", "All keys of a search at once.", redrawn=True)


@SEARCH.of_sweep
def _search(sweep: Sweep, view: SweepView) -> Drawn:
    if sweep.search:
        yield from search_figures(sweep.search, view, read_confirmed(sweep.search))


@PARALLEL.of_sweep
def _parallel(sweep: Sweep, view: SweepView) -> Drawn:
    if sweep.search and len(sweep.search.keys) > 1 and len(view.drawable):
        yield search_parallel(view)
