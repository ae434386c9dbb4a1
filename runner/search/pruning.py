"""Which points of a round are let go, and when.

Source of successive halving: "Non-stochastic Best Arm Identification and Hyperparameter
Optimization" (Jamieson and Talwalkar, 2016); Dive into Deep Learning, section 19.4. Of the median
rule: "Google Vizier" (Golovin and others, 2017), section 3.2.
"""

from collections.abc import Mapping, Sequence
from math import isinf
from statistics import median

from runner.columns import Direction
from runner.request.searching import Settings
from runner.request.sweeper_keys import NODE
from runner.results.labels import counted


def rungs(epochs: int, eta: int, least: int) -> list[int]:
    """Return the epochs after which the worst are let go, in order; the last epoch is none.

    Args:
        epochs: What a point is trained to at most.
        eta: The ratio of each rung to the one below.
        least: The first rung is not before this epoch.

    Returns:
        ``[1, 3, 9]`` for 27 epochs, eta 3, from epoch 1 on.
    """
    found: list[int] = []
    rung = epochs // eta
    while rung >= least:
        found.append(rung)
        rung //= eta
    return found[::-1]


def rungs_of(settings: Settings, epochs: int) -> list[int]:
    """Return the rungs of a search; none where nothing is let go."""
    return [] if settings.prune == "none" else rungs(epochs, settings.eta, settings.min_epochs)


def too_few(settings: Settings) -> str | None:
    """Say where a round has too few points for halving to choose one in ``eta`` of them."""
    sizes, eta = settings.sizes, settings.eta
    if settings.prune != "halving" or sizes[-1] >= eta:
        return None
    which, size = ("A round", sizes[0]) if sizes[0] < eta else ("The last round", sizes[-1])
    return (
        f"{which} has {counted(size, 'point')}, fewer than {NODE}.eta={eta}: the best is trained "
        "to the end, however good it is."
    )


def halved(values: Mapping[int, float], eta: int, direction: Direction) -> list[int]:
    """Return which points successive halving lets go: all but one in eta; one at least stays.

    Args:
        values: Of the points that are in the race, by number; the earlier wins a tie.
        eta: One in so many stays.
        direction: Which way is better.
    """
    sign = 1 if direction == "lower" else -1
    best_first = sorted(values, key=lambda number: (sign * values[number], number))
    return sorted(best_first[max(1, len(values) // eta) :])


def worse_than_median(
    values: Mapping[int, float], before: Sequence[float], direction: Direction
) -> list[int]:
    """Return which points the median rule lets go: those worse than the median at their rung.

    What diverged, and so has an infinite value, is one of them wherever the median lies.

    Args:
        values: Of the points that are in the race, by number.
        before: What the points of earlier rounds had at the same rung.
        direction: Which way is better.
    """
    sign = 1 if direction == "lower" else -1
    middle = sign * median([*values.values(), *before])
    return [n for n, v in sorted(values.items()) if sign * v > middle or isinf(v)]
