"""``--resume DIR``: a run or a sweep goes on where it stopped, whatever stopped it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from runner.atomic_write import remove_parts
from runner.build import build_logger
from runner.columns import FAILURES
from runner.crew.cluster.engines import check_cluster, check_left
from runner.crew.cluster.settings import from_record
from runner.crew.follow import Follower
from runner.crew.group_files import GroupFiles, all_groups
from runner.crew.kept_components import check_at_hand, keep, kept_sentence
from runner.crew.origin import changed_data, changed_requests, differences, lost_weights, origin
from runner.crew.sweep_file import SweepFile, read_sweep_file
from runner.errors import RequestError
from runner.folder_lock import HIDDEN
from runner.loggers.guard import Loggers
from runner.request.launching import GROUP, Launching
from runner.request.overrides import only
from runner.request.relaunching import OWN, engine_of, keys_of, relaunching
from runner.sweep.conclude import conclude_run, conclude_sweep, exit_code
from runner.sweep.console import console
from runner.sweep.extend import check_epochs, extend, on_data
from runner.sweep.launch import launched, statuses, train
from runner.sweep.progress import ProgressDisplay

EPOCHS = "epochs"


def resume(folder: Path, overrides: Sequence[str], *, retry: bool, force: bool) -> int:
    """Go on with a run or a sweep; what has ended is not run again.

    Args:
        folder: Its folder; nobody else works on it.
        overrides: ``epochs=N`` to go further, and keys of the launcher.
        retry: Whether runs that failed are tried again.
        force: Whether to go on though code, versions, data or configs have changed.

    Returns:
        0 if every run ended as it was meant to, else 1.

    Raises:
        RequestError: It can't go on, or not so.
    """
    sweep, epochs = _asked(overrides, read_sweep_file(folder))
    cluster = from_record(sweep.cluster)
    check_left(cluster, folder, force=force)
    if cluster:
        check_cluster(cluster, folder)
    clear(folder)
    sweep.write(folder)
    if retry:
        _reopen_failed(folder)
    check_at_hand(folder, sweep.origin.get("code", {}))
    make_ready(folder, sweep, force=force, all_of_it=epochs is not None)
    if epochs is not None:
        check_epochs(folder, epochs)
    code = _go_on(folder, sweep) if _left(folder) or epochs is None else 0
    if epochs is not None:
        extend(folder, epochs)
        code = _go_on(folder, sweep)
    return code


def _go_on(folder: Path, sweep: SweepFile) -> int:
    before = statuses(folder)
    if not _left(folder):
        failed = sum(status in FAILURES for status in before)
        more = f"; --retry runs the {failed} that failed again" if failed else ""
        console().print(f"Nothing is left to train{more}.")
    display = ProgressDisplay(len(before))
    loggers = Loggers(build_logger, display.tell)
    loggers.sweep = folder if sweep.is_sweep else None
    runs = [run for files in all_groups(folder) for run in files.plan.runs]
    if any(run.config["logger"] for run in runs):
        display.follower = Follower(loggers, is_sweep=sweep.is_sweep)
    try:
        with loggers:
            train(folder, display)
    finally:
        display.close()
        (conclude_sweep if sweep.is_sweep else conclude_run)(folder)
    return exit_code(statuses(folder), sweep.expect)


def _left(folder: Path) -> list[GroupFiles]:
    return [files for files in all_groups(folder) if not files.is_done]


def _asked(overrides: Sequence[str], before: SweepFile) -> tuple[SweepFile, int | None]:
    """Return what holds for the sweep from now on, and the epochs that are asked for, if any.

    Raises:
        RequestError: Few things may be otherwise than they were, and this is none of them.
    """
    engine = engine_of(overrides, before.cluster["engine"] if before.cluster else OWN)
    parsed = only(overrides, [EPOCHS, GROUP, *keys_of(engine)], "key that --resume takes")
    typed = [o for o in parsed if o.key_or_group not in (EPOCHS, GROUP)]
    own = Launching(1, before.workers, before.timeout_min)
    if engine != OWN and not before.is_sweep:
        raise RequestError(f"hydra/launcher={engine} trains the groups of a sweep, and no run.")
    epochs = next((o.value() for o in parsed if o.key_or_group == EPOCHS), None)
    if epochs is not None and (type(epochs) is not int or epochs < 1):
        raise RequestError(f"epochs={epochs} is not allowed; it takes a whole number ≥ 1.")
    now = launched(before, relaunching(engine, typed, before.cluster, own))
    return now, epochs


def clear(folder: Path) -> None:
    """Remove what writers that were killed left in the folder of a sweep."""
    for place in (folder, folder / HIDDEN, folder / "plots"):
        remove_parts(place)


def make_ready(folder: Path, sweep: SweepFile, *, force: bool, all_of_it: bool) -> None:
    """Refuse to go on where results would differ, and take the components that were kept.

    Args:
        folder: That of the sweep.
        sweep: What holds for it; its components are at hand.
        force: Whether to go on though code, versions, data or configs have changed.
        all_of_it: Whether groups that are done matter too.

    Raises:
        RequestError: One sentence for each thing that is not as it was, or is gone.
    """
    if force:
        _take_data_as_they_are(folder)
    else:
        _refuse_differences(folder, sweep, all_of_it=all_of_it)
    if lost := lost_weights(_left(folder)):
        raise RequestError(*lost)
    keep(folder, sweep.origin.get("code", {}))


def relaunch(folder: Path, launching: Launching) -> None:
    """Write that a sweep is trained from now on as it is asked for now."""
    launched(read_sweep_file(folder), launching).write(folder)


def _reopen_failed(folder: Path) -> None:
    for files in all_groups(folder):
        failed = [run for run in files.plan.runs if files.status(run) in FAILURES]
        if failed:
            files.reopen()
        for run in failed:
            (files.run_folder(run) / "summary.json").unlink()


def _take_data_as_they_are(folder: Path) -> None:
    """Plan what is left to train with the data that there is now: its record is to name that."""
    for files in _left(folder):
        left = files.unfinished()
        runs = [on_data(run) if run.job in left else run for run in files.plan.runs]
        files.write(replace(files.plan, runs=tuple(runs)))


def _refuse_differences(folder: Path, sweep: SweepFile, *, all_of_it: bool) -> None:
    """Refuse to mix results of different origins in one table."""
    groups = all_groups(folder) if all_of_it else _left(folder)
    configs = [config for files in groups for config in files.plan.configs.values()]
    if not configs:
        return
    now = origin(configs)
    told = [
        *differences(sweep.origin, now),
        *changed_data(configs),
        *changed_requests(groups),
    ]
    if told:
        raise RequestError(
            f"'{folder}' has changed: {'; '.join(told)}. --force resumes all the same."
            + kept_sentence(folder, now["code"])
        )
