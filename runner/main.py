"""The door: ``python -m runner``. Reads the request, checks it whole, and hands it to Hydra."""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from textwrap import TextWrapper
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from runner.errors import RequestError

if TYPE_CHECKING:
    from runner.request.validate import Command


PAGE = TextWrapper(80, subsequent_indent="  ", break_on_hyphens=False)


class Terminated(KeyboardInterrupt):
    """The program was asked to end (SIGTERM); it saves what it has, as for an interruption."""


def main() -> int:
    """Carry out the command line.

    Returns:
        0 where all that was asked for was done, 1 where a run failed or diverged, 2 where the
        request is wrong, 130 and 143 where it was interrupted.
    """
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return _main(sys.argv[1:])
    except RequestError as error:
        print(*error.sentences, sep="\n", file=sys.stderr)
        return 2
    except Terminated:
        print("Terminated; what was finished is saved.", file=sys.stderr)
        return 143
    except KeyboardInterrupt:
        print("Interrupted; what was finished is saved.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read what we say has heard enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        gc.unfreeze()  # libraries complain of what is left when the interpreter ends


def _main(argv: list[str]) -> int:
    if {"--help", "-h"} & set(argv):  # without the weight of the rest
        return _help(argv)
    with _without_garbage():
        from runner.request.validate import check_request, read

        command = read(argv)
        if command.informs:
            return _tell(command)
        request = check_request(command)
        from runner.request.folders import check_folder
        from runner.sweep.job import prepare, start

        check_folder(*request.folder)
        configs = prepare(request.points)
    if command.dry_run:
        from runner.sweep.dry_run import show

        return show(request.points, configs, request.launching.width)
    multirun = ["-m"] if request.is_sweep else []
    return start([*command.flags, *multirun, *command.overrides], request, configs)


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


def _help(argv: list[str]) -> int:
    """Show Hydra's help, its long lists of choices folded to the width of a page."""
    said = StringIO()
    try:
        with redirect_stdout(said):
            return _hand_over(argv)
    finally:  # Hydra may end the program when it has spoken
        for line in said.getvalue().splitlines():
            print("\n".join(PAGE.wrap(line)) if len(line) > PAGE.width else line)


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
    from runner.sweep.entry import enter

    enter(argv, lambda config: None)
    return 0


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise Terminated


if __name__ == "__main__":
    sys.exit(main())
