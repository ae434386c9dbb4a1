"""The work on one group: restored or built, trained, its runs' files left as they should be."""

import errno
import traceback
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import torch

from runner.atomic_write import remove_parts, write_whole
from runner.build import OtherDataError, build_group
from runner.config import Config
from runner.crew.exchanges import (
    Exchange,
    applied,
    buffers_of_keys,
    in_force,
    read_exchanges,
    stop_after,
)
from runner.crew.group_files import Death, GroupFiles
from runner.crew.planned import PlannedGroup, PlannedRun
from runner.crew.summary_fields import features, identity, monitor_of
from runner.crew.watch import GroupWatch
from runner.engine.alike import UnlikeError
from runner.engine.cost import deterministic, tf32, threads
from runner.engine.group import Group
from runner.engine.recorder import Recorder
from runner.engine.rng import isolated
from runner.engine.saves import Saves, State
from runner.engine.train import Training
from runner.errors import first_line, named
from runner.warm_start import fit, source_of

ALIKE: set[Path] = set()
"""The groups whose models this process has found to train in one loop: at each rung they go on."""
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)


def train_group(sweep: Path, name: str, watch: GroupWatch) -> None:
    """Train a group from its files alone, on from its last save if there is one.

    To do it again does no harm: what has ended is left as it is.

    Args:
        sweep: The folder of the sweep, or of a run on its own.
        name: The group's; see `GroupFiles`.
        watch: Told how far it is.

    Raises:
        KeyboardInterrupt: It was asked to end; its state is saved.
        Exception: Whatever ended it; `death_of` says what that is.
    """
    files = GroupFiles(sweep, name)
    with files.owned():
        if files.rests:
            return
        for folder in files.folders():
            remove_parts(folder)
        if _train_to_rung(files, watch):
            return
        if files.plan.draws or files.plan.predicts:
            from runner.crew.drawing import draw_runs  # late: few groups are drawn by a worker

            draw_runs(files, watch)
        Saves(files.folder).remove()
        files.finish()


def _train_to_rung(files: GroupFiles, watch: GroupWatch) -> bool:
    """Train the runs that have not ended, and return whether any pauses rather than ends.

    A population's group is trained from one exchange to the next, each under its own values.
    """
    exchanges, seconds = read_exchanges(files.sweep), 0.0
    stop: int | None = 0
    while stop != files.until and (jobs := files.unfinished()):
        before = stop
        stop, seconds = _train(files, files.plan.part(jobs), exchanges, watch)
        if stop == before:  # it would be the same again, for ever
            raise OSError(errno.ENOSPC, "The state of a population could not be saved")
    if stop is None or not files.unfinished():
        return False
    files.pause(seconds)
    return True


def death_of(error: BaseException) -> Death:
    """Return what an exception means for a group."""
    reason = named(error)
    details = "".join(traceback.format_exception(error))
    if isinstance(error, SystemExit):
        return Death("exit", f"It called sys.exit ({reason}).", details)
    if _is_out_of_memory(error):
        return Death("memory", f"Out of memory: {reason}", details)
    if isinstance(error, OtherDataError):
        return Death("machine", first_line(error), details)
    if isinstance(error, UnlikeError):
        return Death("unlike", first_line(error), details)
    if isinstance(error, OSError) and error.errno in DISK:
        return Death("disk", reason, details)
    return Death("exception", reason, details)


def open_recorder(files: GroupFiles, run: PlannedRun, config: Config, width: int) -> Recorder:
    """Make a run's folder, say in it what was asked for, and open its record."""
    folder = files.run_folder(run)
    folder.mkdir(exist_ok=True)  # without its parents: the folder of a sweep may have been removed
    for name, text in run.request.items():
        if not (folder / ".hydra" / name).exists():  # Hydra's own, where it has made the folder
            write_whole(folder / ".hydra" / name, text.encode(), within=folder)
    told = identity(config, run.replaced, width, files.plan.provenance)
    before = files.summary(run)
    told["started"] = before.get("started", told["started"])  # for the first time
    told |= {name: before[name] for name in ("init_from",) if name in before}
    return Recorder(folder, told, run.job, monitor_of(config))


def _train(
    files: GroupFiles, plan: PlannedGroup, exchanges: Sequence[Exchange], watch: GroupWatch
) -> tuple[int | None, float]:
    """Train some runs of a group to where it is to pause, or to the next exchange.

    Returns:
        The epoch after which they pause, None for the end; and for how many seconds the group was
        trained in all.
    """
    configs = list(plan.configs.values())
    width = len(files.plan.runs)
    recorders = [
        open_recorder(files, run, config, width)
        for run, config in zip(plan.runs, configs, strict=True)
    ]
    saves = Saves(files.folder, configs[0].checkpoint_seconds, watch.tell)
    state = _newest_state(files, saves, recorders)
    # One member left of a stack gets padding, which keeps its last bits.
    is_alone = len(configs) == 1 and (not plan.stacked or files.is_alone)
    padded = 2 if len(configs) == 1 and not is_alone else 1
    # A save has the weights already: those that they came from may be gone by now.
    built = [
        config.model_copy(update={"init_from": None}) if state else config for config in configs
    ]
    stop = stop_after(exchanges, state) or files.until
    epoch = state["epoch"] if state else 0
    built = [
        in_force(exchanges, config, run.job, epoch)
        for run, config in zip(plan.runs, built, strict=True)
    ]
    group = build_group(built * padded, recorders * padded, known_alike=files.folder in ALIKE)
    ALIKE.add(files.folder)
    for recorder, config in zip(recorders, built, strict=True):
        recorder.identity |= {"device": group.device_name, "threads": plan.threads}
        recorder.identity |= features(group.data)
        told = _warm_start(recorder, config, group)
        recorder.begin()
        for line in (_opening(width, plan.why, state), *told):
            recorder.log(line)
    for fault in saves.faults:
        watch.tell(fault)
    # Layers that draw from the global generator get a seed of their own; only one run can.
    alone = nullcontext() if plan.stacked else isolated(group.seeds[0], "global", group.device)
    exact = tf32(group.tf32, group.device)
    with threads(plan.threads), deterministic(group.deterministic), exact, alone:
        shared = plan.shared or is_alone
        training = Training(group, watch, saves, live=len(configs), shared=shared)
        if moved := applied(exchanges, state):
            training.restore(moved, buffers_of_keys(exchanges))
        watch.began(files, group, plan.threads, training.steps_done)
        training.run(stop)
        return stop, training.seconds


def _newest_state(files: GroupFiles, saves: Saves, recorders: Sequence[Recorder]) -> State | None:
    """Return the newest save that is whole and whose rows are all on the disk."""
    for folder in files.save_folders():
        found = Saves(folder)
        for state in found.load():
            told = dict(zip(state["jobs"], state["recorders"], strict=False))
            if all(r.job in told and r.holds(told[r.job]) for r in recorders):
                saves.faults += found.faults
                return state
        saves.faults += found.faults
    for recorder in recorders:
        recorder.cut()
    return None


def _opening(width: int, why: str, state: State | None) -> str:
    if state is None:
        return f"group of {width}: {why}"
    return f"goes on from epoch {state['epoch']}, step {state['step']}, as it was saved"


def _warm_start(recorder: Recorder, config: Config, group: Group) -> list[str]:
    """Put on record what of another run's weights a run starts with, and say it for the log."""
    source = source_of(config)
    if source is None:
        return []
    found = fit(group.members.model, source)
    recorder.identity["init_from"] = found.record(source)
    return [found.told(source)]


def _is_out_of_memory(error: BaseException) -> bool:
    """On a CPU torch has no error of its own for it."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )
