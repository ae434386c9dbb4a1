"""The values of a population's members: drawn at first, and changed where one is taken over.

"Population based training of neural networks" (Jaderberg et al., 2017), where it is called explore.
"""

from collections.abc import Mapping, Sequence
from math import exp, log
from random import Random
from typing import Any

from runner.request.dimensions import Dimension
from runner.request.points import parse
from runner.request.populating import Settings
from runner.search.space import typed


def drawn(of: Dimension, draws: Random) -> Any:
    """Draw a value, each as likely as any other on the scale of its interval."""
    if of.values:
        return draws.choice(choices(of))
    if of.step:
        return _number(of, of.low + of.step * draws.randrange(_steps(of)))
    if of.log:
        return _number(of, exp(draws.uniform(log(of.low), log(of.high))))
    return _number(of, draws.uniform(of.low, of.high))


def changed(of: Dimension, value: Any, factor: float, draws: Random) -> Any:
    """Return a value near another.

    Args:
        of: Where it may lie.
        value: The other.
        factor: A number is multiplied or divided by it, whichever the draw says, and stays within
            its ends. Of numbers that are listed or lie a step apart a neighbour is taken; of
            choices that are no numbers any.
        draws: What draws.
    """
    if of.values:
        return _neighbour(choices(of), value, draws)
    if of.step:
        places = [_number(of, of.low + of.step * place) for place in range(_steps(of))]
        return _neighbour(places, value, draws)
    other = value * factor if draws.random() < 0.5 else value / factor
    if of.whole and round(other) == value:
        other = value + (1 if other > value else -1)
    return _number(of, other)


def explored(
    dimensions: Sequence[Dimension], values: Mapping[str, Any], settings: Settings, draws: Random
) -> dict[str, Any]:
    """Return what a member goes on with that took over from one with these values, by key."""
    return {
        of.key: drawn(of, draws)
        if draws.random() < settings.resample
        else changed(of, values[of.key], settings.factor, draws)
        for of in dimensions
    }


def choices(of: Dimension) -> list[Any]:
    """Return the choices as plain values."""
    return [override.value() for override in parse([f"{of.key}={text}" for text in of.values])]


def _neighbour(places: Sequence[Any], value: Any, draws: Random) -> Any:
    if any(type(place) not in (int, float) for place in places):
        return draws.choice(places)
    ordered = sorted(places)
    at = ordered.index(value)
    return draws.choice([ordered[i] for i in (at - 1, at + 1) if 0 <= i < len(ordered)] or ordered)


def _number(of: Dimension, value: float) -> int | float:
    within = min(max(value, of.low), of.high)
    return round(within) if of.whole else float(typed(of, within))


def _steps(of: Dimension) -> int:
    assert of.step
    return round((of.high - of.low) / of.step) + 1
