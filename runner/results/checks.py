"""What a study claims about its results, and whether they bear it out.

A check is one line. A quantity is a column of ``sweep.csv``, alone (all the runs) or ``at`` some
values of what was swept; several are parted by ``"; "``::

    test/loss                                    the last epoch, mean over all the runs
    test/loss at regularizer.lambda=3            over the runs with this value
    test/loss at model.dropout=[0.2,0.5]; optim.lr=0.1
    train/loss at epoch=1                        that epoch rather than the last

and a check says of it one of these::

    test/loss at regularizer.lambda=3: 0.001 to 0.1      both ends belong to the range
    test/loss: below 0.1
    test/loss: above 0.1
    test/loss at regularizer.lambda=0 above test/loss at regularizer.lambda=3
    train/accuracy below test/accuracy
    status at optim.lr=3: diverged                       every one of these runs

A mean counts only if every run that belongs to it ended well: those that are left would flatter it.
"""

import math
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from runner.errors import unknown
from runner.results.files import Value, parse_value, read_runs
from runner.results.stats import Sample, describe
from runner.results.tables import curves_table, sweep_table

STATUSES = ("ok", "diverged", "failed", "interrupted", "oom")


@dataclass(frozen=True)
class Quantity:
    """A column, and the runs over which it is looked at.

    Attributes:
        column: A column of ``sweep.csv``.
        at: What these runs have in common: swept keys (or ``seed``, ``epoch``) and their values.
    """

    column: str
    at: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        pairs = "; ".join(f"{key}={value}" for key, value in self.at)
        return f"`{self.column}` at `{pairs}`" if pairs else f"`{self.column}`"


