"""The door: ``python -m runner``. Reads the request, checks it whole, and hands it to Hydra."""

import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from runner.components_folder import loaded_sentence, take_flag
from runner.errors import EndingError, RequestError
from runner.interrupts import SIGNALS, ending_at_once, interrupt
from runner.printable import printable
from runner.typed import remember

if TYPE_CHECKING:
    from runner.config import Config
    from runner.request.command_line import Command
    from runner.request.validate import Request
    from runner.results.read.runs import Run


COMPLETION = """eval "$(runner -sc install=bash)" lets Tab complete groups, choices, keys and
commands after runner in this shell, and in every one as the last line of
~/.bashrc; eval "$(runner -sc uninstall=bash)" takes it back."""


def main() -> int:
    """Carry out the command line.

    Returns:
        0 where all that was asked for was done, 1 where a run failed or diverged, 2 where the
        request is wrong, 130, 143 and 129 where it was interrupted (SIGINT, SIGTERM, SIGHUP).
    """
    for number in SIGNALS:
        signal.signal(number, interrupt)
    remember(sys.argv[1:])
    try:
        return _main(take_flag(sys.argv[1:]))
    except RequestError as error:
        print(*map(printable, error.sentences), sep="\n", file=sys.stderr)
        return 2
    except EndingError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt as error:
        print("Interrupted.", file=sys.stderr)
        return 128 + getattr(error, "number", signal.SIGINT)


def _main(argv: list[str]) -> int:
    answered = _answered(argv)
    if answered is not None:
        return answered
    with _without_garbage():
        with ending_at_once():
            from runner.request.command_line import read

            command = read(argv)
            if command.informs:
                return _tell(command)
            if told := loaded_sentence():
                print(told, flush=True)
            if command.resume is not None:
                import runner.sweep.resume  # noqa: F401 - its imports make as much as a request's
        if command.resume is None:
            command, before, request = _requested(command)
            configs = _prepared(request)
    if command.resume is not None:  # training makes garbage of its own
        return _resume(command, command.resume)
    if command.dry_run:
        return _show(request, configs)
    code = _start(command, request, configs)
    return code if before is None else _compared(before, request.folder[1])


def _requested(command: "Command") -> "tuple[Command, Run | None, Request]":
    """Return what is asked for; with ``--again`` as if the recorded run had been typed.

    Returns:
        The command, the run that it is to run again, if any, and its request.
    """
    with ending_at_once():
        from runner.request.first_words import say_how_many

        say_how_many(command.overrides)
        from runner.request.validate import check_request

        if command.again is None:
            return command, None, check_request(command)
        from runner.sweep.again import overrides_of, recorded

        before = recorded(command.again)
        overrides = overrides_of(before, command.overrides)
        command = replace(command, flags=[], overrides=overrides)
        return command, before, check_request(command)


def _compared(before: "Run", folder: Path) -> int:
    """Say whether a run came out as it did before."""
    from runner.sweep.again import tell

    return tell(before, folder)


def _show(request: "Request", configs: "list[Config]") -> int:
    """Tell what a request would do, and start nothing."""
    if request.search is not None:
        from runner.search.dry_run import show_search

        return show_search(request.search, configs)
    if request.population is not None:
        from runner.search.population.dry_run import show_population

        return show_population(request.population, configs)
    from runner.sweep.dry_run import show

    return show(request.points, configs, request.launching.width)


def _answered(argv: list[str]) -> int | None:
    """Answer what needs neither a request nor the weight of the rest; None where it is no such."""
    if argv[:1] in (["-sc"], ["--shell-completion"]):
        if {"--help", "-h"} & set(argv):
            print(COMPLETION)
            return 0
        from runner.completion import complete

        return complete(argv[1:])
    if "--hydra-help" in argv:
        from runner.hydra_flags import PAGE as HYDRA_PAGE

        print(HYDRA_PAGE, end="")
        return 0
    if not {"--help", "-h"} & set(argv):
        return None
    asked = [word for word in argv if word not in ("--help", "-h")]
    return _explain(asked) if asked and not asked[0].startswith("-") else _help(asked)


