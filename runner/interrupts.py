"""Interruptions that wait for the end of a step: nothing is saved half-done."""

import os
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

SHOW_CURSOR = b"\x1b[?25h\n"  # a bar hides it, and has no time to take itself away
MOMENT = 1.0  # seconds that a step has to come to its end after a second signal
# Not every system has a terminal that hangs up.
SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Interruption(KeyboardInterrupt):
    """A signal that asks the program to end.

    Attributes:
        number: Which; the exit code is 128 more.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Raise an `Interruption`; the handler of every signal that asks the program to end."""
    _leave_terminal(number)
    raise Interruption(number)


def stop_at_once(number: int) -> NoReturn:
    """End the program without another word: its files are whole at every moment."""
    os._exit(128 + number)


def stop_training(number: int) -> NoReturn:
    """End the program in the middle of training, and say how to go on."""
    with suppress(OSError):  # nobody hears it
        if os.isatty(1):
            os.write(1, SHOW_CURSOR)
        os.write(2, b"Stopped; python -m runner --resume FOLDER goes on from the last save.\n")
    stop_at_once(number)


@contextmanager
def ending_at_once() -> Iterator[None]:
    """Let a signal end the program inside the block, with one word: for imports.

    They take seconds and write nothing, and an exception raised in the middle of one may be
    swallowed there, or come out as another.
    """
    before = {number: signal.signal(number, _say_so_and_end) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


@contextmanager
def held_back(
    told: Callable[[], None] = lambda: None, at_once: Callable[[int], None] = stop_at_once
) -> Iterator[Callable[[], None]]:
    """Hold a signal back inside the block; a second one ends the program at once.

    Args:
        told: Called when the first signal comes: a step may take its time.
        at_once: Called with the number of the second one.

    Yields:
        To be called wherever an interruption may come: it lets the handler that was there before
        have the signal, which raises, if there was one. So does the end of the block.
    """
    held: list[int] = []
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def hold(number: int, frame: object) -> None:
        """Keep the first signal for ``release``; end the program at the second."""
        held.append(number)
        _leave_terminal(number)
        if len(held) > 1:
            at_once(number)
            return
        with suppress(RuntimeError):  # it came in the middle of another word
            told()

    def release() -> None:
        if held:
            handler = before[signal.Signals(held[0])]
            assert callable(handler)
            handler(held[0], None)

    # Handlers can be set in the main thread alone; a default that is no function ends the program.
    ours = [number for number, handler in before.items() if callable(handler)]
    if threading.current_thread() is not threading.main_thread():
        ours = []
    for number in ours:
        signal.signal(number, hold)
    try:
        yield release
    finally:
        for number in ours:
            signal.signal(number, before[number])
    release()


def _say_so_and_end(number: int, frame: FrameType | None) -> NoReturn:
    _leave_terminal(number)
    os.write(2, b"Interrupted.\n")
    stop_at_once(number)


def _leave_terminal(number: int) -> None:
    """Say nothing more to a terminal that has hung up: every word would be an error."""
    if number == getattr(signal, "SIGHUP", None):
        for stream in (1, 2):
            # One that has hung up does not answer that it is a terminal.
            if stat.S_ISCHR(os.fstat(stream).st_mode):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
