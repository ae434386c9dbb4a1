"""The door: ``python -m runner``. Reads the request, checks it whole, and hands it to Hydra."""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from runner.errors import RequestError


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
        return 143
    except KeyboardInterrupt:
        print("Interrupted; what was finished is saved.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _main(argv: list[str]) -> int:
    if {"--help", "-h"} & set(argv):  # without the weight of the rest
        return _hand_over(argv)
    from runner.sweep.request import check_request, read

    command = read(argv)
    if command.informs:
        return _hand_over(argv)
    request = check_request(command)
    from runner.sweep.job import prepare, start

    configs = prepare(request.points)
    if command.dry_run:
        from runner.sweep.dry import show

        return show(request.points, configs, request.width)
    multirun = ["-m"] if request.is_sweep else []
    return start([*command.flags, *multirun, *command.overrides], request.points, configs)


def _hand_over(argv: list[str]) -> int:
    """Let Hydra tell what it was asked: no run is started."""
    from runner.sweep.entry import enter

    enter(argv, lambda config: None)
    return 0


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise Terminated


if __name__ == "__main__":
    sys.exit(main())
