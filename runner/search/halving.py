"""Successive halving: at each rung one in eta goes on, exactly.

Source: "Non-stochastic Best Arm Identification and Hyperparameter Optimization" (Jamieson and
Talwalkar, 2016); Dive into Deep Learning, section 19.4.
"""

from collections.abc import Mapping

from runner.columns import Direction


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


def losers(values: Mapping[int, float], eta: int, direction: Direction) -> list[int]:
    """Return which points are let go: all but one in eta, and one at least stays.

    Args:
        values: Of the points that are in the race, by number; the earlier wins a tie.
        eta: One in so many stays.
        direction: Which way is better.
    """
    sign = 1 if direction == "lower" else -1
    best_first = sorted(values, key=lambda number: (sign * values[number], number))
    return sorted(best_first[max(1, len(values) // eta) :])
