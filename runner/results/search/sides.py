"""The sides of a comparison of searches: one search each, or a folder of them each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from runner.errors import RequestError
from runner.results.figures.marks import Floats
from runner.results.measures import Measures
from runner.results.read.folders import is_sweep, runs_and_sweeps
from runner.results.read.runs import read_run
from runner.results.search.confirmed import Confirmed, read_confirmed
from runner.results.search.trials import NAME, Budget, Trials, read_trials
from runner.results.stats import Sample, summarize


@dataclass(frozen=True)
class SearchSide:
    """One side of a comparison: searches that differ in chance alone, such as in their seed.

    Attributes:
        path: As it was typed.
        searches: The searches.
        confirmed: The best points of those that confirmed any.
    """

    path: str
    searches: list[Trials]
    confirmed: list[Confirmed]

    def band(self, budget: Budget) -> "Band":
        """The best so far against what was spent, over the searches."""
        curves = [search.best_so_far(budget) for search in self.searches]
        spent = np.unique(np.concatenate([x for x, _ in curves]))
        return _band(spent, np.array([_held(*curve, spent) for curve in curves]), self.sign)

    def at(self, budget: Budget, spent: float) -> Floats:
        """The best of each search by the time that so much was spent; nan before there is one."""
        point = np.array([spent])
        curves = (search.best_so_far(budget) for search in self.searches)
        return np.array([_held(*curve, point)[0] for curve in curves])

    @property
    def best_confirmed(self) -> Sample:
        """What was confirmed of the best points: over searches, or of one search over its seeds."""
        if len(self.searches) == 1 and self.confirmed:
            return self.confirmed[0].best
        return summarize(one.best.mean for one in self.confirmed)

    def least(self, budget: Budget) -> float:
        """What the search that spent least has spent."""
        return min(search.total(budget) for search in self.searches)

    @property
    def metric(self) -> str:
        """What decided."""
        return self.searches[0].metric

    @property
    def sign(self) -> int:
        """What the metric is multiplied by so that the least is the best."""
        return 1 if self.searches[0].lower_is_better else -1


@dataclass(frozen=True)
class Band:
    """The best so far over some searches, (K,) each; nan where half of them have none yet.

    Attributes:
        spent: What was spent.
        median: The median over the searches.
        low, high: Its quartiles, or of fewer than five searches the lowest and the highest; nan
            where a search that counts there has none yet.
    """

    spent: Floats
    median: Floats
    low: Floats
    high: Floats


MANY = 5


def read_sides(paths: Sequence[str]) -> list[SearchSide] | None:
    """Read the arguments of a comparison where each is a search or a folder of searches.

    Args:
        paths: As they were typed.

    Returns:
        The sides; None where any is something else.

    Raises:
        RequestError: They were not decided by the same metric.
    """
    folders = [_searches(Path(path)) for path in paths]
    if not all(folders):
        return None
    sides = []
    for path, own in zip(paths, folders, strict=True):
        searches = [found for folder in own if (found := read_trials(folder))]
        if len(searches) < len(own):
            return None
        again = [one for search in searches if (one := read_confirmed(search))]
        sides.append(SearchSide(path, searches, again))
    every = [search for side in sides for search in side.searches]
    first = every[0]
    for search in every[1:]:
        if search.metric != first.metric:
            raise RequestError(
                f"'{first.folder}' was decided by {first.metric}, '{search.folder}' by "
                f"{search.metric}: their best so far can't be compared."
            )
    return sides


def measures_of(side: SearchSide) -> Measures:
    """What the first run of a side has on record of its metrics."""
    return Measures.of([read_run(side.searches[0].folder / "0")])


def _searches(path: Path) -> list[Path]:
    """The search in a folder, or the searches that it holds; none where it holds anything else."""
    if not path.is_dir():
        return []
    places = [path] if is_sweep(path) else sorted(runs_and_sweeps(path))
    return places if all((place / NAME).is_file() for place in places) else []


def _held(spent: Floats, best: Floats, at: Floats) -> Floats:
    """The best at some points: the last that was known by then, nan before the first."""
    places = np.searchsorted(spent, at, side="right") - 1
    return np.where(places < 0, np.nan, best[np.maximum(places, 0)])


def _band(spent: Floats, best: Floats, sign: int) -> Band:
    """Median and spread over searches, (searches, K); one without a value is behind all others."""
    signed = np.where(np.isnan(best), np.inf, sign * best)
    ends = (0.25, 0.75) if len(best) >= MANY else (0.0, 1.0)
    near, far = np.quantile(signed, ends, axis=0, method="nearest")
    median = np.median(signed, axis=0)
    median, near, far = (sign * np.where(np.isinf(v), np.nan, v) for v in (median, near, far))
    return Band(spent, median, *((near, far) if sign > 0 else (far, near)))
