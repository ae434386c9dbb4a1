"""How far the intervals of a comparison can be trusted, and what so many runs can tell at all."""

import math
from collections.abc import Iterator, Sequence

from runner.results.compare.caveats import named
from runner.results.compare.comparison import Comparison, Row, Versus
from runner.results.compare.numbers import number, repetition
from runner.results.compare.sides import Side
from runner.results.labels import repetitions
from runner.results.power import MOST, power_of
from runner.results.stats import describe, outlier

ALPHA = 0.05
TOO_FEW = 2
FEW = 4
# Of standard deviations: beyond it Welch's interval is off where runs are few.
UNLIKE = 3.0
ENOUGH = 10


def reliability(comparison: Comparison, versus: Versus) -> Iterator[str]:
    """Say what limits the conclusions: few runs, spreads, outliers; and how many runs it takes.

    Args:
        comparison: The sides compared.
        versus: One of them against the first.
    """
    yield from _few(versus, unit(versus.side))
    yield from _unlike_spreads(comparison, versus)
    yield from _outliers(comparison, versus)
    yield from _power(comparison, versus)


def unit(side: Side) -> str:
    """What its repetitions are, in the plural."""
    if "dataset.seed" in side.repeats:
        return repetitions(side.repeats)
    names = [name for name in ("seed", "fold") if named(side.repeats, name)]
    if side.repeats and not names:
        return "rows"
    return " and ".join(f"{name}s" for name in names) or "seeds"


def _few(versus: Versus, unit: str) -> Iterator[str]:
    fewest = min(min(row.found.estimate.counts) for row in versus.overall)
    if fewest == 0:
        yield f"Some metric has no value in A or {versus.name}: no run with one ended well."
    elif fewest == 1:
        yield "n = 1: one run tells nothing of the spread, so no conclusion."
    elif fewest <= TOO_FEW:
        yield f"n = {fewest}: too few {unit} to tell; 5 or more would tell more."
    elif fewest <= FEW:
        yield f"n = {fewest}: few {unit}; the intervals are wide and hold only for a normal spread."


def _unlike_spreads(comparison: Comparison, versus: Versus) -> Iterator[str]:
    """Welch's interval reckons with unlike spreads; with few runs it may miss more than 5 %."""
    for row in _main(comparison, versus):
        spreads = [describe(values) for values in row.found.tested]
        if len(spreads) != 2 or min(s.n for s in spreads) >= ENOUGH:
            continue
        low, high = sorted(s.std for s in spreads)
        if high > UNLIKE * low:
            yield (
                f"The spreads of {row.metric} are unlike (std {number(spreads[0].std, '.2g')} and "
                f"{number(spreads[1].std, '.2g')}): of such intervals 90 to 96 in 100 hold."
            )


def _outliers(comparison: Comparison, versus: Versus) -> Iterator[str]:
    for row in _main(comparison, versus):
        places = ["the differences"] if len(row.found.tested) == 1 else ["A", versus.name]
        for place, values in zip(places, row.found.tested, strict=False):
            far = outlier(values)
            if far is not None:
                yield (
                    f"One {repetition(versus.side)} lies far from the others in "
                    f"{row.metric} of {place} ({number(far)}): its spread is not normal, and the "
                    "interval may miss more often than 5 in 100."
                )


def _power(comparison: Comparison, versus: Versus) -> Iterator[str]:
    for row in _main(comparison, versus):
        power = power_of(row.found.estimate)
        if power is None or power.repetitions <= TOO_FEW or not row.p >= ALPHA or row.found.same:
            continue
        units = unit(versus.side)
        found = (
            f"{power.repetitions} {units} find a difference of {number(power.detectable, '.2g')}"
        )
        takes = (
            f"more than {MOST:,}" if power.needed is None else f"about {_rounded(power.needed):,}"
        )
        size = abs(row.found.estimate.difference)
        more = f"; one of {number(size, '.2g')}, as here, would take {takes}" if size else ""
        yield f"{row.metric}: {found} in 4 of 5 tries{more} (power 80 % at p < 0.05, uncorrected)."


def _rounded(count: int) -> int:
    """A number of runs to two digits: the spread that it rests on is known no better."""
    return round(count, 2 - len(str(count))) if count > 99 else count


def _main(comparison: Comparison, versus: Versus) -> Sequence[Row]:
    """The row of the metric shown point by point; none where this side lacks it."""
    return [
        row
        for row in versus.overall
        if row.metric == comparison.metric and not math.isnan(row.found.estimate.error)
    ]
