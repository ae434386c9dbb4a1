"""What a person is told when a population ends: a trajectory, and not a point."""

import shlex
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from rich.markup import escape

from runner.columns import SPLITS, split_of
from runner.config_keys import as_typed
from runner.engine.recorder import Row
from runner.folder_lock import HIDDEN
from runner.paths import nearby
from runner.request.points import written
from runner.results.labels import readable
from runner.results.population import NOT_A_POINT, SCHEDULE
from runner.search.confirmed import heading
from runner.search.population.members import Population, ranked
from runner.search.population.tables import write_lineage, write_schedule
from runner.sweep.conclude import write_results
from runner.sweep.console import console
from runner.sweep.point_table import Point, PointTable
from runner.sweep.summary_output import say_failures, say_files, say_next

SHOWN = 8
LR = "optim.lr"
REPEATS = 5  # of a schedule that is replayed


def conclude_population(population: Population) -> None:
    """Write what became of a population, however it ended, and tell of it."""
    folder, monitor = population.place.folder, population.place.monitor
    if not (folder / HIDDEN / "sweep.json").is_file():
        return
    rows = population.last_rows()
    metric = {job: row[monitor.column] for job, row in rows.items()}
    history, last = population.history, population.place.epochs
    own = [write_lineage(folder, history, monitor.column, last, metric)]
    best_first = ranked(metric, monitor)
    if best_first:
        ancestors = history.ancestors(best_first[0], last)
        rates = _rates_of(folder, ancestors)
        own.append(write_schedule(folder, history, ancestors, rates))
    sweep, files = write_results(folder)
    if best_first:
        _say_members(population, best_first, metric)
        _say_best(population, ancestors, rows[best_first[0]])
        _say_replay(population, best_first[0], rates[0])
    else:
        console().print("No member was trained to the end.")
    say_failures(sweep.runs)
    say_files(folder, [*own, *files])
    say_next(folder, sweep.runs)


def _rates_of(folder: Path, ancestors: Sequence[int]) -> list[float]:
    """Return with which learning rate the weights of a member were trained in each epoch."""
    rates = {job: _rates(folder / str(job)) for job in set(ancestors)}
    return [rates[job][epoch] for epoch, job in enumerate(ancestors)]


def _rates(run: Path) -> list[float]:
    """Return the learning rate of each epoch of a run, as its table has it."""
    header, *lines = (run / "metrics.csv").read_text("utf-8").splitlines()
    column = header.split(",").index("lr")
    return [float(line.split(",")[column]) for line in lines]


def _say_members(
    population: Population, best_first: list[int], metric: Mapping[int, float]
) -> None:
    """Show the best members, with the values that they ended with."""
    out, monitor = console(), population.place.monitor
    exchanges, history = population.exchanges, population.history
    copied = sum(len(one.parents) for one in exchanges)
    out.print(
        f"{len(history.configs)} members, {len(best_first)} of them trained to the end; in "
        f"{len(exchanges)} exchanges {copied} went on from another's weights."
    )
    out.print(f"The best by {monitor.column} at the last epoch, with what they ended with:")
    points = []
    for job in best_first[:SHOWN]:
        values = history.values(job, population.place.epochs).items()
        typed = {key: as_typed(value) for key, value in values}
        points.append(Point(typed, [f"{metric[job]:.4g}"], str(job)))
    PointTable(history.keys, [heading(monitor)], points, "member").show(out)


def _say_best(population: Population, ancestors: Sequence[int], row: Row) -> None:
    """Tell how the best came about, and what that shows."""
    folder, winner = nearby(population.place.folder.resolve()), ancestors[-1]
    descent = " → ".join(str(place) for place, _ in groupby(ancestors))
    lines = [
        f"The weights of member {winner} were trained in the place of {descent} ({SCHEDULE}).",
        NOT_A_POINT,
    ]
    tested = [f"{n} {readable(v)}" for n, v in row.items() if split_of(n) == SPLITS[-1]]
    if tested:
        lines.append(f"  on the test set, which chose nothing: {', '.join(tested)}")
    lines.append(f"  weights: runner.load_model({f'{folder}/{winner}'!r}, 'last')")
    for line in lines:
        console().print(escape(line), soft_wrap=True)


def _say_replay(population: Population, winner: int, first_rate: float) -> None:
    """Say how to replay the schedule on fresh seeds, the other keys as they were at the end."""
    history, folder = population.history, nearby(population.place.folder.resolve())
    if LR not in history.keys:
        return
    values = history.values(winner, population.place.epochs) | {LR: first_rate}
    asked = [*population.request.fixed, *(f"{k}={as_typed(v)}" for k, v in values.items())]
    kept = [o for o in asked if o.partition("=")[0].partition(".")[0] not in ("schedule", "seed")]
    seed = max(config.seed for config in history.configs.values()) + 1
    words = [
        *("-m", *kept, "schedule=replay", f"schedule.path={written(f'{folder}/{SCHEDULE}')}"),
        *(f"repeats={REPEATS}", f"seed={seed}"),
    ]
    rest = "; the other keys stay where they ended" if len(history.keys) > 1 else ""
    told = f"  replay the learning rate on fresh seeds{rest}: python -m runner {shlex.join(words)}"
    console().print(escape(told), soft_wrap=True)
