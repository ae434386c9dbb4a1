"""Filters: ``optim.lr<0.1``, ``val/accuracy>0.9``, ``name=base*``, ``tag=exam``, ``since=7d``."""

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from runner.columns import Status
from runner.config_keys import as_typed
from runner.errors import RequestError, nearest, unknown
from runner.results.find.entries import Entry, FoundRun

FORM = re.compile(r"([\w./-]+?)\s*(<=|>=|!=|<|>|=)\s*(.*)", re.DOTALL)
AGE = re.compile(r"(\d+)([mhdw])")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OF_ENTRY = ("name", "tag", "since")


@dataclass(frozen=True)
class Filter:
    """One condition on runs or sweeps.

    Attributes:
        typed: As it was typed.
        key: A config's key, a metric, ``seed``, ``status``, or one of `OF_ENTRY`.
        sign: ``=``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``.
        value: What is compared with.
    """

    typed: str
    key: str
    sign: str
    value: str

    def admits(self, run: FoundRun) -> bool:
        """Whether a run fulfils it; a key that the run does not have fulfils nothing."""
        found = run.status if self.key == "status" else run.value(self.key)
        if found is None and self.value != "null":
            return False
        if self.sign in ("=", "!="):
            return _same(found, self.value) == (self.sign == "=")
        number = _number(found)
        return not math.isnan(number) and ORDERS[self.sign](number, _number(self.value))

    def admits_entry(self, entry: Entry) -> bool:
        """Whether a whole entry fulfils it, where it asks for its name, its tags or its time."""
        if self.key == "since":
            return entry.started >= moment(self.value)
        names = [entry.name] if self.key == "name" else entry.tags
        return any(fnmatchcase(name, self.value) for name in names) == (self.sign == "=")


def parse(words: Iterable[str]) -> list[Filter]:
    """Read filters.

    Raises:
        RequestError: One has no sign, a value that can't be compared so, or a time that is none.
    """
    return [_parse_one(word) for word in words]


def matching(entries: Sequence[Entry], filters: Sequence[Filter]) -> list[Entry]:
    """Return the entries with a run that fulfils all filters, each with such runs alone.

    Raises:
        RequestError: No entry at all has a key that is asked for.
    """
    found = [
        entry
        for entry in entries
        if all(one.admits_entry(entry) for one in filters if one.key in OF_ENTRY)
    ]
    of_runs = [one for one in filters if one.key not in OF_ENTRY]
    if entries:
        _check_keys(entries, of_runs)
    kept = [
        replace(e, runs=tuple(run for run in e.runs if all(one.admits(run) for one in of_runs)))
        for e in found
    ]
    return [entry for entry in kept if entry.runs or not of_runs]


def unknown_labels(entries: Sequence[Entry], filters: Iterable[Filter]) -> list[str]:
    """Return a sentence for each name or tag that nothing has, with the nearest there is."""
    labels = {
        "name": {entry.name for entry in entries} - {""},
        "tag": {tag for entry in entries for tag in entry.tags},
    }
    return [
        nearest(one.key, one.value, sorted(labels[one.key]))
        for one in filters
        if one.key in labels and one.sign == "="
        if not any(one.admits_entry(entry) for entry in entries)
    ]


def moment(text: str) -> datetime:
    """Return a moment: so long ago (``30m``, ``12h``, ``7d``, ``2w``), or a date, or date and time.

    Raises:
        RequestError: It is neither.
    """
    now = datetime.now().astimezone()
    if age := AGE.fullmatch(text):
        try:
            return now - timedelta(**{UNITS[age[2]]: int(age[1])})
        except OverflowError:
            return datetime.min.replace(tzinfo=now.tzinfo)
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise RequestError(
            f"'{text}' is no time; it is an age such as 30m, 12h, 7d or 2w, or a date such as "
            f"{now:%Y-%m-%d}."
        ) from None


def _parse_one(word: str) -> Filter:
    form = FORM.fullmatch(word)
    if form is None:
        raise RequestError(
            f"'{word}' is no filter; write KEY=VALUE, or <, <=, >, >=, != in place of =."
        )
    found = Filter(word, form[1], form[2], form[3])
    if found.key == "since":
        moment(found.value)
    if found.key == "status" and found.value not in list(Status):
        raise RequestError(unknown("status", found.value, list(Status)))
    signs = ("=",) if found.key == "since" else ("=", "!=")
    if found.key in (*OF_ENTRY, "status") and (found.sign not in signs or not found.value):
        raise RequestError(f"'{word}' can't be asked; write {found.key}=VALUE.")
    if found.sign in ORDERS and math.isnan(_number(found.value)):
        raise RequestError(f"'{word}' compares with '{found.value}', which is no number.")
    return found


def _check_keys(entries: Sequence[Entry], filters: Sequence[Filter]) -> None:
    for one in filters:
        if one.key == "status" or any(
            run.value(one.key) is not None or one.key in run.known
            for e in entries
            for run in e.runs
        ):
            continue
        keys = {key for e in entries for run in e.runs[:1] for key in (*run.known, *run.metrics)}
        raise RequestError(nearest("key or metric", one.key, keys | {*OF_ENTRY, "status"}))


def _same(found: object, value: str) -> bool:
    one, other = _number(found), _number(value)
    if not math.isnan(one) and not math.isnan(other):
        return one == other
    text = found if isinstance(found, str) else as_typed(found)
    return text.replace(", ", ",") == value.replace(", ", ",")


def _number(value: object) -> float:
    if isinstance(value, bool):
        return math.nan
    try:
        return float(str(value))
    except ValueError:
        return math.nan
