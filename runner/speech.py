"""What is said to a person: that nobody can be told may not end the work.

The reader of a pipe may have left, a disk may be full, a terminal closed, an encoding without the
letters. What can't be said goes nowhere, and the program goes on as if it had been heard.
"""

import io
import os
import select
import sys
from typing import Any, TextIO

from runner.printable import printable

STREAMS = (0, 1, 2)


class _Mouth(io.FileIO):
    """A stream's file that falls silent for good at the first word that can't be written."""

    def write(self, words: Any) -> int:
        """Write, wait or say nothing; all counts as said."""
        try:
            while (written := super().write(words)) is None:  # it is full, and not to be waited for
                select.select([], [self], [])
        except OSError:
            _silence(self.fileno())
            return len(memoryview(words).cast("B"))
        return written


class _Inert(io.TextIOWrapper):
    """A stream of plain text: a terminal shows what others have written, and obeys none of it."""

    def write(self, text: str) -> int:
        """Write what is shown of a text."""
        super().write(printable(text))
        return len(text)


def speak_though_nobody_hears(*, inert: bool = False) -> None:
    """Let the standard streams of this process fail without a word; called before all else.

    Streams that are closed are opened into nothing: else the next file of results would take a
    stream's number, and what libraries print there would stand in it.

    Args:
        inert: Whether nothing but plain text is said, without colours and bars.
    """
    for number in STREAMS:
        try:
            os.fstat(number)
        except OSError:
            _silence(number)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 - it lives as long as the program
    kind = _Inert if inert else io.TextIOWrapper
    sys.stdout = _forgiving(sys.stdout, sys.__stdout__, 1, kind)
    sys.stderr = _forgiving(sys.stderr, sys.__stderr__, 2, kind)


def _forgiving(
    present: TextIO | None, original: TextIO | None, number: int, kind: type[io.TextIOWrapper]
) -> TextIO:
    """Return a stream that can't fail; one that somebody has put into its place stays there."""
    if present is not original:
        assert present is not None
        return present
    return kind(
        io.BufferedWriter(_Mouth(number, "w", closefd=False)),
        encoding=present.encoding if present else "utf-8",
        errors="replace",  # a terminal without "±" shows a question mark
        line_buffering=os.isatty(number),
        write_through=isinstance(present, io.TextIOWrapper) and present.write_through,
    )


def _silence(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere == number:
        os.set_inheritable(number, True)
    else:
        os.dup2(nowhere, number)
        os.close(nowhere)
