"""From points to trained runs: the plan written into the folder, then its groups trained."""

from collections.abc import Sequence
from pathlib import Path

from runner.config import Config
from runner.crew.conduct import mark_interrupted, train_groups
from runner.crew.group_files import GroupFiles, PlannedGroup, PlannedRun, all_groups
from runner.crew.here import Here
from runner.crew.number import gpus, has_foreign_parts, worker_count
from runner.crew.origin import origin
from runner.crew.processes import Processes
from runner.crew.summary_fields import replaced
from runner.crew.sweep_file import SweepFile, read_sweep_file
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
) -> None:
    """Write into a folder who trains with whom, and all that whoever trains them must know.

    Args:
        folder: That of the sweep, or of the run on its own.
        points: What to run.
        configs: The points' configs, checked.
        places: Where each run's files go, in the folder.
        launching: How it was asked for to be trained.
        is_sweep: Whether it is a sweep.
    """
    runs = [
        _planned(job, point, config, place.relative_to(folder))
        for job, (point, config, place) in enumerate(zip(points, configs, places, strict=True))
    ]
    plans = plan(configs, launching.width)
    for number, group in enumerate(plans):
        files = GroupFiles(folder, str(number))
        files.write(_group(group, runs, [configs[job] for job in group.jobs], is_sweep=is_sweep))
    seconds = [group.seconds for group in plans]
    meant, source = [str(config.expect) for config in configs], origin(configs)
    SweepFile(is_sweep, meant, seconds, launching.workers, launching.timeout_min, source).write(
        folder
    )


def train(folder: Path, display: ProgressDisplay, jobs: Sequence[int] | None = None) -> list[str]:
    """Train what is left to train of a sweep, or of a run on its own.

    Args:
        folder: Its folder, set out.
        display: Tells the person, and the loggers.
        jobs: The runs to train; None for all.

    Returns:
        The status of each of its runs, in order.

    Raises:
        KeyboardInterrupt: It was asked to end; what has not ended can go on.
    """
    sweep = read_sweep_file(folder)
    undone = [files for files in all_groups(folder) if not files.is_done]
    left = [files for files in undone if _holds(files, jobs)]
    plans = [files.plan for files in left]
    isolate = sweep.is_sweep and (has_foreign_parts(plans) or sweep.timeout_min is not None)
    seconds = sum(sweep.seconds[int(files.name.partition(".")[0])] for files in left)
    number = worker_count(sweep.workers, plans, seconds, isolate=isolate) if sweep.is_sweep else 0
    display.planned(undone, left, number)
    names = [files.name for files in left]
    try:
        if number:
            minutes = sweep.timeout_min
            timeout = minutes * 60 if minutes is not None else None
            with Processes(folder, number, timeout, gpus(plans), display.interrupted) as hands:
                train_groups(folder, names, hands, display)
        else:
            train_groups(folder, names, Here(folder, display), display)
    except KeyboardInterrupt:
        mark_interrupted(all_groups(folder))
        raise
    return statuses(folder)


def statuses(folder: Path) -> list[str]:
    """Return how the runs of a sweep ended, by job; ``interrupted`` where one has not."""
    found = {
        run.job: files.status(run) or "interrupted"
        for files in all_groups(folder)
        for run in files.plan.runs
    }
    return [found[job] for job in sorted(found)]


def _holds(files: GroupFiles, jobs: Sequence[int] | None) -> bool:
    return jobs is None or any(run.job in jobs for run in files.plan.runs)


def _planned(job: int, point: RequestedRun, config: Config, place: Path) -> PlannedRun:
    return PlannedRun(
        job=job,
        folder=str(place),
        signature=config.signature,
        config=config.model_dump(),
        overrides=list(point.overrides),
        replaced=replaced(config, point.defaults),
        request=request_files(point),
    )


def _group(
    group: Plan, runs: Sequence[PlannedRun], configs: Sequence[Config], *, is_sweep: bool
) -> PlannedGroup:
    asked = configs[0].plots
    return PlannedGroup(
        tuple(runs[job] for job in group.jobs),
        group.threads,
        group.why,
        stacked=len(group.jobs) > 1,
        shared=len({config.seed for config in configs}) == 1,
        draws=not is_sweep if asked == "auto" else bool(asked),
    )
