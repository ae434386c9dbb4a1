"""From points to trained runs: the plan written into the folder, then its groups trained."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from runner.columns import FAILURES, Status
from runner.config import Config
from runner.crew.cluster.engines import ClusterHands, cluster_hands, left_behind
from runner.crew.cluster.settings import ClusterSettings, from_record
from runner.crew.conduct import Hands, Queue
from runner.crew.group_files import GroupFiles, all_groups, leaves
from runner.crew.here import Here
from runner.crew.interrupted import mark_interrupted
from runner.crew.kept_components import keep
from runner.crew.number import gpus, has_foreign_parts, worker_count
from runner.crew.origin import origin
from runner.crew.planned import PlannedGroup, PlannedRun
from runner.crew.processes import Processes
from runner.crew.provenance import provenance
from runner.crew.summary_fields import replaced
from runner.crew.sweep_file import SweepFile, read_sweep_file
from runner.device import trained_elsewhere
from runner.engine.saves import Saves
from runner.folder_lock import HIDDEN
from runner.interrupts import held_back
from runner.request.files import request_files
from runner.request.launching import Launching
from runner.request.points import RequestedRun
from runner.sweep.plan import Plan, plan
from runner.sweep.progress import ProgressDisplay


def set_out(
    folder: Path,
    points: Sequence[RequestedRun],
    configs: Sequence[Config],
    places: Sequence[Path],
    launching: Launching,
    *,
    is_sweep: bool,
    after: SweepFile | None = None,
) -> list[str]:
    """Write into a folder who trains with whom, and all that whoever trains them must know.

    Args:
        folder: That of the sweep, or of the run on its own.
        points: What to run.
        configs: The points' configs, checked.
        places: Where each run's files go, in the folder.
        launching: How it was asked for to be trained.
        is_sweep: Whether it is a sweep.
        after: What was set out there before, and stays; None for nothing.

    Returns:
        The name of each run's group, in the order of the points.
    """
    before = after or launched(SweepFile(is_sweep, [], [], 0, None, {}), launching)
    runs = [
        _planned(len(before.expect) + place_in, point, config, folder, place)
        for place_in, (point, config, place) in enumerate(zip(points, configs, places, strict=True))
    ]
    with trained_elsewhere(launching.on_gpus):
        plans = plan(configs, launching.width, on_gpus=launching.on_gpus)
    names = [str(len(before.seconds) + number) for number in range(len(plans))]
    for name, group in zip(names, plans, strict=True):
        files = GroupFiles(folder, name)
        files.write(_group(group, runs, [configs[job] for job in group.jobs], is_sweep=is_sweep))
    source = origin(configs)
    keep(folder, source["code"])
    replace(
        before,
        expect=[*before.expect, *(str(config.expect) for config in configs)],
        seconds=[*before.seconds, *(group.seconds for group in plans)],
        origin={part: before.origin.get(part, {}) | told for part, told in source.items()},
    ).write(folder)
    name_of = {job: name for name, group in zip(names, plans, strict=True) for job in group.jobs}
    return [name_of[job] for job in range(len(runs))]


def launched(sweep: SweepFile, launching: Launching) -> SweepFile:
    """Return what holds for a sweep that is trained as is asked for now."""
    cluster = launching.cluster.record() if launching.cluster else None
    return replace(
        sweep, workers=launching.workers, timeout_min=launching.timeout_min, cluster=cluster
    )


class Trainers:
    """Whoever trains the groups of a sweep: workers, a cluster, or this process.

    Workers and a cluster stay for the next call.

    Args:
        folder: That of the sweep, or of the run on its own.
        display: Tells the person, and the loggers.
        rounds: How many times there will be as much to train, for which workers stay.
    """

    def __init__(self, folder: Path, display: ProgressDisplay, rounds: int = 1) -> None:
        self.folder, self.display, self.rounds = folder, display, rounds
        self.queue = Queue(folder, display)
        self.block = ExitStack()
        self.workers: Processes | None = None
        self.cluster: ClusterHands | None = None

    def __enter__(self) -> Self:
        """Return itself; the workers end with the block."""
        self.block.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: Any) -> None:
        """End the workers, and say of what was interrupted how it stands."""
        try:
            self.block.__exit__(kind, *error)
        finally:  # a signal that was held back comes now
            if kind is not None and issubclass(kind, KeyboardInterrupt):
                left, groups = left_behind(self.folder), all_groups(self.folder)
                with held_back():
                    mark_interrupted([files for files in groups if files.name not in left])

    def add(self, names: Sequence[str]) -> None:
        """Have groups trained beside those that are asked for next."""
        self.queue.add(names)

    def train(self, names: Sequence[str] | None = None) -> None:
        """Train what is left to train of some groups.

        Args:
            names: The groups; None for all.

        Raises:
            KeyboardInterrupt: It was asked to end; what has not ended can go on.
        """
        sweep = read_sweep_file(self.folder)
        folder = self.folder
        some = all_groups(folder) if names is None else [GroupFiles(folder, n) for n in names]
        wanted = [files.name for files in some if not files.rests]
        self.queue.add(wanted, first=True)
        left = [GroupFiles(folder, name) for name in self.queue.names]
        seconds = self.rounds * _seconds(sweep, left)
        number = _number_of_workers(sweep, left, seconds) if sweep.is_sweep else 0
        if names is None:
            self.display.planned(left, _in_words(sweep, number))
        if wanted:
            self.queue.train(wanted, self._hands(sweep, left, number))

    def _hands(self, sweep: SweepFile, left: Sequence[GroupFiles], number: int) -> Hands:
        """Return this process, workers where there are any already or are to be, or a cluster."""
        if settings := from_record(sweep.cluster):
            return self._on_cluster(settings)
        if not number and self.workers is None:
            return Here(self.folder, self.display)
        if self.workers is None:
            timeout = None if sweep.timeout_min is None else sweep.timeout_min * 60
            sharing = gpus([files.plan for files in left])
            workers = Processes(self.folder, number, timeout, sharing, self.display.interrupted)
            self.workers = self.block.enter_context(workers)
        self.workers.number = max(self.workers.number, number)
        return self.workers

    def _on_cluster(self, settings: ClusterSettings) -> Hands:
        if self.cluster is None:
            self.queue.tries.most = settings.retries + 1
            hands = cluster_hands(settings, self.folder, self.display)
            self.cluster = self.block.enter_context(hands)
        return self.cluster


def train(folder: Path, display: ProgressDisplay, names: Sequence[str] | None = None) -> None:
    """Train what is left to train of a sweep, or of a run on its own; see `Trainers.train`."""
    with Trainers(folder, display) as trainers:
        trainers.train(names)
    if names is None and not {*statuses(folder)} & {*FAILURES, Status.INTERRUPTED}:
        for group in (folder / HIDDEN / "groups").iterdir():
            Saves(group).remove()  # of groups whose parts took their place


def _in_words(sweep: SweepFile, workers: int) -> str:
    """Say who trains a sweep; nothing for this process."""
    if sweep.cluster:
        return {"ray": "Ray", "slurm": "Slurm"}[sweep.cluster["engine"]]
    return f"{workers} worker{'s' * (workers > 1)}" if workers else ""


def _seconds(sweep: SweepFile, left: Sequence[GroupFiles]) -> float:
    """Return what the training of some groups is predicted to take, one after another."""
    return sum(sweep.seconds[int(files.name.partition(".")[0])] for files in left)


def _number_of_workers(sweep: SweepFile, left: Sequence[GroupFiles], seconds: float) -> int:
    plans = [files.plan for files in left]
    isolate = has_foreign_parts(plans) or sweep.timeout_min is not None
    return worker_count(sweep.workers, plans, seconds, isolate=isolate)


def statuses(folder: Path, names: Sequence[str] | None = None) -> list[str]:
    """Return how the runs of a sweep, or of some groups, ended; ``interrupted`` where one has not.

    Returns:
        The statuses, by job.
    """
    if names is None:
        some = all_groups(folder)
    else:
        some = [files for name in names for files in leaves(GroupFiles(folder, name))]
    found = {
        run.job: files.status(run) or str(Status.INTERRUPTED)
        for files in some
        for run in files.plan.runs
    }
    return [found[job] for job in sorted(found)]


def _planned(
    job: int, point: RequestedRun, config: Config, folder: Path, place: Path
) -> PlannedRun:
    texts = request_files(point)
    own = {name: place / ".hydra" / name for name in texts}
    return PlannedRun(
        job=job,
        folder=str(place.relative_to(folder)),
        signature=config.signature,
        config=config.model_dump(),
        overrides=list(point.overrides),
        replaced=replaced(config, point.defaults),
        # Of a run on its own Hydra has written them, in a form of its own.
        request=texts
        | {name: path.read_text("utf-8") for name, path in own.items() if path.is_file()},
    )


def _group(
    group: Plan, runs: Sequence[PlannedRun], configs: Sequence[Config], *, is_sweep: bool
) -> PlannedGroup:
    asked, kept = configs[0].plots, configs[0].predictions
    draws = not is_sweep if asked == "auto" else bool(asked)
    return PlannedGroup(
        tuple(runs[job] for job in group.jobs),
        group.threads,
        group.why,
        stacked=len(group.jobs) > 1,
        shared=len({config.seed for config in configs}) == 1,
        draws=draws,
        predicts=draws if kept == "auto" else bool(kept),
        provenance=provenance(),
    )
