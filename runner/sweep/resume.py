"""``--resume DIR``: a run or a sweep goes on where it stopped, whatever stopped it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from runner.atomic_write import remove_parts
from runner.build import build_logger
from runner.columns import FAILURES
from runner.crew.follow import Follower
from runner.crew.group_files import GroupFiles, all_groups
from runner.crew.kept_components import check_at_hand, keep, kept_sentence
from runner.crew.origin import changed_requests, differences, lost_weights, origin
from runner.crew.sweep_file import SweepFile, read_sweep_file
from runner.errors import RequestError
from runner.folder_lock import HIDDEN
from runner.loggers.guard import Loggers
from runner.request.launching import LAUNCHING, Launching, check_launching
from runner.request.overrides import only
from runner.sweep.conclude import conclude_run, conclude_sweep, exit_code
from runner.sweep.console import console
from runner.sweep.extend import extend
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
    values = _values(overrides)
    clear(folder)
    asked = {key.rpartition(".")[2]: value for key, value in values.items() if key != EPOCHS}
    sweep = _launched(folder, asked)
    if retry:
        _reopen_failed(folder)
    check_at_hand(folder, sweep.origin.get("code", {}))
    make_ready(folder, sweep, force=force, all_of_it=EPOCHS in values)
    code = _go_on(folder, sweep) if _left(folder) or EPOCHS not in values else 0
    if EPOCHS in values:
        extend(folder, values[EPOCHS])
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


def _values(overrides: Sequence[str]) -> dict[str, object]:
    """Return what is asked to be otherwise than it was: few things may be."""
    allowed = [EPOCHS, *(f"hydra.launcher.{key}" for key in LAUNCHING if key != "width")]
    parsed = only(overrides, allowed, "key that --resume takes")
    values: dict[str, object] = {o.key_or_group: o.value() for o in parsed}
    epochs = values.get(EPOCHS, 1)
    if type(epochs) is not int or epochs < 1:
        raise RequestError(f"epochs={epochs} is not allowed; it takes a whole number ≥ 1.")
    return values


def _launched(folder: Path, asked: Mapping[str, object]) -> SweepFile:
    """Return what holds for the sweep, with the launcher's keys as they are asked for now."""
    sweep = read_sweep_file(folder)
    if asked:
        launching = check_launching(
            {"workers": sweep.workers, "timeout_min": sweep.timeout_min} | dict(asked)
        )
        sweep = replace(sweep, workers=launching.workers, timeout_min=launching.timeout_min)
        sweep.write(folder)
    return sweep


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
    if not force:
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


def _refuse_differences(folder: Path, sweep: SweepFile, *, all_of_it: bool) -> None:
    """Refuse to mix results of different origins in one table."""
    groups = all_groups(folder) if all_of_it else _left(folder)
    configs = [config for files in groups for config in files.plan.configs.values()]
    if not configs:
        return
    now = origin(configs)
    told = [*differences(sweep.origin, now), *changed_requests(groups)]
    if told:
        raise RequestError(
            f"'{folder}' has changed: {'; '.join(told)}. --force resumes all the same."
            + kept_sentence(folder, now["code"])
        )
