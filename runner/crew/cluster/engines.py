"""Which cluster is asked: everything that is particular to one is imported when it is chosen."""

from pathlib import Path
from typing import Protocol, Self

from runner.crew.cluster.elsewhere import Person
from runner.crew.cluster.settings import ClusterSettings, RaySettings, SlurmSettings
from runner.crew.conduct import Hands
from runner.folder_lock import HIDDEN, JOBS


class ClusterHands(Hands, Protocol):
    """Whoever trains groups on other machines, inside a block; see `Elsewhere`."""

    def __enter__(self) -> Self:
        """Begin; in the block, the first signal waits for ``ended``."""

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        """End, or leave the rest to go on without the command."""


def check_cluster(settings: ClusterSettings, folder: Path) -> None:
    """Refuse a sweep that a cluster can't train; nothing is made or submitted.

    Args:
        settings: The cluster, and how it is asked.
        folder: That of the sweep, which need not be there yet.

    Raises:
        RequestError: One sentence.
    """
    if isinstance(settings, RaySettings):
        from runner.crew.cluster.ray_cluster import check_ray

        check_ray(settings, folder)
    if isinstance(settings, SlurmSettings):
        from runner.crew.cluster.slurm_check import check_slurm

        check_slurm(settings, folder)


def check_left(settings: ClusterSettings | None, sweep: Path, *, force: bool) -> None:
    """Refuse to train a sweep twice: elsewhere, while jobs that were left behind train it.

    Args:
        settings: The cluster that is to train it; None for this machine.
        sweep: The folder of the sweep.
        force: Whether to go on though nobody knows what became of them.

    Raises:
        RequestError: One sentence.
    """
    if (sweep / HIDDEN / JOBS).is_file():
        from runner.crew.cluster.slurm_left import check_none_left, forget_done

        forget_done(sweep)
        if not isinstance(settings, SlurmSettings):
            check_none_left(sweep, force=force)


def left_behind(sweep: Path) -> set[str]:
    """Return the groups of a sweep that go on without a command, as jobs of Slurm."""
    if not (sweep / HIDDEN / JOBS).is_file():
        return set()
    from runner.crew.cluster.slurm_left import recorded

    return set(recorded(sweep))


def cluster_hands(settings: ClusterSettings, sweep: Path, person: Person) -> ClusterHands:
    """Return whoever trains the groups of a sweep on a cluster.

    Args:
        settings: The cluster, and how it is asked.
        sweep: The folder of the sweep.
        person: Told how it goes.
    """
    if isinstance(settings, SlurmSettings):
        from runner.crew.cluster.slurm_jobs import SlurmJobs

        return SlurmJobs(sweep, settings, person)
    assert isinstance(settings, RaySettings)
    from runner.crew.cluster.ray_tasks import RayTasks

    return RayTasks(sweep, settings, person)
