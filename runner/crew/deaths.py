"""What follows when a group ends before its time: its guilty run is found, the others go on."""

from dataclasses import replace
from pathlib import Path

from runner.columns import Status
from runner.crew.group_files import Death, GroupFiles
from runner.crew.interrupted import mark_interrupted
from runner.crew.planned import PlannedGroup, PlannedRun
from runner.crew.work import open_recorder
from runner.engine.recorder import Recorder
from runner.engine.saves import NAMES

TRIES = 3  # of a group whose process was killed, each without a new save, if nothing else is said
TAIL = 100  # lines of what was printed that a run's log takes
TAIL_BYTES = 100_000  # that they are looked for in


class Tries:
    """Counts the deaths of each group since it last got on.

    Attributes:
        most: How often it is begun in all without getting on.
    """

    def __init__(self) -> None:
        self.most = TRIES
        self.counts: dict[str, tuple[float, int]] = {}

    def another(self, files: GroupFiles) -> bool:
        """Count a death, and say whether the group may be tried again as it is."""
        saved = files.folder / NAMES[0]
        reached = saved.stat().st_mtime if saved.is_file() else 0.0
        before, count = self.counts.get(files.name, (reached, 0))
        count = count + 1 if before == reached else 1
        self.counts[files.name] = (reached, count)
        return count < self.most


def after_death(files: GroupFiles, death: Death, tries: Tries) -> list[str]:
    """Decide what follows when a group died, and write down the end of what does not go on.

    Returns:
        The names of the groups to train: it again, or parts of it; none where it is over.
    """
    jobs = files.unfinished()
    if death.kind == "cancelled":
        told = (None, Status.RUNNING, Status.INTERRUPTED)  # who could save knows less of the reason
        mark_interrupted([files], death.reason, death.reason, of=told)
        return []
    if (death.kind == "killed" or not jobs) and tries.another(files):
        return [files.name]
    parts = _parts(files.plan.part(jobs), death)
    if parts:  # and what had ended before, which would else be in none
        ended = [run.job for run in files.plan.runs if run.job not in jobs]
        return files.split([*parts, files.plan.part(ended)] if ended else parts)
    for run in files.plan.part(jobs).runs:
        _fail(files, run, death)
    files.finish()
    return []


def log_output(files: GroupFiles) -> None:
    """Move the end of what was printed while a group trained into its runs' logs."""
    output = files.folder / "output.log"
    lines = _last_lines(output) if output.is_file() else []
    if lines:
        more = f", its last {TAIL} lines" if len(lines) > TAIL else ""
        text = "\n".join([f"printed while it trained{more}:", *lines[-TAIL:]])
        for run in files.plan.runs:
            if files.run_folder(run).is_dir():
                Recorder(files.run_folder(run), {}, run.job).log(text)
    output.unlink(missing_ok=True)


def _last_lines(path: Path) -> list[str]:
    """Return the end of a file, which may not fit in memory."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        return file.read().decode("utf-8", errors="replace").splitlines()


def _parts(plan: PlannedGroup, death: Death) -> list[PlannedGroup]:
    """Cut a group where that may help; into nothing where it would not."""
    jobs = [run.job for run in plan.runs]
    if death.kind in ("disk", "machine"):
        return []
    if death.kind == "unlike":
        why = f"one after another: {death.reason}"
        return [replace(plan.part([job]), why=why, stacked=False, shared=True) for job in jobs]
    why = f"a group of {len(jobs)} ended before its time: {death.reason}"
    if death.kind == "memory":
        why = f"a group of {len(jobs)} did not fit in memory"
    if len(jobs) > 1:
        middle = len(jobs) // 2
        return [replace(plan.part(half), why=why) for half in (jobs[:middle], jobs[middle:])]
    if death.kind == "memory" and plan.stacked:  # its padding may be what does not fit
        return [replace(plan, why=why, stacked=False, shared=True)]
    return []


def _fail(files: GroupFiles, run: PlannedRun, death: Death) -> None:
    """Write the end of a run that can't go on, as far as its own files allow."""
    recorder = open_recorder(files, run, files.plan.configs[run.job], len(files.plan.runs))
    recorder.recover()
    if death.details:
        recorder.log(death.details)
    status = Status.OOM if death.kind == "memory" else Status.FAILED
    recorder.finish(status, 0.0, 0, death.reason)
