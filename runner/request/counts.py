"""How many points a request has: counted before any of them is made."""

import math
from collections.abc import Iterable
from typing import Any

from hydra.core.override_parser.types import Override, RangeSweep

from runner.errors import RequestError

MOST = 1_000_000
MANY = 2_000  # runs that are composed and checked in about a second


def check_number_of_points(overrides: Iterable[Override]) -> None:
    """Refuse a request with too many points, by the lengths of its lists and ranges alone.

    Args:
        overrides: One per key.

    Raises:
        RequestError: The combinations of their values are too many, or a range has no end.
    """
    points = number_of_points(overrides)
    if points > MOST:
        raise RequestError(f"That is {points:,} points; a sweep takes at most {MOST:,}.")


def number_of_points(overrides: Iterable[Override]) -> int:
    """Return how many combinations of values there are, repeats left out.

    Args:
        overrides: One per key.

    Raises:
        RequestError: A range has no end.
    """
    return math.prod(map(_number_of_values, overrides))


def check_number_of_runs(points: int, repeats: Any) -> None:
    """Refuse too many runs, and say how many there are where to check them takes its time.

    Args:
        points: How many points there are.
        repeats: How often each is repeated; what is no whole number is refused elsewhere.

    Raises:
        RequestError: They are too many.
    """
    runs = points * repeats if type(repeats) is int else points
    if runs > MOST:
        raise RequestError(
            f"{points:,} points with {repeats:,} repeats are {runs:,} runs; a sweep takes at most "
            f"{MOST:,}."
        )
    if runs > MANY:
        print(f"{runs:,} runs are checked before the first begins.", flush=True)


def _number_of_values(override: Override) -> int:
    if not override.is_sweep_override() or not override.is_discrete_sweep():
        return 1
    value = override.value()
    if isinstance(value, RangeSweep):
        return _length(value, override.input_line)
    return sum(1 for _ in override.sweep_string_iterator())


def _length(values: RangeSweep, line: str | None) -> int:
    assert values.start is not None and values.stop is not None
    if not values.step:
        raise RequestError(f"{line} has no end: its step is 0.")
    length = (values.stop - values.start) / values.step
    if not math.isfinite(length):
        raise RequestError(f"{line} has no end.")
    return max(0, math.ceil(length))
