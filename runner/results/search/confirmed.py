"""The best points of a search, trained again on seeds that it had not seen."""

import re
from dataclasses import dataclass
from pathlib import Path

from runner.columns import BEST
from runner.results.read.folders import is_run, job_folders
from runner.results.read.runs import Value
from runner.results.search.trials import Trials
from runner.results.stats import Sample
from runner.results.sweep import read_sweep
from runner.results.tables import metric_columns, point_columns, point_numbers

FOLDER = re.compile(r"confirm-(\d+)")


@dataclass(frozen=True)
class ConfirmedPoint:
    """A point that was trained again.

    Attributes:
        values: Its values of the keys that were searched over; None of one that it lacks.
        samples: Mean, standard deviation and count of each metric over its runs that completed.
        runs: How many runs it had.
    """

    values: dict[str, Value | None]
    samples: dict[str, Sample]
    runs: int


@dataclass(frozen=True)
class Confirmed:
    """The points that were trained again.

    Attributes:
        folder: The folder of their runs.
        metric: What decides, at the epoch where it was best.
        tests: The same and what judges on the test set, at that epoch.
        points: The points, the best by ``metric`` first, but last those of which a run did not
            complete; one at least.
    """

    folder: Path
    metric: str
    tests: tuple[str, ...]
    points: list[ConfirmedPoint]

    @property
    def best(self) -> Sample:
        """What decides, at the best of them."""
        return self.points[0].samples[self.metric]


def read_confirmed(trials: Trials) -> Confirmed | None:
    """Read the points of a search that were confirmed last.

    Returns:
        None where none were, or none has completed.
    """
    place, metric = last_confirmed(trials.folder), trials.metric
    if place is None:
        return None
    sweep = read_sweep(place)
    table, measures = sweep.tables.sweep, sweep.measures
    chosen = f"{BEST}{metric}"
    if chosen not in table:
        return None
    names = metric_columns(table)
    wanted = [f"{BEST}{measures.judge(names)}", f"{BEST}test/{metric.partition('/')[2]}"]
    tests = tuple(name for name in dict.fromkeys(wanted) if name in names and "test/" in name)
    numbers = point_numbers(table, point_columns(table)).tolist()
    summary = sweep.tables.summary.to_dict("records")
    points = []
    for number, row in enumerate(summary):
        own = [run for run, of in zip(sweep.runs, numbers, strict=True) if of == number]
        samples = {
            name: Sample(row[f"{name}_mean"], row[f"{name}_std"], int(row[f"{name}_n"]))
            for name in (chosen, *tests)
        }
        values = {key: own[0].overrides.get(key) for key in trials.keys}
        points.append(ConfirmedPoint(values, samples, len(own)))
    done = [point for point in points if point.samples[chosen].n]
    sign = measures.sign(metric)
    # A point of which the bad seeds diverged is no good point: its mean is of the others.
    done.sort(key=lambda p: (p.runs - p.samples[chosen].n, sign * p.samples[chosen].mean))
    return Confirmed(place, chosen, tests, done) if done else None


def last_confirmed(folder: Path) -> Path | None:
    """The folder of the points that were confirmed after the most trials."""
    places = [path for path in folder.iterdir() if path.is_dir() and FOLDER.fullmatch(path.name)]
    begun = [path for path in places if any(map(is_run, job_folders(path)))]
    return max(begun, key=lambda path: int(path.name.partition("-")[2]), default=None)
