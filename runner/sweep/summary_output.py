"""What a person is told at the end: a short table, what failed, and where the files are."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from textwrap import indent, wrap
from typing import Any

import pandas as pd
from rich.markup import escape
from rich.table import Table

from runner.columns import LOSS, SETTLED, SPLITS, Status, measure_of, split_of
from runner.results.labels import readable, spread
from runner.results.measures import Measures
from runner.results.read.go_on import how_to_go_on
from runner.results.read.missing_files import reason
from runner.results.read.runs import Run
from runner.results.sweep import Sweep
from runner.results.tables import UNRANKED, best_first, completed, point_columns
from runner.sweep.best_point import BestPoint, best_point, how_to_get_a_best
from runner.sweep.console import console, print_whole
from runner.sweep.point_table import Point, PointTable
from runner.sweep.progress import quantities

SHOWN = 8


def end_run(run: Run, written: Sequence[Path]) -> None:
    """Print a run's last and best metrics, its folder and the files written there."""
    out = console()
    last, best = run.last, run.best
    table = Table(box=None, pad_edge=False, header_style="bold")
    named = [name for name in last if split_of(name) in SPLITS]
    splits, metrics = (list(dict.fromkeys(map(part, named))) for part in (split_of, measure_of))
    table.add_column(f"epoch {last.get('epoch', 0):.0f}")
    for metric in metrics:
        table.add_column(metric, justify="right")
    for split in splits:
        values = (last.get(f"{split}/{metric}", float("nan")) for metric in metrics)
        table.add_row(split, *map(readable, values))
    print_whole(table)
    if told := quantities(last):
        out.print("  ".join(f"{name} {readable(value)}" for name, value in told.items()))
    if best and best["epoch"] != last["epoch"]:
        monitor = Measures.told(run.summary).monitor
        out.print(f"best epoch {best['epoch']:.0f}: {monitor} {readable(best[monitor])}")
    if run.status != Status.OK:
        out.print(f"[bold red]{run.status}[/]: {escape(reason(run))}")
    elif run.summary.get("reason"):
        out.print(escape(reason(run)))
    say_files(run.folder, written)
    say_next(run.folder, [run])


def end_sweep(sweep: Sweep, written: Sequence[Path]) -> None:
    """Print a sweep's best points, its failures with their reasons, what is missing, its files."""
    _say_points(sweep)
    say_failures(sweep.runs)
    _say_missing(sweep.missing)
    say_files(sweep.folder, written)
    _say_best(sweep)
    say_next(sweep.folder, sweep.runs)


def _say_best(sweep: Sweep) -> None:
    """Name the best point with all that one needs of it, and what to type next."""
    best = best_point(sweep)
    lines = _about_best(best, sweep.folder) if best else [how_to_get_a_best(sweep.runs)]
    if best or any(run.status == Status.OK for run in sweep.runs):
        folder = shlex.quote(_nearby(sweep.folder))
        lines.append(f"compare: python -m runner.compare {folder} OTHER")
        for line in lines:
            console().print(escape(line), soft_wrap=True)


def _about_best(best: BestPoint, folder: Path) -> list[str]:
    return about(best, folder, f"best by {best.metric} at the last epoch")


def about(best: BestPoint, folder: Path, why: str) -> list[str]:
    """Return in words what one needs of a point of a sweep.

    Args:
        best: The point.
        folder: The sweep's.
        why: Why it is told of.
    """
    jobs = sorted((run.folder.name for run in best.runs), key=int)
    place = f"{_nearby(folder)}/{jobs[0] if len(jobs) == 1 else '{' + ','.join(jobs) + '}'}"
    point = " ".join(best.values) or "the only point"
    lines = [f"{why}: {point}", f"  runs: {place}"]
    if best.loadable:
        lines.append(f"  weights: runner.load_model({_nearby(best.loadable)!r})")
    return [*lines, f"  again: {best.command}"]


