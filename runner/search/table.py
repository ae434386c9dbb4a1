"""``search.csv``: each point that was tried, how far it came, and the best so far."""

import csv
from io import StringIO
from pathlib import Path

from runner.atomic_write import write_whole
from runner.columns import Status
from runner.search.rounds import Search

NAME = "search.csv"


def write_table(search: Search) -> Path:
    """Write a row for each point that was told, in the order in which they were asked for.

    The columns: ``trial``; ``round``; ``rung``, the epoch it was trained to; ``member_epochs``, of
    all its runs; ``seconds`` since the search began, at the end of its round; ``status``; the keys
    that were searched over; the metric, at the best epoch and as a mean over its runs; and
    ``best_so_far``, of the points that were trained to the end. Several goals have a column each,
    and ``on_front`` in the place of the best.
    """
    keys = [dimension.key for dimension in search.request.dimensions]
    goals = [goal.column for goal in search.place.goals]
    front = [search.values(n) for n in search.best()] if len(goals) > 1 else None
    rows: list[list[object]] = []
    best: float | None = None
    sign = 1 if search.place.monitor.direction == "lower" else -1
    for round_ in search.rounds:
        for number, values in zip(round_.trials, round_.points, strict=True):
            if (outcome := search.outcomes.get(number)) is None or round_.told is None:
                continue
            value = outcome.value
            if outcome.status == Status.OK and value is not None:
                best = value if best is None or sign * value < sign * best else best
            told = (number, round_.number, outcome.epoch, outcome.member_epochs)
            own = (values.get(key, "") for key in keys)
            cells = map(_cell, outcome.values or [None] * len(goals))
            is_best = outcome.status == Status.OK and front is not None and values in front
            last = _cell(best) if front is None else str(is_best).lower()
            rows.append([*told, f"{round_.seconds:.1f}", outcome.status, *own, *cells, last])
    first = ["trial", "round", "rung", "member_epochs", "seconds", "status"]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    final = "best_so_far" if front is None else "on_front"
    writer.writerows([[*first, *keys, *goals, final], *rows])
    return write_whole(search.place.folder / NAME, text.getvalue().encode())


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.9g}"
