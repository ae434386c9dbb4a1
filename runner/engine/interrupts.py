"""Interruptions that wait for the end of a step: nothing is saved half-done."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def held_back() -> Iterator[Callable[[], None]]:
    """Hold signals back inside the block; a second one is meant, and taken at once.

    Yields:
        To be called wherever an interruption may come: it lets the handler that was there before
        have the signal, which raises, if there was one. So does the end of the block.
    """
    held: list[int] = []
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def hold(number: int, frame: object) -> None:
        held.append(number)
        if len(held) > 1:
            release()

    def release() -> None:
        if held:
            handler = before[signal.Signals(held[-1])]
            assert callable(handler)
            handler(held[-1], None)

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
