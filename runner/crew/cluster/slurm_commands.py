"""What is asked of Slurm, by its own commands: they are there wherever it is."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.crew.cluster.settings import SlurmSettings
from runner.crew.cluster.slurm_job import train_as_job
from runner.interrupts import SIGNALS

ANSWER = 60.0  # seconds that Slurm has to answer
PING = 10.0  # that its controller has to say that it is there
AT_ONCE = 1000  # jobs of an array: Slurm's own default for the most
JOB = "SLURM_JOB_ID"  # in the environment of every job
WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "SUSPENDED")


class SlurmError(Exception):
    """Slurm did not do what it was asked; the message is its own."""


@dataclass(frozen=True)
class Standing:
    """How a job stands in the queue.

    Attributes:
        state: In full, such as ``RUNNING``.
        reason: Why it waits, in Slurm's words.
    """

    state: str
    reason: str

    @property
    def waits(self) -> bool:
        """Whether it does not run."""
        return self.state in WAITING


def slurm(*words: str, seconds: float = ANSWER) -> str:
    """Return what a command of Slurm's says.

    Args:
        *words: The command.
        seconds: How long it may take.

    Raises:
        SlurmError: It failed, or did not answer.
    """
    try:
        with _outside_of_jobs():
            done = subprocess.run(
                words,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                text=True,
                timeout=seconds,
                check=False,
                errors="replace",
                process_group=0,  # what is typed on the terminal is the command's affair
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SlurmError(f"{words[0]}: {error}") from error
    if done.returncode != 0:
        raise SlurmError(" ".join(done.stderr.split()) or f"{words[0]} failed")
    return done.stdout + (done.stderr if "--test-only" in words else "")


def queue() -> dict[str, Standing]:
    """Return one's own jobs that wait or run, by number, each of an array for itself."""
    asked = ("--me", "--all", "--array", "--format=%i|%T|%r")  # all: hidden partitions too
    lines = slurm("squeue", "--noheader", *asked).splitlines()
    parts = [line.split("|") for line in lines]
    return {part[0]: Standing(*part[1:3]) for part in parts if len(part) == 3}


def answers() -> bool:
    """Return whether Slurm's controller is there."""
    try:
        slurm("scontrol", "ping", seconds=PING)
    except SlurmError:
        return False
    return True


def ended_as(job: str) -> dict[str, str]:
    """Return what Slurm remembers of a job: ``JobState``, ``ExitCode`` and so on; it forgets."""
    try:
        said = slurm("scontrol", "show", "job", "--oneliner", job)
    except SlurmError:
        return {}
    return dict(word.partition("=")[::2] for word in said.split() if "=" in word)


def cancel(jobs: Sequence[str]) -> None:
    """End jobs, or take them out of the queue."""
    for first in range(0, len(jobs), AT_ONCE):
        slurm("scancel", *jobs[first : first + AT_ONCE])


def start_now(job: str) -> None:
    """Let a job that was put into the queue again begin at once: else it waits two minutes."""
    slurm("scontrol", "update", f"JobId={job}", "StartTime=now")


def options(settings: SlurmSettings) -> dict[str, Any]:
    """Return what is asked of every job, by the names of ``sbatch``, those that say something."""
    asked = {
        "partition": settings.partition,
        "account": settings.account,
        "qos": settings.qos,
        "constraint": settings.constraint,
        "exclude": settings.exclude,
        "time": settings.timeout_min,
        "gpus_per_node": settings.gpus_per_node or None,
        "mem": f"{settings.mem_gb * 1024:.0f}M" if settings.mem_gb else None,
        **(settings.additional_parameters or {}),
    }
    return {name: value for name, value in asked.items() if value is not None}


def as_flags(asked: Mapping[str, Any]) -> list[str]:
    """Write options as they are typed."""
    return [
        f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}")
        for name, value in asked.items()
        if value is not False
    ]


def submit(
    settings: SlurmSettings, folder: Path, sweep: Path, names: Sequence[str], cpus: int
) -> list[str]:
    """Submit groups as an array of jobs, at most `AT_ONCE`.

    Args:
        settings: What is asked of each.
        folder: Where submitit and the jobs write.
        sweep: The folder of the sweep.
        names: The groups.
        cpus: How many cores each asks for.

    Returns:
        The jobs' numbers, in order.

    Raises:
        SlurmError: They were refused.
    """
    import submitit
    from submitit.core.utils import FailedJobError, FailedSubmissionError

    executor = submitit.SlurmExecutor(folder=folder)
    asked = {"requeue": True, **options(settings)}
    plain = {name: value for name, value in asked.items() if value is not False}
    executor.update_parameters(
        job_name="runner",
        time=plain.pop("time"),
        cpus_per_task=cpus,
        array_parallelism=settings.array_parallelism,
        setup=settings.setup,
        signal_delay_s=settings.signal_delay_s,
        additional_parameters=plain,
    )
    tasks = ([str(sweep)] * len(names), names, [str(Path.cwd())] * len(names))
    try:
        with _outside_of_jobs(), _undisturbed():
            jobs = executor.map_array(train_as_job, *tasks)
    except (FailedJobError, FailedSubmissionError, OSError) as error:
        raise SlurmError(" ".join(str(error).split())) from error
    return [str(job.job_id) for job in jobs]


@contextmanager
def _outside_of_jobs() -> Iterator[None]:
    """Hide the job in which the command may be given: what it was told is not for others."""
    told = [n for n in os.environ if n.startswith("SLURM_")] if JOB in os.environ else []
    hidden = {name: os.environ.pop(name) for name in told if name != "SLURM_CONF"}
    try:
        yield
    finally:
        os.environ.update(hidden)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Have signals wait: jobs that were half submitted would be lost."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
