"""How often a comparison's intervals hold, and how often it finds what is not there.

Draws sides whose truth is known and hands them to the functions that compare real sweeps:
``python benchmarks/coverage.py`` prints the table of docs/trust.md (some minutes), and
``python benchmarks/coverage.py 200`` a rough one of 200 tries a row.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from runner.columns import MONITOR
from runner.results.compare.comparison import compare
from runner.results.compare.differences import Difference, estimate_difference
from runner.results.compare.inputs import MetricValues, Side
from runner.results.compare.matching import candidates, estimate_at_best
from runner.results.measures import Measures
from runner.results.report.importance import shares_with_chance
from runner.results.stats import summarize
from runner.results.sweep_view import SweepView

LEVEL = 0.05
METRIC = "test/metric"
Numbers = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator], Difference]


class Rate(NamedTuple):
    """A share of the tries: what was tried, the share promised, the share found, how many tries."""

    what: str
    nominal: float
    measured: float
    tries: int

    @property
    def error(self) -> float:
        """The standard error of the measured share."""
        share = min(max(self.measured, 1 / self.tries), 1 - 1 / self.tries)
        return float(np.sqrt(share * (1 - share) / self.tries))


def side_of(values: Numbers, start: int = 0, losses: Numbers | None = None, key: str = "a") -> Side:
    """Make a side of (seeds, points) values, its seeds from ``start``, as if it had been read."""
    cells = {}
    for place in range(values.shape[1]):
        cells[(place,)] = {METRIC: _cell(values[:, place], start)}
        if losses is not None:
            cells[(place,)][MONITOR] = _cell(losses[:, place], start)
    return Side("drawn", [key], ["seed"], [METRIC], cells, values.size)


def _cell(values: Numbers, start: int) -> MetricValues:
    return MetricValues(summarize(values), {(start + i,): float(v) for i, v in enumerate(values)})


def _cells(first: Side, other: Side) -> list[tuple[MetricValues, MetricValues]]:
    return [(first.at(p, METRIC), other.at(p, METRIC)) for p in first.points]


def misses(draw: Draw, truth: float, tries: int, seed: int) -> tuple[float, float]:
    """The shares of intervals that lie above the truth, and below it."""
    rng = np.random.default_rng(seed)
    found = [draw(rng).estimate for _ in range(tries)]
    return (
        float(np.mean([one.low > truth for one in found])),
        float(np.mean([one.high < truth for one in found])),
    )


# ---------------------------------------------------------------------------------- several points


def points_draw(points: int, seeds: int, *, shared: bool, means_alone: bool = False) -> Draw:
    """Two sides that do not differ; half of a run's variance is its seed's, at all points."""

    def side(rng: np.random.Generator, start: int) -> Side:
        noise = rng.normal(size=(seeds, points)) + rng.normal(size=(seeds, 1))
        return side_of(np.linspace(0, 9, points) + noise, start)

    def draw(rng: np.random.Generator) -> Difference:
        cells = _cells(side(rng, 0), side(rng, 0 if shared else 1000))
        if means_alone:
            cells = [(MetricValues(a.sample, {}), MetricValues(b.sample, {})) for a, b in cells]
        return estimate_difference(cells)

    return draw


def several_points(tries: int) -> Iterator[Rate]:
    """Coverage over several points, by pairs, of other seeds, and of means alone."""
    for name, options in (
        ("paired by seed", {"shared": True}),
        ("other seeds on either side", {"shared": False}),
        ("means and spreads alone (summary.csv)", {"shared": False, "means_alone": True}),
    ):
        for points in (1, 4, 20):
            above, below = misses(points_draw(points, 5, **options), 0.0, tries, points)
            words = f"coverage, {name}, 5 seeds, {points} point{'s' * (points > 1)}"
            yield Rate(words, 1 - LEVEL, 1 - above - below, tries)


# -------------------------------------------------------------------------------------------- ties


def family_finds(
    rng: np.random.Generator, seeds: int, points: int, spread: float, start: int
) -> bool:
    """Whether any point is found to differ, of accuracies that do not: 360 examples, some moved."""
    level = rng.uniform(300, 320, points)
    right = [np.round(level + spread * rng.normal(size=(seeds, points))) / 360 for _ in range(2)]
    comparison = compare([side_of(right[0]), side_of(right[1], start)])
    return any(row.p < LEVEL for row in comparison.contrasts[0].by_point)


def ties(tries: int) -> Iterator[Rate]:
    """False findings by point of an accuracy, at the spread (in examples) where they are most."""
    for start, name in ((0, "paired"), (1000, "other seeds")):
        for seeds in (2, 3, 5):
            for points in (5, 20):
                rng = np.random.default_rng(seeds * points)
                shares = [
                    np.mean([family_finds(rng, seeds, points, s, start) for _ in range(tries)])
                    for s in (0.3, 0.7, 2.0, 6.0)
                ]
                words = f"family error, accuracy, {name}, {seeds} seeds, {points} points"
                yield Rate(words, LEVEL, float(max(shares)), tries)


# --------------------------------------------------------------------------------------- selection


class Choice(NamedTuple):
    """Two sides at their best points.

    Attributes:
        seeds: Of either side.
        points: How many points either side has.
        correlation: Of validation loss and test metric from run to run.
        gap: How far apart the best and the worst point are, in standard deviations of a run.
        shared: Whether the sides share their seeds.
    """

    seeds: int
    points: tuple[int, int]
    correlation: float
    gap: float
    shared: bool = True


def choice_draw(choice: Choice, truths: list[float]) -> Draw:
    """Two sides at best points; adds to ``truths`` how far apart the chosen points truly are."""

    def side(rng: np.random.Generator, points: int, start: int) -> Side:
        """Return one side: the values of each seed at each point, and the losses that choose."""
        means = np.linspace(0, choice.gap, points)
        losses, own = rng.normal(size=(2, choice.seeds, points))
        rest = np.sqrt(1 - choice.correlation**2)
        values = means + choice.correlation * losses + rest * own
        return side_of(values, start, means + losses)

    def draw(rng: np.random.Generator) -> Difference:
        """Return the difference of two sides at their best points."""
        sides = [
            side(rng, points, start)
            for points, start in zip(choice.points, (0, 0 if choice.shared else 1000), strict=True)
        ]
        found = estimate_at_best(*(candidates(one, METRIC) for one in sides))
        steps = [choice.gap / max(1, points - 1) for points in choice.points]
        means = [
            float(np.mean([place for (place,) in chosen])) * step
            for chosen, step in zip(found.chosen, steps, strict=True)
        ]
        truths.append(means[1] - means[0])
        return found

    return draw


def chosen_points(tries: int, seeds: tuple[int, ...] = (3, 5, 10)) -> Iterator[Rate]:
    """Misses of intervals at best points, at the correlation and the gap where they are most."""
    for shared in (True, False):
        for n in seeds:
            for points in ((1, 5), (1, 20), (5, 5)):
                worst = [
                    choice_misses(Choice(n, points, correlation, gap, shared), tries)
                    for correlation in (0.0, 0.9)
                    for gap in (0.0, 3.0)
                ]
                sides = "paired" if shared else "other seeds"
                words = f"best of {points[0]} against best of {points[1]}, {n} seeds, {sides}"
                yield Rate(f"misses, {words}", LEVEL, max(sum(one) for one in worst), tries)
                yield Rate("… on one side", LEVEL / 2, max(max(one) for one in worst), tries)


def choice_misses(choice: Choice, tries: int) -> tuple[float, float]:
    """What is estimated is the difference on average over what the choice may be."""
    rng, truths = np.random.default_rng(0), []
    draw = choice_draw(choice, truths)
    found = [draw(rng).estimate for _ in range(tries)]
    truth = float(np.mean(truths))
    return (
        float(np.mean([one.low > truth for one in found])),
        float(np.mean([one.high < truth for one in found])),
    )


# ------------------------------------------------------------------------- few, unlike, skewed runs


def unlike(tries: int) -> Iterator[Rate]:
    """Coverage of Welch's interval for unlike numbers and spreads, and for skewed metrics."""

    def normal(counts: tuple[int, int], spreads: tuple[float, float]) -> Draw:
        return lambda rng: estimate_difference([
            (_cell(spreads[0] * rng.normal(size=counts[0]), 0),
             _cell(spreads[1] * rng.normal(size=counts[1]), 1000))
        ])  # fmt: skip

    def skewed(counts: tuple[int, int]) -> Draw:
        """Log-normal on one side, normal on the other, of the same mean."""
        mean = np.exp(0.5)
        return lambda rng: estimate_difference([
            (_cell(rng.lognormal(size=counts[0]), 0),
             _cell(mean + 0.1 * rng.normal(size=counts[1]), 1000))
        ])  # fmt: skip

    for counts, spreads in (
        ((5, 5), (1, 1)),
        ((5, 5), (1, 5)),
        ((2, 10), (1, 1)),
        ((2, 10), (5, 1)),
    ):
        above, below = misses(normal(counts, spreads), 0.0, tries, 1)
        of = f"{counts[0]} against {counts[1]} seeds, spreads {spreads[0]} : {spreads[1]}"
        words = f"coverage, Welch, {of}"
        yield Rate(words, 1 - LEVEL, 1 - above - below, tries)
    for n in (5, 10):
        above, below = misses(skewed((n, n)), 0.0, tries, 2)
        words = f"coverage, Welch, {n} seeds, one side log-normal"
        yield Rate(words, 1 - LEVEL, 1 - above - below, tries)
        yield Rate("… by the bootstrap's percentiles", 1 - LEVEL, _bootstrap(n, tries), tries)


