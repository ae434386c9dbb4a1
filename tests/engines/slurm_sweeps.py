"""Sweeps that are small, and slow enough to be disturbed: what the tests with Slurm train."""

import json
from pathlib import Path

from trouble.commands import TINY, reached, rows

from engines.slurm_cluster import SlurmCluster
from runner.crew.group_files import all_groups

SLURM = ["-m", "hydra/launcher=slurm", "hydra.launcher.cpus_per_task=1"]
SLOW = {"SECONDS_EACH_EPOCH": 0.5}  # Slurm waits 4 s for the end of a job that it asks to end
WIDTHS = ["model.hidden=[8],[9],[10],[11]", "schedule.at=9,7"]  # groups of two runs


def sweep_of(folder: Path, *asked: str, epochs: int = 40) -> list[str]:
    """The arguments of a sweep, without its launcher."""
    tiny = [o for o in TINY if not o.startswith(("epochs=", "model."))]
    rhythm = "checkpoint_seconds=0.05"
    return [*tiny, *asked, f"epochs={epochs}", rhythm, f"hydra.sweep.dir={folder}", "-m"]


def jobs_of(folder: Path) -> dict[str, str]:
    """The jobs that the command knows of, by group."""
    path = folder / ".runner" / "slurm.json"
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def submitted(folder: Path) -> int:
    """How many jobs were submitted in all."""
    return len(list((folder / ".runner" / "slurm").glob("*_submitted.pkl")))


def first_runs(folder: Path) -> list[int]:
    """A run of each group."""
    return [files.plan.runs[0].job for files in all_groups(folder)]


def all_train(folder: Path, groups: int) -> bool:
    """Whether every group has a row and a save."""
    if len(list(folder.glob(".runner/groups/*/state.pt"))) < groups:
        return False
    return all(rows(folder, job) > 0 for job in first_runs(folder))


def await_training(folder: Path, groups: int) -> None:
    assert reached(lambda: all_train(folder, groups)), "no group trains"


def rows_now(folder: Path) -> dict[int, int]:
    return {job: rows(folder, job) for job in first_runs(folder)}


def await_further(folder: Path, since: dict[int, int]) -> None:
    """Wait until every group has more rows than it had, or has ended."""

    def further() -> bool:
        now = rows_now(folder)
        done = {files.plan.runs[0].job for files in all_groups(folder) if files.is_done}
        return all(now[job] > before or job in done for job, before in since.items())

    assert reached(further), f"{since} and now {rows_now(folder)}"


def node_of(slurm: SlurmCluster, job: str) -> str:
    """Where a job runs; empty where it waits."""
    return next((task.node for task in slurm.queue() if task.id == job), "")


def jobs_on(slurm: SlurmCluster, node: str) -> list[str]:
    return [task.id for task in slurm.queue() if task.node == node and task.state == "RUNNING"]
