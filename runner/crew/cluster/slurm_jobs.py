"""Training as jobs of Slurm: one for each group, which goes on without the command."""

import json
import shlex
import signal
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from runner.atomic_write import write_whole
from runner.crew.cluster.elsewhere import Elsewhere, Person
from runner.crew.cluster.settings import SlurmSettings
from runner.crew.cluster.slurm_commands import (
    AT_ONCE,
    SlurmError,
    Standing,
    answers,
    cancel,
    ended_as,
    queue,
    start_now,
    submit,
)
from runner.crew.cluster.slurm_left import recorded
from runner.crew.group_files import Death, GroupFiles
from runner.crew.processes import of_exit
from runner.crew.worker import forget_last_time
from runner.errors import RequestError
from runner.folder_lock import HIDDEN, JOBS
from runner.interrupts import held_back

POLL = 1.0  # seconds between two looks at the queue
SEEN = 10.0  # that files may take to be seen here when a job has ended
PATIENCE = 60.0  # that jobs have to save their state when they are cancelled


class SlurmJobs(Elsewhere):
    """Trains groups as jobs of Slurm.

    Which job trains which group is in ``.runner/slurm.json``: whoever resumes the sweep finds the
    jobs that are still there.

    Args:
        sweep: The folder of the sweep.
        settings: What each job asks for.
        person: Told, and asked, what is to become of them.
    """

    def __init__(self, sweep: Path, settings: SlurmSettings, person: Person) -> None:
        super().__init__(sweep, person)
        self.settings = settings
        self.new: list[str] = []
        self.jobs: dict[str, str] = {}
        self.before = recorded(sweep)
        self.waits: set[str] = set()
        self.gone: dict[str, float] = {}
        self.silent, self.reason = False, ""
        self.record = self.sweep / HIDDEN / JOBS
        self.folder = self.sweep / HIDDEN / "slurm"

    def names(self) -> Iterable[str]:
        """See `Elsewhere`."""
        return [*self.new, *self.jobs]

    def begun(self) -> Iterable[str]:
        """See `Elsewhere`."""
        return [name for name in self.jobs if name not in self.waits]

    def waiting(self) -> str:
        """See `runner.crew.conduct.Hands`."""
        waits = len(self.new) + len(self.waits)
        starts = len(self.jobs) - len(self.waits) - len(self.progress())
        told = [_groups(waits, "wait") + (f" ({self.reason})" if self.reason else "")] * (waits > 0)
        return "; ".join([*told, *[_groups(starts, "start")] * (starts > 0)])

    def take(self, name: str) -> None:
        """Have a group submitted, together with those that are taken next."""
        self.new.append(name)

    def ended(self) -> list[tuple[str, Death | None]]:
        """See `runner.crew.conduct.Hands`."""
        if self.new:
            self._submit()
        time.sleep(POLL)
        self.release()
        return self._look()

    def __enter__(self) -> Self:
        """Return itself; in the block, the first signal waits for `ended`."""
        self.release = self.block.enter_context(held_back())
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        """Cancel what is left, or leave it to Slurm, as the person wishes."""
        left = self.before.items()
        self.before = {n: job for n, job in left if not GroupFiles(self.sweep, n).rests}
        try:
            if not self._there():
                self.record.unlink(missing_ok=True)
            elif getattr(error[0], "number", None) == signal.SIGINT and self._is_to_be_cancelled():
                self._cancel()
            else:
                jobs, again = _counted(len(self._there())), shlex.quote(str(self.sweep))
                self.person.tell(f"{jobs} left to Slurm. To collect what becomes of them:")
                self.person.tell(f"  python -m runner --resume {again}")
        finally:
            self.block.close()

    def _submit(self) -> None:
        """Submit new groups, but for those whose jobs of before are still in the queue."""
        if (there := self._queue()) is None:
            return
        still = {name: job for name, job in self.before.items() if job in there}
        self.jobs |= {name: still.pop(name) for name in self.new if name in still}
        self.before = still
        by_cores: dict[int, list[str]] = defaultdict(list)
        for name in self._not_submitted():
            files = GroupFiles(self.sweep, name)
            forget_last_time(files)
            by_cores[files.plan.threads].append(name)
        try:
            for threads, names in by_cores.items():
                self._submit_arrays(threads, names)
        except SlurmError as error:
            if answers():
                raise RequestError(f"Slurm took no jobs: {error}.") from error
            self._is_silent(error)
        self.new = self._not_submitted()

    def _there(self) -> dict[str, str]:
        """Return all jobs that may be there, those of before that were not asked for among them."""
        return {**self.before, **self.jobs}

    def _not_submitted(self) -> list[str]:
        return [name for name in self.new if name not in self.jobs]

    def _submit_arrays(self, threads: int, names: Sequence[str]) -> None:
        """Submit groups of so many threads, and write down each array: it is there from now on."""
        asked = self.settings.cpus_per_task
        cores = threads if asked == "auto" else asked
        for first in range(0, len(names), AT_ONCE):
            some = names[first : first + AT_ONCE]
            numbers = submit(self.settings, self.folder, self.sweep, some, cores)
            self.jobs |= dict(zip(some, numbers, strict=True))
            self._write()

    def _queue(self) -> dict[str, Standing] | None:
        """Return what is in the queue; None where Slurm does not answer."""
        try:
            found = queue()
        except SlurmError as error:
            self._is_silent(error)
            return None
        self.silent = False
        return found

    def _is_silent(self, error: SlurmError) -> None:
        if not self.silent:
            self.person.tell(f"Slurm does not answer, and is asked again: {error}.")
        self.silent = True

    def _look(self) -> list[tuple[str, Death | None]]:
        """Return the groups that have ended, by their files or by the queue."""
        if (there := self._queue()) is None:
            return []
        standing = {name: there[job] for name, job in self.jobs.items() if job in there}
        self.waits = {name for name, now in standing.items() if now.waits}
        self.reason = next((standing[name].reason for name in self.jobs if name in self.waits), "")
        over = []
        for name, job in list(self.jobs.items()):
            ended, death = self._end_of(name, job, standing.get(name))
            if ended:
                over.append((name, death))
                del self.jobs[name]
                self.gone.pop(name, None)
        if over:
            self._write()
        return over

    def _end_of(self, name: str, job: str, now: Standing | None) -> tuple[bool, Death | None]:
        """Return whether a group's training has ended, and what ended it early."""
        if now is not None and now.waits:
            if now.reason == "BeginTime":
                self._hurry(job)
            return False, None
        files = GroupFiles(self.sweep, name)
        if files.rests:
            return True, None
        if told := files.death():
            return True, told
        if now is not None:
            return False, None
        since = self.gone.setdefault(name, time.monotonic())
        if time.monotonic() - since < SEEN:
            return False, None
        return True, self._death(files, job)

    def _hurry(self, job: str) -> None:
        try:
            start_now(job)
        except SlurmError:  # not everywhere allowed; it begins by itself
            return

    def _death(self, files: GroupFiles, job: str) -> Death:
        """Return what Slurm knows of a job that ended without a word."""
        known = ended_as(job)
        state, node = known.get("JobState", ""), known.get("NodeList", "")
        said = f"Its job {job} of Slurm"
        if state == "CANCELLED":
            return Death("cancelled", f"{said} was cancelled.")
        if state == "OUT_OF_MEMORY":
            return Death("memory", f"{said} took more memory than it had asked for.")
        if state == "TIMEOUT":
            return Death("killed", f"{said} reached its time limit.")
        if state not in ("FAILED", "COMPLETED"):
            return Death("killed", f"{said} ended without a word{state and f' ({state})'}.")
        if files.progress.is_file():
            code = _exit_code(known.get("ExitCode", ""))
            if code == -signal.SIGTERM:
                return Death("killed", f"{said} was asked to end on {node}.")
            death = of_exit(code)
            return replace(death, reason=f"On {node}: {death.reason}")
        log = _last_line(self.folder / f"{job}_0_log.err")
        why = f": {log}" if log else ", and left no log: does that machine have the sweep's folder?"
        return Death("machine", f"{said} ended on {node} before the program began{why}")

    def _is_to_be_cancelled(self) -> bool:
        jobs = _counted(len(self._there()))
        answer = self.person.ask(f"{jobs} with Slurm: c cancels, Enter leaves them to it: ")
        return answer.strip().lower().startswith("c")

    def _cancel(self) -> None:
        """End the jobs, which save their state first."""
        try:
            jobs = self._there().values()
            cancel(list(jobs))
            deadline = time.monotonic() + PATIENCE
            while {*jobs} & queue().keys() and time.monotonic() < deadline:
                time.sleep(POLL)
        except SlurmError as error:
            self.person.tell(f"Not all jobs could be cancelled: {error}")
            return
        self.record.unlink(missing_ok=True)

    def _write(self) -> None:
        write_whole(self.record, json.dumps(self._there()).encode(), durable=True)


def _counted(jobs: int) -> str:
    return "1 job is" if jobs == 1 else f"{jobs} jobs are"


def _groups(number: int, verb: str) -> str:
    return f"1 group {verb}s" if number == 1 else f"{number} groups {verb}"


def _exit_code(said: str) -> int:
    """Return the exit code of a process by Slurm's word for it, less than 0 for a signal."""
    code, _, number = said.partition(":")
    if number.isdecimal() and number != "0":
        return -int(number)
    found = int(code) if code.isdecimal() else 0
    return found if found <= 128 else 128 - found


def _last_line(path: Path) -> str:
    """Return the last line of a log that says something; what ``srun`` adds says less."""
    try:
        lines = path.read_text("utf-8", errors="replace").split("\n")
    except OSError:
        return ""
    said = [line.strip() for line in lines if line.strip()]
    return ([line for line in said if not line.startswith("srun:")] or said or [""])[-1]
