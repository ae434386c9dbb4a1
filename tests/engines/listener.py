"""A job's program: writes down when it begins, and every signal that it hears; none ends it.

Usage: listener.py FOLDER SECONDS. What task 1 of an array says is in FOLDER/1, what a job without
an array says in FOLDER/none: a line for each moment, with the time, the node and the restarts.
"""

import os
import signal
import sys
import time
from pathlib import Path

NAMES = ("CONT", "HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "XCPU")


def say(what: str) -> None:
    node, restarts = os.environ["SLURMD_NODENAME"], os.environ.get("SLURM_RESTART_COUNT", "0")
    path = Path(sys.argv[1], os.environ.get("SLURM_ARRAY_TASK_ID", "none"))
    with path.open("a") as file:
        file.write(f"{time.time():.2f} {node} {restarts} {what}\n")


def main() -> None:
    for name in NAMES:
        number = getattr(signal, f"SIG{name}")
        signal.signal(number, lambda number, frame: say(signal.Signals(number).name))
    say("begins")
    end = time.monotonic() + float(sys.argv[2])
    while time.monotonic() < end:
        time.sleep(0.05)
    say("ends")


main()
