"""Trains the points of a request: group by group, each member into its own folder."""

import traceback
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import torch

from runner.build import build_group, load_data
from runner.config import Config
from runner.engine.alike import UnlikeError
from runner.engine.cost import deterministic, threads
from runner.engine.group import Group
from runner.engine.predictions import write_predictions
from runner.engine.recorder import Recorder
from runner.engine.rng import isolated
from runner.engine.train import Training
from runner.loggers.base import NewRun, RunLog
from runner.loggers.guard import Loggers
from runner.request.files import write_request
from runner.request.points import RequestedRun
from runner.results.plots.draw import draw_run
from runner.results.read.runs import read_run
from runner.sweep.illustrate import illustrate_run
from runner.sweep.plan import Plan, plan
from runner.sweep.progress import ProgressDisplay
from runner.sweep.summary_fields import identity


def train_points(
    points: Sequence[RequestedRun],
    configs: Sequence[Config],
    folders: Sequence[Path],
    width: int | str,
    progress: ProgressDisplay,
    plots_by_default: bool,
    loggers: Loggers | None = None,
) -> list[Recorder]:
    """Train points in as few loops as they fit in; every run gets its own files.

    Args:
        points: What to run.
        configs: The points' configs, checked.
        folders: Where each point's files go.
        width: The largest group, or ``"auto"``.
        progress: Tells the person.
        plots_by_default: Whether ``plots=auto`` means plots of each run.
        loggers: What else hears of the runs that begin; None for nothing.

    Returns:
        The record of each run, in order.
    """
    plans = plan(configs, width)
    if len(points) == progress.runs:  # else somebody hands the runs over one by one
        progress.planned(plans)
    recorders: dict[int, Recorder] = {}
    try:
        for group in plans:
            recorders |= open_recorders(group, points, configs, folders, loggers)
            train_group(group, configs, recorders, progress, plots_by_default)
    except KeyboardInterrupt:
        for group in plans:
            missing = tuple(job for job in group.jobs if job not in recorders)
            recorders |= open_recorders(replace(group, jobs=missing), points, configs, folders)
        _end(
            recorders.values(), "interrupted", "The command was interrupted before this run began."
        )
        raise
    return [recorders[job] for job in range(len(points))]


def open_recorders(
    group: Plan,
    points: Sequence[RequestedRun],
    configs: Sequence[Config],
    folders: Sequence[Path],
    loggers: Loggers | None = None,
) -> dict[int, Recorder]:
    """Make the folders of a group's runs, say in each what was asked for, and open its records."""
    recorders = {}
    for job in group.jobs:
        write_request(points[job], folders[job])
        config = configs[job]
        told = identity(config, points[job].defaults, len(group.jobs))
        recorders[job] = Recorder(folders[job], told)
        recorders[job].log(f"group of {len(group.jobs)}: {group.why}")
        if loggers:
            recorders[job].logs = open_logs(loggers, points[job], config, recorders[job])
    return recorders


def open_logs(
    loggers: Loggers, point: RequestedRun, config: Config, recorder: Recorder
) -> list[RunLog]:
    """Open what else hears of a run than its own files."""
    node = config.model_dump(exclude={"logger"})
    run = NewRun(recorder.folder, loggers.sweep, point.overrides, node, config.signature)
    return loggers.open(config.logger, run, recorder.log)


def train_group(
    plan: Plan,
    configs: Sequence[Config],
    recorders: Mapping[int, Recorder],
    progress: ProgressDisplay,
    plots_by_default: bool,
) -> None:
    """Train one group; whatever goes wrong in it ends its own runs alone."""
    mine, asked = [recorders[job] for job in plan.jobs], configs[plan.jobs[0]].plots
    draws = plots_by_default if asked == "auto" else bool(asked)
    try:
        ended = _train([configs[job] for job in plan.jobs], mine, plan.threads, progress)
    except Exception as error:
        if len(mine) > 1 and not any(r.last for r in mine) and (parts := _parts(plan, error)):
            for part in parts:
                progress.console.print(f"{part.why}: going on with {len(part.jobs)} at once.")
                train_group(part, configs, recorders, progress, plots_by_default)
            return
        for recorder in mine:
            recorder.log(traceback.format_exc())
        status = "oom" if _is_out_of_memory(error) else "failed"
        _end(mine, status, f"{type(error).__name__}: {error}")
    else:
        if draws:
            _draw(ended, [configs[job] for job in plan.jobs], mine, progress)
    progress.ended(mine)


def _train(
    configs: Sequence[Config], recorders: Sequence[Recorder], number: int, progress: ProgressDisplay
) -> list[Group]:
    """Train a group on a number of threads and return who ended well, in groups as they left."""
    group = build_group(configs, recorders)
    for recorder in recorders:
        told = {"device": group.device_name, "threads": number, "width": len(group)}
        recorder.identity |= told
    # Layers that draw from the global generator get a seed of their own; only one run can.
    alone = isolated(configs[0].seed, "global", group.device) if len(group) == 1 else nullcontext()
    with threads(number), deterministic(group.deterministic), alone:
        progress.began(group, number)
        training = Training(group, progress)
        training.run()
    return training.ended


def _is_out_of_memory(error: Exception) -> bool:
    """On a CPU torch has no error of its own for it."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )


def _parts(plan: Plan, error: Exception) -> list[Plan]:
    """Split a group that can't train as it is; into nothing where that would not help."""
    if _is_out_of_memory(error):
        return _halves(plan)
    if isinstance(error, UnlikeError):
        return [Plan((job,), plan.threads, f"one after another: {error}") for job in plan.jobs]
    return []


def _halves(plan: Plan) -> list[Plan]:
    """Split a group that did not fit in memory; what it left there is given back first."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    middle = len(plan.jobs) // 2
    why = f"a group of {len(plan.jobs)} did not fit in memory"
    return [Plan(jobs, plan.threads, why) for jobs in (plan.jobs[:middle], plan.jobs[middle:])]


def _draw(
    ended: Sequence[Group],
    configs: Sequence[Config],
    recorders: Sequence[Recorder],
    progress: ProgressDisplay,
) -> None:
    """Draw each run; a plot that fails is said so, and leaves the run as good as it was."""
    try:
        data = load_data(configs[0])
        for group in ended:
            if group.data.task != "objective":
                write_predictions(group)
        for recorder, config in zip(recorders, configs, strict=True):
            run = read_run(recorder.folder)
            illustrate_run(run, data, config.loss)
            draw_run(run)
    except Exception as error:
        for recorder in recorders:
            recorder.log(traceback.format_exc())
        progress.console.print(f"The plots could not be drawn: {type(error).__name__}: {error}")


def _end(recorders: Iterable[Recorder], status: str, reason: str) -> None:
    for recorder in recorders:
        if recorder.status is None:
            recorder.finish(status, 0.0, 0, reason)
