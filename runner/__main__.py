"""``python -m runner`` and the console script ``runner``: requests for runs, and all commands."""

import sys

from runner.interrupts import ending_at_once
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


if __name__ == "__main__":
    sys.exit(main())
