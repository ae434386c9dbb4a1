"""``--dry-run`` of a search: its rounds, its rungs, what it may choose, and what it will cost."""

from collections.abc import Sequence
from itertools import pairwise

from rich.markup import escape

from runner.config import Config
from runner.request.dimensions import Dimension
from runner.request.searching import SearchRequest
from runner.results.labels import counted
from runner.search.pruning import rungs_of, too_few
from runner.search.space import with_types
from runner.sweep.console import console
from runner.sweep.dry_run import cost, duration
from runner.sweep.plan import plan


def show_search(request: SearchRequest, configs: Sequence[Config]) -> int:
    """Print what a search will do, and an estimate of its cost; start nothing.

    The estimate is of runs trained one after another on a sample of the space: those that train
    together take less.

    Returns:
        The exit code, 0.
    """
    settings, first, out = request.settings, configs[0], console()
    for dimension in with_types(request, configs).dimensions:
        out.print(escape(f"{dimension.key}: {in_words(dimension)}"))
    passed = rungs_of(settings, first.epochs)
    sizes = settings.sizes
    in_rounds = f"{counted(len(sizes), 'round')} of up to {sizes[0]}"
    out.print(f"{counted(settings.trials, 'point')} in {in_rounds}.")
    if passed:
        whose = f"the best of each {settings.eta} go on"
        if settings.prune == "median":
            whose = "those go on that are no worse than the median of all points there"
        out.print(f"After {_epochs(passed)} {whose}, to epoch {first.epochs}.")
    if warning := too_few(settings):
        out.print(warning)
    each = sum(member_epochs(size, passed, settings.eta, first.epochs) for size in sizes)
    if settings.prune == "median":
        each = settings.trials * first.epochs
    epochs = first.repeats * each
    confirming = settings.confirm.points * settings.confirm.seeds * first.epochs
    seconds = cost(plan([first], 1)[0], [first]).of(epochs + confirming)
    out.print(
        f"{epochs} epochs of single runs at most, and {confirming} to confirm the best: about "
        f"{duration(seconds)}; nothing was started."
    )
    return 0


def in_words(dimension: Dimension) -> str:
    """Return what a key may be."""
    if dimension.values:
        return ", ".join(dimension.values)
    kind = "whole numbers " if dimension.whole else ""
    scale = ", by ratios" if dimension.log else ""
    step = f", in steps of {dimension.step:g}" if dimension.step else ""
    return f"{kind}from {dimension.low:g} to {dimension.high:g}{scale}{step}"


def _epochs(passed: Sequence[int]) -> str:
    *before, last = map(str, passed)
    return f"epochs {', '.join(before)} and {last}" if before else f"epoch {last}"


def member_epochs(points: int, passed: Sequence[int], eta: int, epochs: int) -> int:
    """Return how many epochs the points of a round are trained in all, halved at some rungs."""
    total = 0
    for before, after in pairwise([0, *passed, epochs]):
        total += points * (after - before)
        points = max(1, points // eta)
    return total
