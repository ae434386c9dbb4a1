"""More epochs for runs that have ended: each goes on from its last weights and state."""

import json
from dataclasses import replace
from pathlib import Path

import torch
import yaml

from runner.atomic_write import write_whole
from runner.build import build_component, with_data
from runner.columns import Status
from runner.config import Config
from runner.crew.group_files import GroupFiles, all_groups
from runner.crew.planned import PlannedRun
from runner.engine import checkpoint
from runner.engine.saves import NAMES
from runner.engine.state import joined
from runner.errors import RequestError
from runner.request.files import as_yaml, write_jobs

KEY = "epochs"
MOMENTS = 64  # of each epoch at which learning rates are compared


def extend(folder: Path, epochs: int) -> None:
    """Plan more epochs for the runs of a sweep that trained to their last one.

    Those that diverged, failed or stopped early have ended for good.

    Args:
        folder: The folder of the sweep, or of a run on its own; nothing is left to train in it.
        epochs: How many there are to be in all; see `check_epochs`.
    """
    groups = all_groups(folder)
    for files in groups:
        going_on = [run for run in files.plan.runs if _is_complete(files, run)]
        if going_on and going_on[0].config[KEY] < epochs:
            _extend(files, going_on, epochs)
    if (folder / "jobs.yaml").is_file():
        runs = sorted((run for files in groups for run in files.plan.runs), key=lambda run: run.job)
        write_jobs(folder, [run.overrides for run in runs])


def check_epochs(folder: Path, epochs: int) -> None:
    """Refuse epochs that the runs of a sweep can't be given, before any is trained.

    Args:
        folder: The folder of the sweep, or of a run on its own.
        epochs: How many there are to be in all.

    Raises:
        RequestError: There were more, or a schedule would have gone another way.
    """
    groups = all_groups(folder)
    configs = [config for files in groups for config in files.plan.configs.values()]
    before = {config.epochs for config in configs}
    if len(before) > 1 and len(before - {epochs}) > 1:
        raise RequestError("epochs is swept over here: these runs can't all be given as many.")
    if epochs < max(before):
        raise RequestError(f"epochs={epochs} is too few: there were {max(before)} already.")
    distinct = {json.dumps(config.schedule, sort_keys=True): config for config in configs}
    for config in distinct.values():
        if config.epochs < epochs and not _is_same_at_first(config, epochs):
            raise RequestError(
                f"schedule={config.schedule['name']} depends on the number of epochs: the first "
                f"{config.epochs} of {epochs} would have had other learning rates."
            )


def _is_same_at_first(config: Config, epochs: int) -> bool:
    """Whether the epochs that were trained had the rates that they have among more epochs."""
    schedule = build_component("schedule", [config.schedule])
    elapsed = torch.arange(config.epochs * MOMENTS, dtype=torch.float64) / MOMENTS
    return torch.equal(schedule.factors(elapsed, config.epochs), schedule.factors(elapsed, epochs))


def _is_complete(files: GroupFiles, run: PlannedRun) -> bool:
    """Whether a run trained to the last epoch that it was asked for, and had not lost patience."""
    if files.status(run) != Status.OK:
        return False
    summary, patience = files.summary(run), run.config["patience"]
    last = summary["last"]["epoch"]
    if patience is not None and last - summary["best"]["epoch"] >= patience:
        return False  # among more epochs it would have stopped there
    return bool(last == run.config[KEY])


def _extend(files: GroupFiles, going_on: list[PlannedRun], epochs: int) -> None:
    """Make a group's save from its runs' own checkpoints, then plan it anew."""
    folders = [files.run_folder(run) / "checkpoints" for run in going_on]
    members = [checkpoint.load(folder / "last.pt") for folder in folders]
    bests = [folder / "best.pt" for folder in folders]
    seconds = max(files.summary(run)["seconds"] for run in going_on)
    state = joined(
        members,
        [checkpoint.load(best) if best.is_file() else None for best in bests],
        jobs=[run.job for run in going_on],
        shared=files.plan.shared,
        seconds=seconds,
        trace={"seen": members[0]["seen"], "seconds": seconds},
    )
    checkpoint.save(files.folder / NAMES[0], state)
    jobs = {run.job for run in going_on}
    runs = tuple(_longer(run, epochs) if run.job in jobs else run for run in files.plan.runs)
    files.write(replace(files.plan, runs=runs))  # from now on there is something left to train
    for run in files.plan.runs:
        for name, text in run.request.items():
            write_whole(files.run_folder(run) / ".hydra" / name, text.encode())


def _longer(run: PlannedRun, epochs: int) -> PlannedRun:
    """Return what a run is planned as, with more epochs."""
    config = run.config | {KEY: epochs}
    asked = [o for o in run.overrides if o.partition("=")[0] == KEY]
    line = f"{KEY}={epochs}"
    overrides = [line if o in asked else o for o in run.overrides] + ([] if asked else [line])
    composed = yaml.safe_load(run.request["config.yaml"]) | {KEY: epochs}
    request = {"config.yaml": as_yaml(composed), "overrides.yaml": as_yaml(overrides)}
    return on_data(replace(run, config=config, overrides=overrides, request=request))


def on_data(run: PlannedRun) -> PlannedRun:
    """Return what a run is planned as, with its data as they are now.

    Raises:
        RequestError: They are not at hand, or damaged.
    """
    config = Config.model_validate(run.config)
    if config.data_checksum is not None:  # which runs of older versions have not
        config = with_data(config)
    return replace(run, config=config.model_dump(), signature=config.signature)
