"""Whether Slurm can train a sweep, found out before anything is made or submitted."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from runner.crew.cluster.settings import SlurmSettings
from runner.crew.cluster.shared_folder import is_answered, question
from runner.crew.cluster.slurm_commands import SlurmError, as_flags, options, slurm
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
    try:
        partitions = sorted({*slurm("sinfo", "--noheader", "--format=%R").split()})
    except SlurmError as error:
        raise RequestError(f"Slurm does not answer: {error}.") from error
    if settings.partition is not None and settings.partition not in partitions:
        raise RequestError(unknown(f"{NODE}.partition", settings.partition, partitions))
    _check_options(settings)
    _check_shared(settings, folder)


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
