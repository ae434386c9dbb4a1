"""What the head of a report says: what was run, how to run it again, on what, and when."""

import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from runner.results.labels import numbered
from runner.results.read.folders import is_sweep
from runner.results.read.records import read_yaml
from runner.results.read.runs import Record, Run
from runner.results.read.start_times import started


def command(folder: Path, runs: Sequence[Run]) -> str:
    """The command that asks for the same again; empty where what was asked is not on record."""
    found = read_yaml(folder / "multirun.yaml")
    if isinstance(found, dict):
        asked = _listed(found, "hydra", "overrides", "task")
        own = [x for x in _listed(found, "hydra", "overrides", "hydra") if not _is_place(x)]
        return typed(["-m", *asked, *own]) if asked or own else ""
    if len(runs) != 1 or runs[0].folder != folder:
        return ""
    recorded = (folder / ".hydra" / "overrides.yaml").is_file()
    return again(runs[0]) if recorded else ""


def again(run: Run) -> str:
    """The command that trains one run again, on its own even if it was part of a sweep."""
    asked = [f"{key}={value}" for key, value in run.overrides.items()]
    # A study may be a sweep, and would start as one.
    of_sweep = is_sweep(run.folder.parent)
    alone = ["hydra.mode=RUN"] if of_sweep and "experiment" in run.overrides else []
    return typed([*asked, *alone])


def facts(folder: Path, runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Names and values for the head of the report, those that are on record.

    Args:
        folder: The folder of the sweep or run.
        runs: Its runs.
    """
    told = [run.summary for run in runs if run.summary]
    found = {
        "started": f"{started(folder, runs):%Y-%m-%d %H:%M}",
        "took": _took(told),
        "runs": _counts(runs),
        "features": _distinct(numbered(summary.get("features") or ()) or None for summary in told),
        "machine": _distinct(summary.get("machine") for summary in told),
        "device": _distinct(summary.get("device") for summary in told),
        "threads": _distinct(summary.get("threads") for summary in told),
        "runs per group": _distinct(summary.get("width") for summary in told),
        "longest run": _seconds(told),
        "git revision": _distinct(git_in_words(summary.get("git")) for summary in told),
        "versions": _distinct(_versions(summary) for summary in told),
        "folder": "/".join(folder.resolve().parts[-2:]),
    }
    return [(name, value) for name, value in found.items() if value]


def git_in_words(git: object) -> str | None:
    """What was checked out, in words; a text of older versions as it is."""
    if not isinstance(git, dict):
        return str(git) if git else None
    told = {True: " with changes", False: "", None: ", perhaps with changes"}
    return f"{str(git.get('revision'))[:12]}{told.get(git.get('dirty'), '')}"


def _listed(found: object, *names: str) -> list[str]:
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return [str(item) for item in found] if isinstance(found, list) else []


def _is_place(override: str) -> bool:
    return override.startswith(("hydra.mode=", "hydra.sweep.dir=", "hydra.run.dir="))


def typed(overrides: Iterable[str]) -> str:
    """The command with these words, quoted for a shell where they need it."""
    return " ".join(["python -m runner", *map(_quoted, overrides)])


def _quoted(override: str) -> str:
    """Quoted for a shell, by double quotes where these keep single ones readable."""
    if "'" in override and not set(override) & set('"$`\\!'):
        return f'"{override}"'
    return shlex.quote(override)


def _counts(runs: Sequence[Run]) -> str:
    statuses = [run.status for run in runs]
    parts = [f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses)]
    return f"{len(runs)} ({', '.join(parts)})" if len(runs) > 1 else f"1, {statuses[0]}"


def _distinct(values: Iterable[object]) -> str:
    found = dict.fromkeys(str(value) for value in values if value is not None)
    return ", ".join(found)


def _seconds(summaries: Sequence[Record]) -> str:
    known = [s["seconds"] for s in summaries if isinstance(s.get("seconds"), int | float)]
    return f"{max(known):.3g} s" if known else ""


def _took(summaries: Sequence[Record]) -> str:
    """From the beginning of the first run to the end of the last, where all have ended."""
    known = [s for s in summaries if s.get("started") and isinstance(s.get("seconds"), int | float)]
    if len(known) < max(2, len(summaries)):
        return ""
    began = [datetime.fromisoformat(summary["started"]) for summary in known]
    ended = [b + timedelta(seconds=s["seconds"]) for b, s in zip(began, known, strict=True)]
    seconds = (max(ended) - min(began)).total_seconds()
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _versions(summary: dict[str, object]) -> str | None:
    versions = summary.get("versions")
    if not isinstance(versions, dict):
        return None
    return ", ".join(f"{name} {version}" for name, version in versions.items())
