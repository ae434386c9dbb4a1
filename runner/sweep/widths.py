"""Which width suits a group, from what a step is predicted to cost at each."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import ceil

WIDEST = 1024
PAYS = 0.9  # near ties go to one after another
NEAR = 1.05  # and among widths to the smaller one, which needs less memory


def evenly(members: Sequence[int], widest: int) -> list[tuple[int, ...]]:
    """Cut a group into as few as a width allows, of sizes that differ by one at most."""
    number = ceil(len(members) / widest)
    size, longer = divmod(len(members), number)
    starts = [size * part + min(part, longer) for part in range(number + 1)]
    return [tuple(members[start:end]) for start, end in pairwise(starts)]


def predicted(
    seconds: Callable[[int], float], members: int, widest: int = WIDEST
) -> dict[int, float]:
    """Return the seconds of a step for each member, by the widths that are considered.

    Args:
        seconds: The predicted time of a step at a width.
        members: How many runs there are to cut evenly.
        widest: The largest width that is allowed.

    Returns:
        Largest width of a cut into groups of at most 1, 2, 4, …: the mean over all members.
    """
    powers = [2**power for power in range(WIDEST.bit_length()) if 2**power <= widest]
    cuts = [[len(part) for part in evenly(range(members), width)] for width in powers]
    return {sizes[0]: sum(map(seconds, sizes)) / members for sizes in cuts}


def best(costs: Mapping[int, float]) -> int:
    """Return the width to take: alone, unless a stacked step is predicted to pay clearly."""
    least = min(costs.values())
    width = min(width for width, cost in costs.items() if cost <= NEAR * least)
    return width if costs[width] < PAYS * costs[1] else 1


def told(costs: Mapping[int, float]) -> str:
    """Say what was predicted: ``ms a step and member: 0.49 alone, 0.25 at width 2, 0.13 at 4``."""
    alone, *stacked = (f"{1000 * cost:.3g}" for cost in costs.values())
    widths = [f"{cost} at {width}" for cost, width in zip(stacked, [*costs][1:], strict=True)]
    figures = ", ".join([f"{alone} alone", *widths])
    return "predicted ms per step and run: " + figures.replace(" at ", " at width ", 1)
