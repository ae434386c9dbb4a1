"""What the doors of this wing share: arguments and answers in one sentence."""

import argparse
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from runner.errors import RequestError
from runner.printable import shortened
from runner.speech import speak_though_nobody_hears

SHOWN = 200  # characters of a name


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one sentence."""

    def error(self, message: str) -> NoReturn:
        """Refuse the request.

        Args:
            message: What argparse found.

        Raises:
            RequestError: Always.
        """
        raise RequestError(f"{message[:1].upper()}{message[1:]}; see python -m {self.prog} --help.")


def answer(work: Callable[[], int | None]) -> int:
    """Do the work of a door; a fault becomes a sentence rather than a traceback.

    Args:
        work: What is to be done; it may return an exit code.

    Returns:
        The exit code: that of the work, 0 where it has none, 2 where the request was wrong, or
        130 where it was interrupted.
    """
    speak_though_nobody_hears(inert=True)
    try:
        return work() or 0
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 128 + signal.SIGINT
    except RequestError as fault:
        print(fault, file=sys.stderr)
        return 2
    except UnicodeEncodeError as fault:
        name = shortened(fault.object, SHOWN).encode("ascii", "backslashreplace").decode()
        print(f"A name is no text in UTF-8; rename its file or folder: {name}", file=sys.stderr)
        return 2
    except OSError as fault:
        place = f"'{shortened(str(fault.filename), SHOWN)}'" if fault.filename else "A file"
        print(f"{place} cannot be used: {fault.strerror or fault}.", file=sys.stderr)
        return 2
