"""Jobs that a command left to Slurm, which another command would train a second time."""

import json
from pathlib import Path

from runner.atomic_write import write_whole
from runner.crew.cluster.slurm_commands import SlurmError, queue
from runner.crew.group_files import GroupFiles
from runner.errors import RequestError
from runner.folder_lock import HIDDEN, JOBS

NAMED = 8  # jobs in a sentence


def recorded(sweep: Path) -> dict[str, str]:
    """Return which job was submitted for which group, as it is in the folder of a sweep."""
    try:
        found = json.loads((sweep / HIDDEN / JOBS).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def forget_done(sweep: Path) -> None:
    """Forget the jobs of groups of which nothing is left to do."""
    jobs = recorded(sweep)
    left = {name: job for name, job in jobs.items() if not GroupFiles(sweep, name).rests}
    if left:
        write_whole(sweep / HIDDEN / JOBS, json.dumps(left).encode(), durable=True)
    else:
        (sweep / HIDDEN / JOBS).unlink(missing_ok=True)


def check_none_left(sweep: Path, *, force: bool) -> None:
    """Refuse to train elsewhere what jobs of Slurm are training; forget those that have ended.

    Args:
        sweep: The folder of the sweep.
        force: Whether to go on though nobody knows.

    Raises:
        RequestError: Jobs are in the queue, or Slurm can't be asked.
    """
    jobs = list(recorded(sweep).values())
    try:
        there = queue() if jobs else {}
    except SlurmError as error:
        if not force:
            raise RequestError(
                f"Jobs of this sweep were left to Slurm ({_some(jobs)}), which can't be asked here "
                f"what became of them: {error}. --force goes on all the same."
            ) from error
        there = {}
    if left := [job for job in jobs if job in there]:
        raise RequestError(
            f"Jobs of Slurm are still training this sweep ({_some(left)}): resume it with "
            "hydra/launcher=slurm, which collects them, or end them by scancel first."
        )
    (sweep / HIDDEN / JOBS).unlink(missing_ok=True)


def _some(jobs: list[str]) -> str:
    more = f" and {len(jobs) - NAMED} more" if len(jobs) > NAMED else ""
    return ", ".join(jobs[:NAMED]) + more
