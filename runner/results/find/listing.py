"""What is said of runs and sweeps that were found: lines of 80 columns, or CSV."""

import csv
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from statistics import fmean
from textwrap import wrap
from typing import NamedTuple

from runner.columns import DATA_SEED, LOSS, MONITOR, REPLICATES, Status
from runner.config_keys import as_typed, role_of
from runner.errors import RequestError
from runner.results.find.entries import Entry, FoundRun
from runner.results.labels import counted, own_label

WIDTH = 80
MOST_VALUES = 6  # of a swept key, written out
VAL = "val/"
COLUMNS = (
    *("started", "kind", "folder", "name", "tags", "status", "runs", "changed"),
    *("metric", "value", "best_run"),
)


class Score(NamedTuple):
    """A metric of a run, or of the best point of a sweep.

    Attributes:
        metric: Its name.
        value: Its mean over the runs of the point.
        runs: How many these are.
        place: The folder of the run, or of the first run of the point.
        epoch: Of which epoch it is, the ``best`` or the ``last``.
        point: The swept values of the point, as they are typed.
    """

    metric: str
    value: float
    runs: int
    place: str
    epoch: str
    point: str = ""


def score(entry: Entry, metric: str | None = None) -> Score | None:
    """Return the value by which an entry is judged; None where no run has one.

    Args:
        entry: A run or a sweep.
        metric: A metric of the validation split; None for the one that chose the best epoch.

    Returns:
        Of a sweep that of its best point; of one without a validation split, which has no best,
        only that of a run on its own, on the test set. What was not trained to its end has none.
    """
    name = metric or str(entry.summary.get("best_metric") or MONITOR)
    points: dict[str, list[FoundRun]] = {}
    keys = _point_keys(entry)
    for run in entry.runs:
        if run.status == Status.OK and name in run.metrics:
            values = {key: _typed(run.value(key)) for key in keys}
            point = ", ".join(f"{key}={value}" for key, value in values.items() if value)
            points.setdefault(point, []).append(run)
    scores = [_mean(name, runs, point) for point, runs in points.items()]
    if scores:
        return min(
            scores, key=lambda one: -one.value if is_higher_better(entry, name) else one.value
        )
    return None if metric or entry.is_sweep else _last(entry)


def _mean(metric: str, runs: Sequence[FoundRun], point: str = "") -> Score:
    place, epoch = os.path.relpath(runs[0].folder), "best" if runs[0].has_best else "last"
    return Score(metric, fmean(r.metrics[metric] for r in runs), len(runs), place, epoch, point)


def _point_keys(entry: Entry) -> list[str]:
    """The swept keys that tell points apart; seeds of the data that go with seeds do not."""
    keys = [key for key in entry.swept if key not in REPLICATES]
    if DATA_SEED in keys:
        pairs = {(run.value("seed"), run.value(DATA_SEED)) for run in entry.runs}
        if all(len({pair[place] for pair in pairs}) == len(pairs) > 1 for place in (0, 1)):
            keys.remove(DATA_SEED)
    return keys


def is_higher_better(entry: Entry, metric: str) -> bool:
    """Whether a metric is better the higher, as the run wrote down."""
    told = (entry.summary.get("metrics") or {}).get(metric.rpartition("/")[2])
    return isinstance(told, Mapping) and told.get("direction") == "higher"


def ranked(entries: Sequence[Entry], metric: str) -> list[Entry]:
    """Return the entries that have a metric, the best first.

    Raises:
        RequestError: It is not of the validation split: the test set chooses nothing.
    """
    if not metric.startswith(VAL):
        raise RequestError(f"--best {metric} is not allowed; it takes a metric of the val split, "
                           f"such as {MONITOR}.")  # fmt: skip
    scored = [(found, entry) for entry in entries if (found := score(entry, metric))]
    higher = any(is_higher_better(entry, metric) for _, entry in scored)
    scored.sort(key=lambda pair: -pair[0].value if higher else pair[0].value)
    return [entry for _, entry in scored]


def lines(entry: Entry, metric: str | None = None) -> Iterator[str]:
    """Say in two or more lines of 80 columns when, how, how well, what, and where."""
    found = score(entry, metric)
    told = [f"{entry.started.astimezone():%Y-%m-%d %H:%M}", f"{states(entry):<12}"]
    value = found and f"{found.metric} {found.value:.4g} ({found.epoch} epoch)"
    told += [value or _unscored(entry, metric)]
    told += filter(None, [own_label(entry.summary)])
    yield from wrap("  ".join(told), WIDTH, subsequent_indent="  ")
    yield f"  {os.path.relpath(entry.folder)}"
    changes = [", ".join(f"{key}={value}" for key, value in changed(entry).items())]
    if entry.is_sweep and found and found.point:
        changes += [f"best point: {found.point}; {counted(found.runs, 'run')}"]
    for words in changes:
        for line in wrap(words, WIDTH - 2, break_on_hyphens=False):
            yield f"  {line}"


def as_csv(entries: Sequence[Entry], metric: str | None = None) -> str:
    """Return a table with a row per entry."""
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for entry in entries:
        found = score(entry, metric)
        told = [found.metric, repr(found.value), found.place] if found else ["", "", ""]
        changes = " ".join(f"{key}={value}" for key, value in changed(entry).items())
        table.writerow([
            entry.started.isoformat(timespec="seconds"), "sweep" if entry.is_sweep else "run",
            os.path.relpath(entry.folder), entry.name, " ".join(entry.tags), states(entry),
            len(entry.runs), changes, *told,
        ])  # fmt: skip
    return text.getvalue()


def states(entry: Entry) -> str:
    """Return how an entry stands: ``ok``, ``12 ok``, ``10 ok, 2 failed``."""
    if not entry.is_sweep:
        return entry.runs[0].status if entry.runs else ""
    return ", ".join(f"{n} {status}" for status, n in entry.statuses.items()) or "no runs"


def changed(entry: Entry) -> dict[str, str]:
    """Return what differs from the defaults, key to value as it is typed, or its swept values."""
    if not entry.runs:
        return {}
    first = entry.runs[0]
    keys = [*entry.swept, *(entry.summary.get("defaults") or {})]
    kept = [key for key in dict.fromkeys(keys) if role_of(key).is_setting or key == "seed"]
    found = {key: _values(entry, key) if key in entry.swept else _typed(first.value(key))
             for key in kept}  # fmt: skip
    return {key: text for key, text in found.items() if text}


def _values(entry: Entry, key: str) -> str:
    texts = list(dict.fromkeys(_typed(run.value(key)) for run in entry.runs))
    texts = [text for text in texts if text]
    if len(texts) <= MOST_VALUES:
        return ",".join(texts)
    return f"{texts[0]},{texts[1]},…,{texts[-1]} ({len(texts)} values)"


def _typed(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else as_typed(value)


def _unscored(entry: Entry, metric: str | None) -> str:
    """Say why an entry is not judged."""
    if all(run.status != Status.OK for run in entry.runs):
        return "no run completed" if entry.is_sweep else "not completed"
    return f"no {metric}" if metric else "no val split"


def _last(entry: Entry) -> Score | None:
    for run in entry.runs:
        if run.status != Status.OK:
            continue
        for name in (f"test/{LOSS}", f"train/{LOSS}"):
            if not math.isnan(run.metrics.get(name, math.nan)):
                return _mean(name, [run])
    return None