def _say_points(sweep: Sweep) -> None:
    """Rank points on the validation split; without one, nothing may be chosen: keep the order."""
    summary, keys = sweep.tables.summary, point_columns(sweep.tables.sweep)
    metrics = _shown_metrics(sweep)
    points, summary = len(summary), summary[completed(summary) > 0]
    if summary.empty:
        console().print("No point has a run that completed.")
        return
    summary, ranked = best_first(summary, sweep.measures)
    first = summary.head(SHOWN)
    order = f"best by {ranked}" if ranked else f"in order; {UNRANKED}"
    console().print(f"{len(first)} of {points} points at the last epoch, {order}{_over(first)}:")
    headings = [*map(sweep.measures.heading, metrics), "n"]
    rows = first.astype(object).iterrows()  # a whole number beside others stays one
    shown = [_point(row, keys, metrics) for _, row in rows]
    PointTable(keys, headings, shown).show(console())


def _point(row: "pd.Series[Any]", keys: Sequence[str], metrics: Sequence[str]) -> Point:
    """Return a point without keys that its components lack."""
    values = {key: str(row[key]) for key in keys if row[key] is not None and row[key] == row[key]}
    return Point(values, [*(_spread(row, metric) for metric in metrics), _count(row)])


def _over(points: pd.DataFrame) -> str:
    """What the numbers are, where a point has more than one run."""
    return "; mean ± std of n runs" if points["runs"].max() > 1 else ""


def _shown_metrics(sweep: Sweep) -> list[str]:
    """What ranks the points first: a reader looks for it, and a narrow table has room for three."""
    columns = [str(name) for name in sweep.tables.sweep.columns]
    kind = measure_of(sweep.measures.main(columns) or LOSS)
    wanted = dict.fromkeys((sweep.measures.monitor, f"train/{kind}", f"test/{kind}"))
    return [name for name in wanted if name in columns]


def _count(row: "pd.Series[float]") -> str:
    ended, runs = int(completed(row)), int(row["runs"])
    return f"{ended}" if ended == runs else f"{ended} of {runs}"


def _spread(row: "pd.Series[float]", metric: str) -> str:
    return spread(row[f"{metric}_mean"], row[f"{metric}_std"])


def say_failures(runs: Sequence[Run]) -> None:
    """Print which runs did not complete and why, and how many a search let go."""
    failed = [run for run in runs if run.status not in SETTLED]
    out = console()
    if pruned := sum(run.status == Status.PRUNED for run in runs):
        out.print(f"{pruned} of {len(runs)} runs were pruned: let go early, as others were better.")
    if failed:
        out.print(f"[bold red]{len(failed)} of {len(runs)} runs did not complete[/]:")
    for run in failed[:SHOWN]:
        out.print(f"  {run.folder.name} {run.status}: {escape(reason(run))}")
    if len(failed) > SHOWN:
        out.print(f"  and {len(failed) - SHOWN} more, in sweep.csv")


def _say_missing(found: Sequence[str]) -> None:
    for words in found[:SHOWN]:
        console().print(escape(words))
    if len(found) > SHOWN:
        console().print(f"and {len(found) - SHOWN} more such files, in report.html")


def say_files(folder: Path, files: Sequence[Path]) -> None:
    """Name the folder, in one line to be copied, and the files in it."""
    out = console()
    out.print(f"files: {escape(_nearby(folder))}", soft_wrap=True)
    if files:
        names = ", ".join(str(file.relative_to(folder)) for file in files)
        lines = wrap(names, out.width - 7, break_long_words=False, break_on_hyphens=False)
        out.print(escape(indent("\n".join(lines), " " * 7)), soft_wrap=True)


def say_next(folder: Path, runs: Sequence[Run]) -> None:
    """Say how to go on with what has not ended, each command in one line to be copied."""
    for step in how_to_go_on(folder, runs):
        console().print(escape(str(step)), soft_wrap=True)


def _nearby(folder: Path) -> str:
    folder = folder.resolve()
    return str(folder.relative_to(Path.cwd())) if folder.is_relative_to(Path.cwd()) else str(folder)
