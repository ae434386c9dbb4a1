"""What is listed: runs and sweeps, each with its runs, as their small files tell them."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

from runner.columns import BEST, PROGRESS, UNFINISHED, is_metric, is_swept_key
from runner.config_keys import flatten
from runner.guarded_files import MOST_OF_A_TABLE, read_text
from runner.printable import printable
from runner.results.read.endings import with_end
from runner.results.read.folders import is_run, job_folders, runs_and_sweeps
from runner.results.read.owner import is_owned
from runner.results.read.records import read_yaml
from runner.summaries import read_summary as read_checked

Summary = Mapping[str, Any]


@dataclass(frozen=True)
class FoundRun:
    """A run on its own, or one of a sweep.

    Attributes:
        folder: Where it lies.
        status: How it ended, or that it has not.
        known: Its keys as far as they were read, by dotted name; a group's choice by the group's.
        metrics: Those of its best epoch where it has one, else of its last.
        has_best: Whether it has a best epoch.
        whole: Whether ``known`` are all of its keys.
    """

    folder: Path
    status: str
    known: Mapping[str, Any]
    metrics: Mapping[str, float]
    has_best: bool = False
    whole: bool = True

    def value(self, key: str) -> Any:
        """Return the value of a key or a metric; None where it has none."""
        if is_metric(key):
            return self.metrics.get(key)
        return self.known[key] if key in self.known else self._rest.get(key)

    @cached_property
    def _rest(self) -> Mapping[str, Any]:
        """The keys that its component alone has, where components were swept over."""
        return {} if self.whole else config_of(self.folder, read_summary(self.folder))


@dataclass(frozen=True)
class Entry:
    """A run on its own, or a sweep.

    Attributes:
        folder: Where it lies.
        is_sweep: Whether it is a sweep.
        summary: Of the run, or of the first run of the sweep that has one.
        swept: The keys that were swept over.
        runs: Its runs.
        owned: Whether a living command works on it.
    """

    folder: Path
    is_sweep: bool
    summary: Summary
    swept: tuple[str, ...]
    runs: tuple[FoundRun, ...]
    owned: bool

    @property
    def name(self) -> str:
        """The label that was given to it; empty where there is none."""
        return str(self.summary.get("name") or "")

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        return [str(tag) for tag in self.summary.get("tags") or ()]

    @property
    def statuses(self) -> dict[str, int]:
        """How many of its runs ended how."""
        found = [run.status for run in self.runs]
        return {status: found.count(status) for status in dict.fromkeys(found)}

    @cached_property
    def started(self) -> datetime:
        """When its first run began; of older ones, when their folder was made."""
        try:
            return datetime.fromisoformat(str(self.summary.get("started")))
        except ValueError:
            return datetime.fromtimestamp(self.folder.stat().st_mtime).astimezone()

    def each_run(self) -> "list[Entry]":
        """Each of its runs as an entry of its own, which of a sweep says its seed as well."""
        swept = tuple(dict.fromkeys((*self.swept, "seed"))) if self.is_sweep else ()
        return [
            replace(self, folder=run.folder, is_sweep=False, swept=swept, runs=(run,))
            for run in self.runs
        ]


def find_entries(folder: Path) -> list[Entry]:
    """Return the runs and sweeps in a folder, at any depth, the newest first."""
    found = map(read_entry, runs_and_sweeps(folder)) if folder.is_dir() else ()
    return sorted(found, key=lambda entry: (entry.started, str(entry.folder)), reverse=True)


def read_entry(folder: Path) -> Entry:
    """Read a run or a sweep."""
    owned = is_owned(folder)
    if is_run(folder):
        summary = read_summary(folder)
        return Entry(folder, False, summary, (), (_read_run(folder, summary, owned),), owned)
    rows = [] if owned else list(_rows(folder / "sweep.csv"))
    if not rows or any(row.get("status") in UNFINISHED for row in rows):
        return _by_its_runs(folder, owned)
    summary = next(filter(None, (read_summary(folder / row["run_dir"]) for row in rows)), {})
    swept = tuple(key for key in rows[0] if is_swept_key(key))
    shared = config_of(folder / rows[0]["run_dir"], summary)
    runs = tuple(_from_row(folder, row, swept, shared) for row in rows)
    return Entry(folder, True, summary, swept, runs, owned)


def read_summary(run: Path) -> dict[str, Any]:
    """Read ``summary.json``; nothing is known where it is missing or torn."""
    return read_checked(run).fields


def config_of(run: Path, summary: Summary) -> dict[str, Any]:
    """Return a run's config by dotted names; older summaries do not repeat it."""
    if isinstance(summary.get("config"), dict):
        return dict(summary["config"])
    found = read_yaml(run / ".hydra" / "config.yaml")
    flat = flatten(found) if isinstance(found, dict) else ()
    return {key.removesuffix(".name"): value for key, value in flat}


def _by_its_runs(folder: Path, owned: bool) -> Entry:
    """Read a sweep whose table is missing or not the last word: run by run."""
    pairs = [(job, read_summary(job)) for job in job_folders(folder)]
    runs = tuple(_read_run(job, summary, owned) for job, summary in pairs)
    summary = next((summary for _, summary in pairs if summary), {})
    return Entry(folder, True, summary, _differing([run.known for run in runs]), runs, owned)


def _differing(configs: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the keys in which runs differ, but for what another component brings with it."""
    known = [config for config in configs if config]
    keys = dict.fromkeys(key for config in known for key in config)
    shared = [key for key in keys if all(key in config for config in known)]
    return tuple(key for key in shared if len({str(config[key]) for config in known}) > 1)


def _read_run(folder: Path, summary: Summary, owned: bool) -> FoundRun:
    begun = (folder / "metrics.csv").exists()
    status = str(with_end(summary, folder, begun=begun, owned=owned)["status"])
    told = {**(summary.get("last") or {}), **(summary.get("best") or {})}
    config, has_best = config_of(folder, summary), bool(summary.get("best"))
    return FoundRun(folder, status, config, _numbers(told), has_best)


def _rows(table: Path) -> Iterator[dict[str, str]]:
    """The rows of a sweep's table; of one that is not as it was written, none."""
    try:
        text = printable(read_text(table, MOST_OF_A_TABLE).replace("\r\n", "\n"))
        yield from csv.DictReader(StringIO(text, newline=""))
    except (OSError, csv.Error):
        return


def _from_row(
    sweep: Path, row: Mapping[str, str], swept: tuple[str, ...], shared: Mapping[str, Any]
) -> FoundRun:
    """Return a run of a sweep by its row of ``sweep.csv``, and what it shares with the others."""
    last = {key: text for key, text in row.items() if is_metric(key) and not key.startswith(BEST)}
    best = {key.removeprefix(BEST): text for key, text in row.items() if key.startswith(BEST)}
    own = {key: row[key] for key in (*swept, "seed") if row.get(key)}
    groups = {key.partition(".")[0] for key in shared if "." in key}.intersection(swept)
    known = {key: value for key, value in shared.items() if key.partition(".")[0] not in groups}
    return FoundRun(
        sweep / row["run_dir"],
        row["status"],
        known | own,
        _numbers(last | {key: text for key, text in best.items() if text}),
        has_best=any(best.values()),
        whole=not groups,
    )


def _numbers(values: Mapping[str, object]) -> dict[str, float]:
    return {
        key: number
        for key, value in values.items()
        if key not in PROGRESS and not math.isnan(number := _number(value))
    }


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return math.nan
