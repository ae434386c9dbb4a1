"""Where the wall time of this program's command goes: ``python -m benchmarks.split FILE WORDS…``.

It runs ``python -m runner WORDS…`` in this process. A thread looks at the main thread's stack every
two milliseconds and books the time since its last look on the part that the stack is in; FILE gets
them as JSON. Some native code holds Python's lock while it works (loading a library does), and the
look comes after it: the time is booked on what called it, or on what came next. The looks cost a
little, so the command's seconds are taken without them.
"""

import json
import runpy
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY = 0.002
PARTS = {
    "train": (
        *("runner/engine/", "runner/optim/", "runner/models/", "runner/losses/"),
        "runner/crew/processes.py",  # it waits for workers
    ),
    "test": ("runner/engine/measure.py",),
    "load": ("runner/datasets/", "sklearn/datasets/"),
    "compile": ("runner/build.py", "runner/tryout.py", "runner/engine/members.py"),
    "search": ("runner/search/", "optuna/"),
    "compose": ("runner/request/", "runner/config", "hydra/", "omegaconf/"),
    "write": (
        *("runner/results/", "runner/atomic_write.py", "runner/engine/recorder.py"),
        *("runner/engine/checkpoint.py", "runner/engine/saves.py", "matplotlib/"),
    ),
}
# The longest place that fits names the part: a file before its folder.
PLACES = sorted(
    ((place, part) for part, places in PARTS.items() for place in places),
    key=lambda pair: -len(pair[0]),
)


def part_of(frame: FrameType | None) -> str:
    """Return the part that a stack is in: importing, else the innermost frame that names one."""
    found = ""
    while frame is not None:
        if "importlib._bootstrap" in frame.f_code.co_filename:
            return "import"
        found = found or _named(frame.f_code.co_filename)
        frame = frame.f_back
    return found or "other"


def _named(file: str) -> str:
    return next((part for place, part in PLACES if f"/{place}" in file), "")


class Looks(threading.Thread):
    """Looks at the main thread's stack again and again."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seconds: Counter[str] = Counter()
        self.main = threading.get_ident()
        self.over = threading.Event()

    def run(self) -> None:
        """Look until it is over."""
        last = time.perf_counter()
        while not self.over.wait(EVERY):
            part, now = part_of(sys._current_frames().get(self.main)), time.perf_counter()
            self.seconds[part] += now - last
            last = now


def main(file: str, *words: str) -> None:
    """Run the command, and write where its time went, whatever its exit."""
    from runner import process_end

    looks = Looks()

    def end(code: int) -> None:
        looks.over.set()
        looks.join()
        Path(file).write_text(json.dumps(looks.seconds), encoding="utf-8")
        sys.exit(code)

    process_end.end_process = end  # the command would end the process before it is written
    sys.argv = ["runner", *words]
    looks.start()
    runpy.run_module("runner", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
