"""A comparison of searches in words: how soon each was how good, and what was confirmed of it."""

from collections.abc import Iterator, Sequence

import numpy as np

from runner.results.compare.comparison import side_names
from runner.results.figures.marks import Floats
from runner.results.labels import interval, number, p_value, readable
from runner.results.search.figures import ACROSS
from runner.results.search.sides import SearchSide
from runner.results.search.trials import Budget
from runner.results.stats import Sample, mean_interval, welch
from runner.results.text_tables import Section, TextTable

BUDGETS: tuple[Budget, ...] = ("member_epochs", "seconds")


def search_sections(sides: Sequence[SearchSide]) -> list[Section]:
    """A comparison of searches as text.

    It says who is compared, how good each side was by the time that all had spent as much, and how
    good the best confirmed points are, each side's against those of the first.
    """
    return [_who(sides), _by_budget(sides), *_confirmed(sides)]


def _who(sides: Sequence[SearchSide]) -> Section:
    names, rows, over = side_names(len(sides)), [], []
    for name, side in zip(names, sides, strict=True):
        points = sum(len(search.frame) for search in side.searches)
        spent = [np.median([one.total(budget) for one in side.searches]) for budget in BUDGETS]
        counts = [f"{len(side.searches)}", f"{points}", *(readable(float(s)) for s in spent)]
        rows.append([name, side.path, *counts])
        over.append(f"{name} over {', '.join(side.searches[0].keys)}")
    head = ["", "side", "searches", "points", *(ACROSS[budget] for budget in BUDGETS)]
    several = any(len(side.searches) > 1 for side in sides)
    words = " Member-epochs and seconds are medians over the searches of a side." * several
    after = [f"Searched: {'; '.join(over)}.{words}"]
    return Section("Sides", (), TextTable(head, rows, 2, "right"), after)


def _by_budget(sides: Sequence[SearchSide]) -> Section:
    rows = []
    for budget in BUDGETS:
        spent = min(side.least(budget) for side in sides)
        told = [_told(side.at(budget, spent), side.sign) for side in sides]
        rows.append([f"at {readable(spent)} {ACROSS[budget]}", *told])
    ends = [(np.array([one.found for one in side.searches]), side.sign) for side in sides]
    rows.append(["at the end", *(_told(*end) for end in ends)])
    several = any(len(side.searches) > 1 for side in sides)
    over = ", the median over the searches of a side (best to worst)" if several else ""
    before = [
        f"The best {sides[0].metric} so far{over}, when all had spent what the least of them has."
    ]
    after = ["This is what the searches saw: the best of many values flatters itself."]
    return Section("Best so far", before, TextTable(["", *side_names(len(sides))], rows), after)


def _told(values: Floats, sign: int) -> str:
    """The median over searches and their range; one without a value is behind all others."""
    known = values[np.isfinite(values)]
    middle = sign * np.median(np.where(np.isnan(values), np.inf, sign * values))
    if not np.isfinite(middle):
        return "none yet"
    if len(values) == 1:
        return number(float(middle))
    ends = sign * np.sort(sign * known)  # the best first
    worst = number(ends[-1], ".3g") if len(known) == len(values) else "none yet"
    return f"{number(float(middle), '.3g')} ({number(ends[0], '.3g')} to {worst})"


def _confirmed(sides: Sequence[SearchSide]) -> Iterator[Section]:
    """The best confirmed points, and the difference of each side's from those of the first."""
    if not any(side.confirmed for side in sides):
        return
    samples = [side.best_confirmed for side in sides]
    names, rows = side_names(len(sides)), []
    for name, side, sample in zip(names, sides, samples, strict=True):
        ends = interval(*mean_interval(sample))
        unit = "searches" if len(side.searches) > 1 else "seeds"
        less = _less(samples[0], sample) if name != names[0] else ["", "", ""]
        rows.append([name, number(sample.mean), ends, f"{sample.n} {unit}", *less])
    head = ["", "mean", "95 % interval", "n", "less A's", "95 % interval", "p"]
    metric = sides[0].metric
    before = [f"The best point of each search on seeds that it had not seen, by {metric}."]
    yield Section("Confirmed", before, TextTable(head, rows), _caveats(sides))


def _less(first: Sample, other: Sample) -> list[str]:
    found = welch(first, other)
    ends = interval(found.low, found.high)
    return [number(found.difference, "+.3g"), ends, p_value(found.p)]


def _caveats(sides: Sequence[SearchSide]) -> list[str]:
    alone = [len(side.searches) == 1 for side in sides]
    if not any(alone):
        return ["Each search counts once: intervals are over the searches of a side."]
    return [
        "A side of one search has its interval over the seeds of one point: it speaks of that "
        "point, not of the way in which it was found. That takes several searches a side, in a "
        "folder each, with other values of hydra.sweeper.seed."
    ]
