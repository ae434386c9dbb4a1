"""The commands that read folders of others, each case in a process of its own with bounded memory.

A server imports them once and forks for each case; it is told of a case by a line of JSON on its
standard input, and answers by one: exit codes, seconds of processor time, bytes of memory.
"""

import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

CRASHED = 99
HUNG = 98
MOST_SECONDS = 180  # of a busy machine's clock
MEMORY = 3 << 30  # bytes of addresses beyond those of what is imported


def main() -> None:
    """Answer until nobody asks."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    doors = _doors()
    for line in sys.stdin:
        answers.write(json.dumps(_tried(json.loads(line), doors)) + "\n")


def _tried(case: dict[str, Any], doors: dict[str, Callable[[Path], int]]) -> dict[str, Any]:
    child = os.fork()
    if not child:
        _open(case, doors)
    end = time.monotonic() + MOST_SECONDS
    while not (found := os.wait4(child, os.WNOHANG))[0]:
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.02)
    kept = Path(case["told"])
    told = json.loads(kept.read_text()) if kept.exists() else {"codes": {}, "seconds": {}}
    ended = os.waitstatus_to_exitcode(found[1])
    if ended:
        told["codes"]["process"] = HUNG if ended == -signal.SIGKILL else ended
    return {**told, "bytes": found[2].ru_maxrss << 10}


def _open(case: dict[str, Any], doors: dict[str, Callable[[Path], int]]) -> NoReturn:
    os.chdir(case["here"])
    said = os.open(case["said"], os.O_CREAT | os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(said, stream)
    addresses = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (addresses + MEMORY,) * 2)
    codes, seconds = {}, {}
    for name in case["doors"]:
        before = time.process_time()
        try:
            codes[name] = doors[name](Path(os.fsdecode(bytes.fromhex(case["folder"]))))
        except BaseException:
            traceback.print_exc()
            codes[name] = CRASHED
        seconds[name] = time.process_time() - before
        sys.stdout.flush()
        sys.stderr.flush()
    Path(case["told"]).write_text(json.dumps({"codes": codes, "seconds": seconds}))
    os._exit(0)


def _doors() -> dict[str, Callable[[Path], int]]:
    from runner import compare, main, report, runs
    from runner.errors import RequestError
    from runner.results import compare as _  # noqa: F401 - imported once, not in each case
    from runner.results.compare import write  # noqa: F401
    from runner.results.find import entries  # noqa: F401
    from runner.results.plots import draw  # noqa: F401
    from runner.results.report import index  # noqa: F401
    from runner.speech import speak_though_nobody_hears
    from runner.trained import load_model

    def load(folder: Path) -> int:
        speak_though_nobody_hears(inert=True)
        try:
            load_model(folder)
        except RequestError as error:
            print(error)
            return 2
        return 0

    def study(folder: Path) -> int:
        sys.argv = ["runner", "experiment=theirs", "--dry-run"]
        return main.main()

    return {
        "report": lambda folder: report.main([str(folder)]),
        "markdown": lambda folder: report.main([str(folder), "--markdown"]),
        "index": lambda folder: report.main([str(folder.parent)]),
        "runs": lambda folder: runs.main(["--in", str(folder.parent), "--all"]),
        "compare": lambda folder: compare.main([os.environ["GOOD"], str(folder), "--out", "out"]),
        "load": load,
        "study": study,
    }


if __name__ == "__main__":
    main()
