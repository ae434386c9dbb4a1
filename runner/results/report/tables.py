"""The tables of a report, as text to be shown: points, runs, values."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pandas as pd

from runner.columns import BEST, LOSS, SETTLED, SPLITS, is_metric, measure_of, split_of
from runner.results.figures.scales import in_order
from runner.results.labels import readable, short, spread
from runner.results.measures import Measures
from runner.results.stats import summarize
from runner.results.sweep_view import SweepView
from runner.results.tables import (
    UNRANKED,
    Tables,
    best_first,
    completed,
    metric_columns,
    point_columns,
    replicate_columns,
)

MOST_POINTS = 200
NO_BEST = "No epoch is called best: that takes a validation split"
NOT_SHOWN = ("step", "lr", "signature", "run_dir")


class TableCell(NamedTuple):
    """One cell of a table.

    Attributes:
        text: What it says.
        exact: What it is sorted by; empty where that is the text.
        number: Whether it stands at the right.
    """

    text: str
    exact: str = ""
    number: bool = True


class PageTable(NamedTuple):
    """A table to be shown.

    Attributes:
        columns: The heads.
        rows: The cells of each row.
        note: What is to be said about it.
        keys: The columns that tell a run's settings.
        folded: The columns that are shown where they are asked for.
        winner: Whether the first row is the best.
        arrows: To where a column's metric is better, by the column's name.
    """

    columns: list[str]
    rows: list[list[TableCell]]
    note: str = ""
    keys: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()
    winner: bool = False
    arrows: Mapping[str, str] = MappingProxyType({})


def cell(value: Any) -> TableCell:
    """A value for a table: numbers with four digits, the exact one kept; nothing for missing."""
    if value is None or value is pd.NA:
        return TableCell("")
    if isinstance(value, str):
        return TableCell(value, "", False)
    if isinstance(value, float) and not math.isfinite(value):
        return TableCell("nan" if math.isnan(value) else f"{value}")
    text, exact = readable(value) if isinstance(value, float) else f"{value}", f"{value}"
    return TableCell(text, exact if exact != text else "")


def points_table(tables: Tables, measures: Measures) -> PageTable:
    """The points with mean ± standard deviation over their runs, the best first.

    Best is said by the metric that chooses alone; without a validation split the order is that of
    the sweep.

    Args:
        tables: The sweep's tables.
        measures: What is on record of its metrics.
    """
    keys = point_columns(tables.sweep)
    summary, ranked = best_first(tables.summary, measures)
    metrics = _most_telling(metric_columns(tables.sweep), measures)
    if ranked:
        metrics = [ranked, *(name for name in metrics if name != ranked)]
    kept = _not_let_go(summary)
    shown = kept.head(MOST_POINTS)
    rows = [_point_row(row, keys, metrics) for row in shown.to_dict("records")]
    unranked = UNRANKED if completed(summary).any() else "no run completed"
    order = f"best by {ranked} first" if ranked else f"in order: {unranked}"
    note = f"{_count(len(kept), 'point')}, {order}. {_point_words(ranked, metrics)}"
    if pruned := len(summary) - len(kept):
        note += f" Not among them: {_count(pruned, 'point')} let go early (pruned)."
    if len(kept) > MOST_POINTS:
        note += f" The first {MOST_POINTS} are shown; summary.csv has all."
    columns = [*keys, "n", "failed", *metrics]
    best = bool(ranked and keys)
    arrows = {name: measures.arrow(name) for name in columns}
    return PageTable(columns, rows, note, folded=_folded(metrics), winner=best, arrows=arrows)


def runs_table(tables: Tables, measures: Measures) -> PageTable:
    """Every run: job, status, seed, swept keys, the last metrics, the best ones."""
    columns = [str(name) for name in tables.sweep.columns if name not in NOT_SHOWN]
    rows = [[cell(value) for value in row] for row in tables.sweep[columns].to_numpy(object)]
    last = "Metrics are those of the last epoch"
    best = f", best/… those of the epoch with the best {measures.monitor}"
    none = "" if measures.monitor in columns else f". {NO_BEST}"
    note = f"{_count(len(rows), 'run')}. {last}{best if 'best_epoch' in columns else none}."
    keys = [*point_columns(tables.sweep), *replicate_columns(tables.sweep)]
    arrows = {name: measures.arrow(name) for name in columns}
    return PageTable(columns, rows, note, tuple(keys), _folded(columns), arrows=arrows)


def values_table(view: SweepView, key: str) -> PageTable:
    """The metric at each of the first values of a swept key: the figure in words."""
    rows, values = [], in_order(view.runs[key])
    for value in values[:MOST_POINTS]:
        at = view.runs[key].isna() if value != value else view.runs[key] == value
        runs, good = view.runs[at], view.ended[at.reindex(view.ended.index)]
        sample = summarize(good[view.metric].astype(float))
        counts = [
            TableCell(str(sample.n)),
            TableCell(str(int((~runs["status"].isin(SETTLED)).sum()))),
        ]
        rows.append([cell(value), cell(sample.mean), cell(sample.std), *counts])
    note = f"The first {MOST_POINTS} of {len(values)} values." if len(values) > len(rows) else ""
    return PageTable([key, f"mean {view.words}", "std", "n", "failed"], rows, note)


def cross_table(view: SweepView, down: str, across: str, most: int = 30) -> PageTable:
    """The mean of the metric over two swept keys: the heat map in words."""
    whole = view.ended.pivot_table(
        index=down, columns=across, values=view.metric, aggfunc="mean", dropna=False, observed=True
    )
    mean = whole.iloc[:most, :most]
    sizes = " by ".join(map(str, whole.shape))
    note = f"The first {most} by {most} of {sizes}." if mean.shape != whole.shape else ""
    rows = [
        [cell(name), *map(cell, map(float, row))]
        for name, row in zip(mean.index, mean.to_numpy(), strict=True)
    ]
    return PageTable([f"{down} \\ {across}", *(short(name) for name in mean.columns)], rows, note)


def _not_let_go(summary: pd.DataFrame) -> pd.DataFrame:
    """The points that were not let go; all of them where no other is there."""
    if "pruned" not in summary:
        return summary
    kept = summary[summary["pruned"] < summary["runs"]]
    return kept if len(kept) else summary


def _point_row(row: dict[Any, Any], keys: list[str], metrics: list[str]) -> list[TableCell]:
    spreads = [_spread(row[f"{name}_mean"], row[f"{name}_std"]) for name in metrics]
    counts = [TableCell(str(completed(row))), TableCell(str(row["failed"]))]
    return [*(cell(row[key]) for key in keys), *counts, *spreads]


def _spread(mean: float, std: float) -> TableCell:
    if pd.isna(mean):
        return TableCell("")
    return TableCell(spread(mean, std), f"{mean}")


def _point_words(ranked: str | None, metrics: list[str]) -> str:
    """What the numbers of a point are, for those who have not seen such a table before."""
    words = "A point is the set of runs that differ only in seed, fold or draw of the data: "
    words += "mean ± standard deviation over the n of them that completed, at the last epoch"
    if any(name.startswith(BEST) for name in metrics):
        words += f"; best/… at the epoch where a run's own {ranked or 'val/loss'} was best"
    return f"{words}. The order does not use the test set." if ranked else f"{words}."


def _most_telling(metrics: list[str], measures: Measures) -> list[str]:
    """The measure that tells points apart, then losses, then the rest; best epochs' last."""
    first = dict.fromkeys([measure_of(measures.main(metrics) or LOSS), LOSS])
    order = {kind: place for place, kind in enumerate(first)}
    return sorted(
        metrics, key=lambda name: (name.startswith(BEST), order.get(measure_of(name), len(order)))
    )


def _folded(columns: list[str]) -> tuple[str, ...]:
    """The metrics of best epochs and of the model: a page is wide enough for those of the data."""
    own = (name for name in columns if is_metric(name))
    return tuple(n for n in own if n.startswith(BEST) or split_of(n) not in SPLITS)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
