"""What is missing or damaged in the files of runs, so that no hole is passed over in silence."""

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from runner.columns import Status
from runner.guarded_files import MOST_OF_A_LIST, MOST_OF_A_RECORD, read_text, why_unread
from runner.plain_values import ValuesError, load_yaml
from runner.results.read.folders import is_job, is_run
from runner.results.read.runs import Run

MOST_NAMED = 8
# Lines of a config as they are written: a key or an item, with a value that needs no parser.
_VALUE = r" (?:(?!- )[\w.$(/+~-](?:[^\n#:]|:(?![ \n]))*|\[\]|\{\})"
_PLAIN = re.compile(rf"(?: *(?:(?:- )*[\w./-]+:(?:{_VALUE})?|(?:- )*-{_VALUE})\n)++")


def missing_files(runs: Sequence[Run]) -> list[str]:
    """One sentence for each thing that the files of the runs do not tell, though they should.

    A run that never began has no files to be missed; `reason` has the words for it.

    Args:
        runs: The runs of a sweep, or a run on its own.

    Returns:
        The sentences, runs with the same hole put together.
    """
    found: dict[str, list[Run]] = {}
    for run in runs:
        for words in _missing(run):
            found.setdefault(words, []).append(run)
    named = [f"{_named(those)}{words}." for words, those in found.items()]
    return [*_plan(runs), *named]


def reason(run: Run) -> str:
    """Why a run did not complete, or how it stands, in a sentence."""
    return str(run.summary.get("reason") or "no reason was recorded")


def _plan(runs: Sequence[Run]) -> Iterator[str]:
    """What the list of a sweep's jobs does not tell."""
    for sweep in sorted({run.folder.parent for run in runs if is_job(run.folder)}):
        path = sweep / "jobs.yaml"
        if path.exists() and (fault := _fault(path, list, MOST_OF_A_LIST)):
            yield f"jobs.yaml {fault}; runs that never began may be left out."


def _missing(run: Run) -> Iterator[str]:
    if not run.folder.is_dir():  # it never began, or was removed
        return
    if run.untold:
        yield f"summary.json {run.untold}"
    yield from (f"metrics.csv: {words}" for words in run.left_out)
    yield from (f"trace.csv: {words}" for words in run.traced.left_out)
    if not run.traced.rows and (run.folder / "trace.csv").exists():
        yield "trace.csv has no row; the curve within epochs is left out"
    if curve := _curve(run):
        yield curve
    if not is_run(run.folder):
        return
    asked = run.folder / ".hydra" / "overrides.yaml"
    if not run.overrides and (fault := _fault(asked, list)):
        yield f".hydra/overrides.yaml {fault}; its overrides are not known"
    if fault := _fault(run.folder / ".hydra" / "config.yaml", dict):
        yield f".hydra/config.yaml {fault}; the configuration is left out"


def _curve(run: Run) -> str:
    """What the summary knows of epochs that the rows do not have."""
    told = _epoch(run.summary.get("last"))
    if not run.rows:
        if math.isnan(told) and run.status != Status.OK:
            return ""
        missing = not (run.folder / "metrics.csv").exists()
        return f"metrics.csv {'is missing' if missing else 'has no row'}; the curve is left out"
    place = run.header.index("epoch")
    last = float(run.rows[-1].split(",")[place])
    if math.isnan(told) or last == told:
        return ""
    if last < told:
        return f"metrics.csv ends at epoch {last:g} of {told:g}; the rest of the curve is missing"
    return f"metrics.csv goes on to epoch {last:g}, though summary.json ends at {told:g}"


def _epoch(last: object) -> float:
    epoch = last.get("epoch") if isinstance(last, dict) else None
    return float(epoch) if isinstance(epoch, int | float) else math.nan


def _fault(path: Path, kind: type, most: int = MOST_OF_A_RECORD) -> str:
    """What is wrong with a YAML file; to parse them all would take most of a report's time."""
    try:
        text = read_text(path, most)
    except OSError as error:
        return why_unread(error)
    if not text.strip():
        return "is empty"
    if kind is dict and _PLAIN.fullmatch(text):
        return ""
    try:
        whole = text.endswith("\n") and isinstance(load_yaml(text), kind)
    except ValuesError:
        whole = False
    return "" if whole else "can't be read"


def _named(runs: Sequence[Run]) -> str:
    """The runs by their numbers; a run on its own needs no name."""
    if len(runs) == 1 and not is_job(runs[0].folder):
        return ""
    numbers = [str(run.job) for run in runs[:MOST_NAMED]]
    more = [f"{len(runs) - MOST_NAMED} more"] if len(runs) > MOST_NAMED else []
    *first, last = [*numbers, *more]
    return f"runs {', '.join(first)} and {last}: " if first else f"run {last}: "
