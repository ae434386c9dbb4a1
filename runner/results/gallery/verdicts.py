"""Whether the runs of a study support what it claims about them.

A mean counts only if every run that belongs to it completed: those that are left would flatter it.
"""

import math
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from runner.columns import Status
from runner.errors import nearest
from runner.results.gallery.checks import Between, Beyond, Check, Ends, Near, Quantity, matches
from runner.results.labels import repetitions
from runner.results.read.runs import read_runs
from runner.results.search.confirmed import last_confirmed
from runner.results.stats import Sample, summarize
from runner.results.tables import curves_table, point_columns, replicate_columns, sweep_table

NAMED = {"seed": "seeds", "dataset.seed": "data sets", "dataset.fold": "folds"}


class Verdict(NamedTuple):
    """What was found of a check.

    Attributes:
        obtained: In words: mean, spread and number of runs, or why there is no such thing.
        holds: Whether the claim is true of it.
    """

    obtained: str
    holds: bool


class Measured(NamedTuple):
    """A quantity as the runs gave it.

    Attributes:
        sample: Mean, spread and number of the runs.
        over: What these runs differ in, in words: ``seeds``, ``data sets and seeds``, …
    """

    sample: Sample
    over: str


class Results(NamedTuple):
    """The runs of a study, to be asked for quantities.

    Attributes:
        last: A row per run, with its last epoch, as in ``sweep.csv``.
        epochs: A row per run and epoch, as in ``curves.csv``, with each run's status.
    """

    last: pd.DataFrame
    epochs: pd.DataFrame


def read_results(folder: Path) -> Results:
    """Read the runs of a sweep, or a run as a sweep of one.

    Of a search they are those that confirm its best points, where it has some.

    Args:
        folder: Where they lie.

    Raises:
        RequestError: There are none.
    """
    runs = read_runs(last_confirmed(folder) or folder)
    last = sweep_table(runs)
    return Results(last, curves_table(runs).merge(last[["job", "status"]], on="job"))


def judge(check: Check, results: Results) -> Verdict:
    """Hold a check against what the runs gave.

    Args:
        check: The claim.
        results: The study's runs.

    Returns:
        What was found; a quantity that is not there, or that some run lacks, bears nothing out.
    """
    expected = check.expected
    try:
        if isinstance(expected, Ends):
            return _judge_ends(expected, _runs(check.quantity, results))
        found = _measure(check.quantity, results)
        if isinstance(expected, Between):
            return Verdict(_words(found), expected.low <= found.sample.mean <= expected.high)
        return _judge_against(expected, found, results)
    except LookupError as fault:
        return Verdict(str(fault.args[0]), False)


def _table(quantity: Quantity, results: Results) -> pd.DataFrame:
    """The table that a quantity is looked up in."""
    return results.epochs if "epoch" in dict(quantity.at) else results.last


def _runs(quantity: Quantity, results: Results) -> pd.DataFrame:
    """The rows of the runs that a quantity is looked at over."""
    table = _table(quantity, results)
    for column in (quantity.column, *dict(quantity.at)):
        if column not in table:
            raise LookupError(nearest("column", column, sorted(map(str, table.columns))))
    rows = table[[matches(quantity, row) for row in table.to_dict("records")]]
    if rows.empty:
        raise LookupError("No run has these values.")
    return rows


def _measure(quantity: Quantity, results: Results) -> Measured:
    """Mean, spread and number of the runs, all of which completed with a finite value."""
    rows = _runs(quantity, results)
    bad = rows["status"][rows["status"] != Status.OK]
    if len(bad):
        words = ", ".join(map(str, bad.unique()))
        raise LookupError(f"{len(bad)} of {len(rows)} runs did not complete: {words}.")
    values = pd.to_numeric(rows[quantity.column], errors="coerce").astype(float)
    sample = summarize(values)
    if sample.n < len(rows):
        raise LookupError(f"{len(rows) - sample.n} of {len(rows)} runs have no number.")
    return Measured(sample, _over(rows, _table(quantity, results)))


def _over(rows: pd.DataFrame, table: pd.DataFrame) -> str:
    """What some rows of a table differ in, in words."""
    keys = [*point_columns(table), *replicate_columns(table)]
    varying = [key for key in keys if rows[key].nunique(dropna=False) > 1]
    if set(varying) <= {"seed", "dataset.seed"} and "seed" in varying:
        return repetitions(varying)
    named = [NAMED.get(key, key) for key in varying]
    if len(named) == 1 and varying[0] in NAMED:
        return named[0]
    return f"runs over {', '.join(named)}" if named else "runs"


def _judge_ends(expected: Ends, rows: pd.DataFrame) -> Verdict:
    counts = rows["status"].value_counts()
    words = ", ".join(f"{status} (n = {n})" for status, n in counts.items())
    return Verdict(words, bool((rows["status"] == expected.status).all()))


def _judge_against(expected: Beyond | Near, found: Measured, results: Results) -> Verdict:
    bound, words = expected.bound, _words(found)
    mean = found.sample.mean
    if isinstance(bound, Quantity):
        other = _measure(bound, results)
        bound, words = other.sample.mean, f"{words} and {_words(other)}"
    if isinstance(expected, Near):
        apart = abs(mean - bound)
        return Verdict(f"{words}, {apart:.2g} apart", apart <= expected.distance)
    return Verdict(words, mean > bound if expected.side == "above" else mean < bound)


def _words(found: Measured) -> str:
    sample = found.sample
    if math.isnan(sample.std):
        return f"{sample.mean:.4g} (n = {sample.n})"
    return f"{sample.mean:.4g} ± {sample.std:.2g} (n = {sample.n} {found.over})"
