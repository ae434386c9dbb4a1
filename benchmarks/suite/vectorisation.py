"""What it gains to do many things at once: numbers in a tensor, runs in a group.

Two vectors of 10,000 numbers, added one number after another and at once; and the 64 runs of
``experiments/vectorisation.yaml``, trained one after another and as one group, without their files,
in turn in one process, on one thread. "Dive into Deep Learning", section "Linear Regression",
"Vectorization for Speed".
"""

from collections.abc import Callable, Iterator

import torch

from benchmarks.rows import Row
from benchmarks.suite.here import configs, rehearse
from benchmarks.timing import in_turn, ratios, seconds, spread
from runner.engine.cost import threads

NUMBERS, ROUNDS = 10_000, 5
AT_ONCE = 1000  # additions at once that are timed together: one is too short for the clock


def measure(numbers: int = NUMBERS, rounds: int = ROUNDS) -> Iterator[Row]:
    """Measure both."""
    study = configs("experiment=vectorisation", "device=cpu")
    with threads(1):
        yield from _pair(f"adding {numbers:,} numbers", *_adding(numbers), AT_ONCE, rounds)
        yield from _pair(
            f"training {len(study)} linear regressions",
            lambda: [rehearse([config]) for config in study],
            lambda: rehearse(study),
            1,
            rounds,
        )


def _adding(numbers: int) -> tuple[Callable[[], None], Callable[[], None]]:
    left, right, total = torch.ones(numbers), torch.ones(numbers), torch.zeros(numbers)

    def one_by_one() -> None:
        for i in range(numbers):
            total[i] = left[i] + right[i]

    def at_once() -> None:
        for _ in range(AT_ONCE):
            torch.add(left, right, out=total)

    return one_by_one, at_once


def _pair(
    workload: str,
    slow: Callable[[], object],
    fast: Callable[[], object],
    times: int,
    rounds: int,
) -> Iterator[Row]:
    """Time both ways in turn; the fast one is done so many times in a call."""
    taken = in_turn(
        {"slow": lambda _: seconds(slow), "fast": lambda _: seconds(fast) / times}, rounds
    )
    yield Row(workload=workload, seconds=spread(taken["fast"]))
    yield Row(
        workload=workload,
        implementation="one after another",
        seconds=spread(taken["slow"]),
        ratio=ratios(taken["slow"], taken["fast"]),
    )
