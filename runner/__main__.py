"""``python -m runner`` and the console script ``runner``: requests for runs, and all commands."""

import sys
from typing import NoReturn

from runner.interrupts import ending_at_once
from runner.process_end import end_process
from runner.speech import speak_though_nobody_hears


def main() -> int:
    """Carry out what was typed: a command by its name, anything else as a request for runs.

    Returns:
        The exit code.
    """
    speak_though_nobody_hears()
    asked = sys.argv[1:]
    with ending_at_once():
        from runner.commands import find_command
        from runner.errors import RequestError
        from runner.main import main as request

        try:
            command = find_command(asked[0]) if asked else None
        except RequestError as error:
            print(error, file=sys.stderr)
            return 2
    return command(asked[1:]) if command else request()


def run_command() -> NoReturn:
    """Carry out what was typed, and end the process: the console script."""
    end_process(main())


if __name__ == "__main__":
    run_command()