def _bootstrap(n: int, tries: int) -> float:
    """What the percentile bootstrap would cover there: for comparison, the program has none."""
    rng, held = np.random.default_rng(3), 0
    for _ in range(tries):
        first, other = rng.lognormal(size=n), np.exp(0.5) + 0.1 * rng.normal(size=n)
        means = [values[rng.integers(0, n, (999, n))].mean(1) for values in (first, other)]
        low, high = np.quantile(means[1] - means[0], (LEVEL / 2, 1 - LEVEL / 2))
        held += bool(low <= 0 <= high)
    return held / tries


# -------------------------------------------------------------------------------------- importance


def importance(tries: int) -> Iterator[Rate]:
    """How often a key that means nothing passes, alone and beside a strong one."""
    for effect, words in ((0.0, "none that means anything"), (3.0, "one of a strong effect")):
        rng = np.random.default_rng(4)
        found = [_null_key(rng, effect) for _ in range(tries)]
        share = float(np.mean([p < LEVEL for p in found]))
        yield Rate(f"a key without meaning passes, beside {words}", LEVEL, share, tries)


def _null_key(rng: np.random.Generator, effect: float) -> float:
    """The p-value of a key without meaning, in a grid of 4 by 3 points and 5 seeds."""
    seeds = rng.normal(size=5)
    rows: list[dict[str, Any]] = [
        {"a": a, "b": b, "seed": s, "status": "ok", METRIC: effect * b + seeds[s] + rng.normal()}
        for a in range(4)
        for b in range(3)
        for s in range(5)
    ]
    frame = pd.DataFrame(rows)
    view = SweepView(frame, frame, ["a", "b"], METRIC, Measures(), "")
    return next(share.p for share in shares_with_chance(view) if share.key == "a")


ALL = (several_points, ties, chosen_points, unlike, importance)


def main() -> None:
    """Print the table."""
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(f"{tries} tries a row; ± one standard error.\n")
    print("| what | promised | measured |\n| --- | --- | --- |")
    for simulation in ALL:
        for rate in simulation(tries if simulation is not importance else tries // 10):
            measured = f"{rate.measured:.3f} ± {rate.error:.3f}"
            print(f"| {rate.what} | {rate.nominal:g} | {measured} |", flush=True)


if __name__ == "__main__":
    main()
