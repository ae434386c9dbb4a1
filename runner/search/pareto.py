"""The Pareto front: the points of which none other is better in one goal and no worse in any."""

from collections.abc import Mapping, Sequence

from runner.engine.monitor import Monitor


def front(values: Mapping[int, Sequence[float]], goals: Sequence[Monitor]) -> list[int]:
    """Return the points on the Pareto front, the best by the first goal first.

    Args:
        values: Of each point one for each goal.
        goals: Which way each is better.
    """
    signs = [1 if goal.direction == "lower" else -1 for goal in goals]
    costs = {n: [s * v for s, v in zip(signs, own, strict=True)] for n, own in values.items()}
    best = [n for n, own in costs.items() if not any(_beats(o, own) for o in costs.values())]
    return sorted(best, key=lambda number: (costs[number], number))


def _beats(one: Sequence[float], other: Sequence[float]) -> bool:
    pairs = list(zip(one, other, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)
