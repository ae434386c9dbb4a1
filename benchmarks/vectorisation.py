"""What it gains to do many things at once: numbers in a tensor, runs in a group.

    python benchmarks/vectorisation.py

1. Two vectors of 10,000 numbers, added one number after another and at once.
2. The 64 runs of ``experiments/vectorisation.yaml``, trained one after another and as one group,
   without their files.

"Dive into Deep Learning", section "Linear Regression", "Vectorization for Speed". Both ways run in
turn in this one process, on one thread; medians are printed.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence

import torch

from runner.build import build_group
from runner.config import Config, check
from runner.engine.cost import threads
from runner.engine.train import Quiet, Training
from runner.request.command_line import read
from runner.request.validate import check_request

NUMBERS = 10_000
REPEATS = 5
AT_ONCE = 1000  # additions at once that are timed together: one is too short for the clock
REQUEST = ["experiment=vectorisation", "device=cpu"]


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def adding() -> None:
    """Time additions one by one against all at once."""
    left, right = torch.ones(NUMBERS), torch.ones(NUMBERS)
    total = torch.zeros(NUMBERS)

    def one_by_one() -> None:
        for i in range(NUMBERS):
            total[i] = left[i] + right[i]

    def at_once() -> None:
        for _ in range(AT_ONCE):
            torch.add(left, right, out=total)

    tell(f"1. adding {NUMBERS:,} numbers", one_by_one, at_once, AT_ONCE)


def training() -> None:
    """Time runs one after another against one group."""
    configs = [check(point.resolved) for point in check_request(read(REQUEST)).points]

    def one_after_another() -> None:
        for config in configs:
            train([config])

    tell(f"2. training {len(configs)} runs", one_after_another, lambda: train(configs), 1)


def train(group: Sequence[Config]) -> None:
    Training(build_group(group, []), Quiet()).rehearse(group[0].epochs * steps(group[0]))


def steps(config: Config) -> int:
    return -(-int(config.dataset["train_size"]) // config.batch_size)


def tell(
    what: str, slow: Callable[[], object], fast: Callable[[], object], fast_count: int
) -> None:
    """Time the slow way and the fast one in turn; the fast one is done so many times in a call."""
    fast()
    pairs = [(seconds(slow), seconds(fast) / fast_count) for _ in range(REPEATS)]
    alone = statistics.median(pair[0] for pair in pairs)
    together = statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    print(f"{what}: one after another {alone:.3g} s, at once {together:.3g} s, ratio {ratio:.0f}")


def main() -> int:
    """Take both measurements."""
    print(f"torch {torch.__version__}, 1 CPU thread, {REPEATS} times each")
    with threads(1):
        adding()
        training()
    return 0


if __name__ == "__main__":
    sys.exit(main())