def _explain(asked: list[str]) -> int:
    """Say what groups, choices and keys mean."""
    with ending_at_once():
        from runner.config_files import check_config_files
        from runner.reference import told

        check_config_files()
    print("\n\n".join(map(told, asked)))
    return 0


def _prepared(request: "Request") -> "list[Config]":
    """Check the folder and every run of a request: first what is done without a long import."""
    from runner.request.folders import check_folder

    check_folder(*request.folder)
    with ending_at_once():
        from runner.device import trained_elsewhere
        from runner.sweep.job import prepare
    with trained_elsewhere(request.launching.on_gpus):
        configs = prepare(request.points)
    if request.search is not None:
        from runner.search.check import check_search

        check_search(request.search, configs)
    if request.population is not None:
        from runner.search.population.check import check_population

        check_population(request.population, configs, request.launching)
    return configs


def _start(command: "Command", request: "Request", configs: "list[Config]") -> int:
    """Take the folder of a request, and carry it out there."""
    from runner.request.folders import claim
    from runner.request.points import written
    from runner.sweep.job import start

    key, folder = request.folder
    if request.launching.cluster:
        from runner.crew.cluster.engines import check_cluster

        check_cluster(request.launching.cluster, folder)
    multirun = ["-m"] if request.is_sweep else []
    # Hydra would name a folder by another moment than the one that is claimed.
    overrides = [o for o in request.handed if not o.startswith(f"{key}=")]
    overrides.append(f"{key}={written(str(folder))}")
    with claim(key, folder) as lock:
        if lock.recovered:
            print(lock.recovered)
        return start([*command.flags, *multirun, *overrides], request, configs)


def _resume(command: "Command", folder: Path) -> int:
    """Go on with a run or a sweep, as its only owner."""
    from runner.crew.sweep_file import read_sweep_file
    from runner.folder_lock import FolderLock
    from runner.guarded_files import check_closed
    from runner.request.populating import is_population
    from runner.request.searching import is_search
    from runner.sweep.resume import resume

    if folder.is_dir():
        check_closed(folder)
    chooses = is_search(folder) or is_population(folder)
    if not chooses:
        read_sweep_file(folder)
    with FolderLock(folder) as lock:
        if lock.recovered:
            print(lock.recovered)
        if chooses:
            return _resume_search(command, folder)
        return resume(folder, command.overrides, retry=command.retry, force=command.force)


def _resume_search(command: "Command", folder: Path) -> int:
    from runner.request.populating import is_population

    if command.retry:
        raise RequestError("--retry has no meaning for a search: points that failed were told so.")
    if is_population(folder):
        from runner.search.population.command import resume as resume_population

        return resume_population(folder, command.overrides, force=command.force)
    from runner.search.command import resume

    return resume(folder, command.overrides, force=command.force)


@contextmanager
def _without_garbage() -> Iterator[None]:
    """Import and prepare without looking for garbage, and keep what is there out of later searches.

    Imports make a million objects that live as long as the program; to look through them again and
    again took a quarter of a sweep of 512 small runs.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _help(beside: list[str]) -> int:
    """Show the help page; flags beside ``--help`` mean nothing, and must exist."""
    with ending_at_once():
        from runner.help_page import help_page

        if beside:
            from runner.request.command_line import read

            read(beside)
    print(help_page())
    return 0


def _tell(command: "Command") -> int:
    """Let Hydra show a config, or itself, for overrides that exist."""
    from runner.request.validate import check_request

    if command.multirun:
        raise RequestError("-m starts a sweep: leave it out to be told about a config.")
    if command.overrides:
        check_request(command)
    return _hand_over([*command.flags, *command.overrides])


def _hand_over(argv: list[str]) -> int:
    """Let Hydra tell what it was asked: no run is started."""
    from omegaconf.errors import OmegaConfBaseException

    from runner.hydra_compat import errors_let_through
    from runner.request.plain import without_value
    from runner.sweep.entry import enter

    try:
        with errors_let_through():
            enter(argv, lambda config: None)
    except OmegaConfBaseException as error:  # --resolve meets a value that leads nowhere
        raise RequestError(without_value(error)) from error
    return 0
