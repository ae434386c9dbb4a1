"""Whether Slurm can train a sweep, found out before anything is made or submitted."""

import shutil
from importlib.util import find_spec
from math import inf
from pathlib import Path

from runner.crew.cluster.settings import SlurmSettings
from runner.crew.cluster.shared_folder import is_answered, question
from runner.crew.cluster.slurm_commands import PING, SlurmError, as_flags, options, slurm
from runner.errors import RequestError, unknown

NODE = "hydra.launcher"
PROGRAMS = ("sbatch", "srun", "squeue", "scontrol", "scancel", "sinfo")
FREE_WITHIN = 10  # seconds in which a machine must be free to be asked whether it has the folder
# The answer is given without the program: a machine may have to load it first (`setup`).
ANSWER = 'test -f "$0" && cp "$0" "$0-answer"'


def check_slurm(settings: SlurmSettings, folder: Path) -> None:
    """Refuse a sweep that Slurm can't train.

    Args:
        settings: What is asked of each job.
        folder: That of the sweep, which need not be there yet.

    Raises:
        RequestError: One sentence.
    """
    if find_spec("submitit") is None:
        raise RequestError("hydra/launcher=slurm needs submitit: pip install 'runner[slurm]'.")
    if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
        raise RequestError(
            f"hydra/launcher=slurm needs Slurm's own commands, and {missing[0]} is not on this "
            "machine: give the command on a login node of the cluster."
        )
    _check_partition(settings)
    _check_options(settings)
    _check_shared(settings, folder)


def _check_partition(settings: SlurmSettings) -> None:
    """Refuse a partition that there is not, or whose jobs may not take so long: they would wait."""
    try:
        slurm("scontrol", "ping", seconds=PING)  # says in a moment what others say in a minute
        lines = slurm("sinfo", "--all", "--noheader", "--format=%P|%l").split()
    except SlurmError as error:
        raise RequestError(f"Slurm does not answer: {error}.") from error
    limits = dict(line.split("|")[:2] for line in lines)
    default = next((name[:-1] for name in limits if name.endswith("*")), None)
    limits = {name.removesuffix("*"): limit for name, limit in limits.items()}
    name = settings.partition or default
    if name is None:
        return
    if name not in limits:
        raise RequestError(unknown(f"{NODE}.partition", name, sorted(limits)))
    most = minutes(limits[name])
    if settings.timeout_min > most:
        raise RequestError(
            f"{NODE}.timeout_min={settings.timeout_min} is more than a job may take in the "
            f"partition {name}: {most:g} minutes. A group that needs longer is saved, and goes on "
            "in another job."
        )


def minutes(limit: str) -> float:
    """Return the minutes of a time limit as Slurm writes it: ``2:00``, ``1-00:00:00``."""
    days, _, rest = limit.rpartition("-")
    parts = rest.split(":")
    if not all(part.isdecimal() for part in parts):
        return inf
    seconds = 0.0
    for part in parts:
        seconds = 60 * seconds + int(part)
    return (seconds + 86400 * int(days or 0)) / 60


def _check_options(settings: SlurmSettings) -> None:
    """Have Slurm say whether it would take such a job, which is not submitted."""
    cores = 1 if settings.cpus_per_task == "auto" else settings.cpus_per_task
    asked = [*as_flags(options(settings)), f"--cpus-per-task={cores}"]
    try:
        slurm("sbatch", "--test-only", *asked, "--wrap=true")
    except SlurmError as error:
        said = str(error).removeprefix("allocation failure: ").removeprefix("sbatch: error: ")
        raise RequestError(
            f"Slurm would take no such job ({' '.join(asked)}): {said.rstrip('.')}."
        ) from error


def _check_shared(settings: SlurmSettings, folder: Path) -> None:
    """Refuse a folder that a machine of the cluster does not have, as far as one can be asked."""
    asked = as_flags({**options(settings), "time": 1, "immediate": FREE_WITHIN})
    with question(folder) as path:
        try:
            slurm("srun", "--ntasks=1", "--quiet", *asked, "sh", "-c", ANSWER, str(path))
        except SlurmError as error:
            if not _has_run(error):
                return  # none was free; a job that finds no folder says so
        if not is_answered(path):
            raise RequestError(
                f"The machines of Slurm do not have the folder {folder.absolute()}: name one that "
                "is shared by hydra.sweep.dir."
            )


def _has_run(error: SlurmError) -> bool:
    """Whether a machine was asked: it ended with an error of its own."""
    return "Exited with exit code" in str(error) or not str(error).startswith("srun:")