@dataclass(frozen=True)
class Between:
    """The mean lies in a range, both ends included."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Beyond:
    """The mean lies ``above`` or ``below`` a number, or the mean of another quantity."""

    side: str
    bound: float | Quantity

    def __str__(self) -> str:
        bound = f"{self.bound:g}" if isinstance(self.bound, float) else self.bound
        return f"{self.side} {bound}"


@dataclass(frozen=True)
class Ends:
    """Every run ends with this status."""

    status: str

    def __str__(self) -> str:
        return self.status


@dataclass(frozen=True)
class Check:
    """A claim about a quantity."""

    quantity: Quantity
    expected: Between | Beyond | Ends

    def __str__(self) -> str:
        colon = "" if isinstance(getattr(self.expected, "bound", None), Quantity) else ":"
        return f"{self.quantity}{colon} {self.expected}".replace("`", "")


class Verdict(NamedTuple):
    """What was found of a check.

    Attributes:
        obtained: In words: mean, spread and number of runs, or why there is no such thing.
        holds: Whether the claim is true of it.
    """

    obtained: str
    holds: bool


class Results(NamedTuple):
    """The runs of a study, to be asked for quantities.

    Attributes:
        last: A row per run, with its last epoch, as in ``sweep.csv``.
        epochs: A row per run and epoch, as in ``curves.csv``, with each run's status.
    """

    last: pd.DataFrame
    epochs: pd.DataFrame


def parse_check(text: str) -> Check:
    """Read one check.

    Args:
        text: What stands after ``Check:``.

    Returns:
        The check.

    Raises:
        ValueError: It is none; the message is a sentence that says why.
    """
    left, colon, right = text.rpartition(": ")
    if colon:
        return _claim(_quantity(left), right.strip())
    found = re.fullmatch(r"(.+?) (above|below) (.+)", text)
    if not found:
        raise ValueError(
            f"'{text}' is no check; write 'COLUMN at KEY=VALUE: LOW to HIGH', "
            "or 'COLUMN at KEY=VALUE above COLUMN at KEY=VALUE'."
        )
    return Check(_quantity(found[1]), Beyond(found[2], _quantity(found[3])))


def read_results(folder: Path) -> Results:
    """Read the runs of a sweep, or a run as a sweep of one.

    Args:
        folder: Where they lie.

    Raises:
        RequestError: There are none.
    """
    runs = read_runs(folder)
    last = sweep_table(runs)
    return Results(last, curves_table(runs).merge(last[["job", "status"]], on="job"))


def matches(quantity: Quantity, found: Mapping[Hashable, Any]) -> bool:
    """Whether a run with these values is one of those that a quantity is looked at over."""
    return all(key in found and _same(value, found[key]) for key, value in quantity.at)


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
            return Verdict(_words(found), expected.low <= found.mean <= expected.high)
        return _judge_beyond(expected, found, results)
    except LookupError as fault:
        return Verdict(str(fault.args[0]), False)


def _claim(quantity: Quantity, text: str) -> Check:
    """``0.1 to 0.2``, ``above 0.1``, ``below 0.1``, or the word of a status."""
    if quantity.column == "status":
        if text not in STATUSES:
            raise ValueError(unknown("status", text, STATUSES))
        return Check(quantity, Ends(text))
    first, middle, last = text.partition(" to ")
    if middle:
        low, high = _number(first), _number(last)
        if low > high:
            raise ValueError(f"The range '{text}' is empty: write the smaller number first.")
        return Check(quantity, Between(low, high))
    side, _, bound = text.partition(" ")
    if side not in ("above", "below"):
        raise ValueError(f"'{text}' is no range; write 'LOW to HIGH', 'above LOW' or 'below HIGH'.")
    return Check(quantity, Beyond(side, _number(bound)))


def _number(text: str) -> float:
    found = parse_value(text.strip())
    if isinstance(found, str):
        raise ValueError(f"'{text}' is no finite number.")
    return float(found)


def _quantity(text: str) -> Quantity:
    column, at, pairs = text.strip().partition(" at ")
    found = [pair.partition("=") for pair in pairs.split("; ")] if at else []
    if not column or " " in column or not all(key and value for key, _, value in found):
        raise ValueError(
            f"'{text.strip()}' is no quantity; write 'COLUMN at KEY=VALUE; KEY=VALUE'."
        )
    return Quantity(column, tuple((key.strip(), value.strip()) for key, _, value in found))


def _same(asked: str, found: Any) -> bool:
    """Numbers are compared as numbers; lists and words whatever their spaces and capitals."""
    return _plain(asked) == _plain(str(found))


def _plain(text: str) -> Value:
    found = parse_value(text.replace(" ", "").casefold())
    return "null" if found == "none" else found


def _runs(quantity: Quantity, results: Results) -> pd.DataFrame:
    """The rows of the runs that a quantity is looked at over."""
    table = results.epochs if "epoch" in dict(quantity.at) else results.last
    for column in (quantity.column, *dict(quantity.at)):
        if column not in table:
            named = unknown("column", column, map(str, table.columns))
            raise LookupError(named.partition(" Allowed:")[0])
    rows = table[[matches(quantity, row) for row in table.to_dict("records")]]
    if rows.empty:
        raise LookupError("No run has these values.")
    return rows


def _measure(quantity: Quantity, results: Results) -> Sample:
    """Mean, spread and number of the runs, all of which ended well with a finite value."""
    rows = _runs(quantity, results)
    bad = rows["status"][rows["status"] != "ok"]
    if len(bad):
        words = ", ".join(map(str, bad.unique()))
        raise LookupError(f"{len(bad)} of {len(rows)} runs did not end well: {words}.")
    values = pd.to_numeric(rows[quantity.column], errors="coerce").astype(float)
    sample = describe(values)
    if sample.n < len(rows):
        raise LookupError(f"{len(rows) - sample.n} of {len(rows)} runs have no number.")
    return sample


def _judge_ends(expected: Ends, rows: pd.DataFrame) -> Verdict:
    counts = rows["status"].value_counts()
    words = ", ".join(f"{status} (n = {n})" for status, n in counts.items())
    return Verdict(words, bool((rows["status"] == expected.status).all()))


def _judge_beyond(expected: Beyond, found: Sample, results: Results) -> Verdict:
    bound, words = expected.bound, _words(found)
    if isinstance(bound, Quantity):
        other = _measure(bound, results)
        bound, words = other.mean, f"{words} and {_words(other)}"
    return Verdict(words, found.mean > bound if expected.side == "above" else found.mean < bound)


def _words(sample: Sample) -> str:
    spread = "" if math.isnan(sample.std) else f" ± {sample.std:.2g}"
    return f"{sample.mean:.4g}{spread} (n = {sample.n})"
