"""``lineage.csv``, who went on from whom; ``schedule.csv``, what the best was trained with."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path

from runner.atomic_write import write_whole
from runner.config_keys import as_typed
from runner.results.population import LINEAGE, SCHEDULE
from runner.search.population.history import History


def write_lineage(
    folder: Path, history: History, column: str, last: int = 0, metric: Mapping[int, float] = {}
) -> Path:
    """Write a row for each member at the beginning, at each exchange, and at the end.

    The columns: ``epoch``; ``member``; ``parent``, whose weights it goes on with, itself where it
    keeps its own, empty at the beginning; the metric after that epoch; and the keys, with what it
    trains with from there on.

    Args:
        folder: Of the population.
        history: What became of its members.
        column: The name of the metric.
        last: The last epoch, where members have come to it.
        metric: Their metric then.
    """
    values = {job: history.values(job, 0) for job in history.configs}
    rows: list[list[object]] = [[0, job, "", "", *_cells(values[job])] for job in values]
    for one in history.exchanges:
        values |= {job: values[job] | new for job, new in one.values.items()}
        rows += [
            [one.epoch, job, one.parents.get(job, job), value, *_cells(values[job])]
            for job, value in sorted(one.metric.items())
        ]
    rows += [[last, job, job, value, *_cells(values[job])] for job, value in sorted(metric.items())]
    return _write(folder / LINEAGE, ["epoch", "member", "parent", column, *history.keys], rows)


def write_schedule(
    folder: Path, history: History, ancestors: Sequence[int], rates: Sequence[float]
) -> Path:
    """Write with which learning rate and values the weights of a member were trained, by epoch.

    The columns: ``epoch``, from 1; ``member``, in whose place the weights were; ``lr``, the rate at
    the first step of the epoch, the schedule's factor included; and the keys.

    Args:
        folder: Of the population.
        history: What became of its members.
        ancestors: In which member's place the weights were in each epoch.
        rates: The learning rate of each epoch.
    """
    rows = [
        [epoch, job, rate, *_cells(history.values(job, epoch - 1))]
        for epoch, (job, rate) in enumerate(zip(ancestors, rates, strict=True), 1)
    ]
    return _write(folder / SCHEDULE, ["epoch", "member", "lr", *history.keys], rows)


def _cells(values: Mapping[str, object]) -> list[str]:
    return list(map(as_typed, values.values()))


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([columns, *rows])
    return write_whole(path, text.getvalue().encode())
