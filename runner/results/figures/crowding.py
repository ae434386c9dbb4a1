"""Room in a figure: dots that would hide each other stand aside, what is far off is an arrow."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from runner.results.figures.colours import Marker
from runner.results.figures.marks import INK, Dots, Floats, Mark, Words
from runner.results.figures.scales import room_at_top
from runner.results.figures.spec import AxisSpec

WIDTH, HEIGHT = 0.018, 0.03  # of the axes, that a dot takes
MOST_ASIDE = 0.4  # of the way to the next place
FEWEST = 5
FAR = 3.0


def aside(x: Floats, y: Floats, across: AxisSpec, upwards: AxisSpec) -> Floats:
    """Where dots stand so that equal ones are seen side by side, the same for the same dots.

    Args:
        x: Where they belong, (K,).
        y: Their heights.
        across: The axis of the places; it has a span.
        upwards: That of the heights.

    Returns:
        Their places: of those that would touch the first stays, the next go right and left of it,
        at most to the middle between two places.
    """
    places, heights = _share(x, across), _share(y, upwards)
    distinct = np.unique(places)
    room = MOST_ASIDE * (float(np.diff(distinct).min()) if len(distinct) > 1 else 1.0)
    rows = np.round(heights / HEIGHT)
    taken: dict[tuple[float, float], int] = {}
    moved = places.copy()
    for dot, row in enumerate(zip(places.tolist(), rows.tolist(), strict=True)):
        count = taken[row] = taken.get(row, -1) + 1
        step = (count + 1) // 2 * (1 if count % 2 else -1) * WIDTH
        moved[dot] += np.sign(step) * (abs(step) % room if room else 0.0)
    return np.where(moved == places, x, _value(moved, across))


def without_far(values: npt.ArrayLike, log: bool = False) -> Floats:
    """Finite values without the few that would squeeze the others into a corner.

    Args:
        values: Any number of them.
        log: Whether they are drawn on a log scale; only positive ones count then.

    Returns:
        The others, sorted: at either end at most a fifth are left out, whose distance from the rest
        is more than three times the spread of that.
    """
    known = np.asarray(values, np.float64).ravel()
    known = np.sort(known[np.isfinite(known) & ((known > 0) | (not log))])
    at = np.log(known) if log else known
    low, high, count = 0, len(known), len(known) // FEWEST
    for cut in range(len(known) - count, len(known)):
        if at[cut] - at[cut - 1] > FAR * (at[cut - 1] - at[0]) > 0:
            high = cut
            break
    for cut in range(count, 0, -1):
        if at[cut] - at[cut - 1] > FAR * (at[high - 1] - at[cut]) > 0:
            low = cut
            break
    return known[low:high]


def with_arrows(marks: Sequence[Mark], y: AxisSpec) -> tuple[list[Mark], AxisSpec]:
    """Marks with an arrow and a number wherever dots lie beyond the axis.

    Args:
        marks: Marks, of which dots that belong to a place above or below the span are looked for.
        y: The axis upwards, with a span.

    Returns:
        All the marks, and the axis, with room for arrows at the top where there are any.
    """
    low, high = y.span or (-np.inf, np.inf)
    dots = [mark for mark in marks if isinstance(mark, Dots)]
    places = (dot.x if dot.places is None else dot.places for dot in dots)
    at = np.concatenate([np.empty(0), *places])
    heights = np.concatenate([np.empty(0), *(dot.y for dot in dots)])
    lowest = 0.0 if y.kind == "log" else -np.inf
    above, below = heights > high, (heights < low) & (heights > lowest)
    if not above.any() and not below.any():
        return list(marks), y
    span, top = room_at_top(y)
    arrows = [
        *_arrows(at[above], heights[above], top, "^"),
        *_arrows(at[below], -heights[below], low, "v"),
    ]
    return [*marks, *arrows], replace(y, span=span)


def _arrows(x: Floats, far: Floats, height: float, marker: Marker) -> Iterator[Mark]:
    """An arrow at each place, with the number that is the farthest there."""
    places = np.unique(x)
    if not len(places):
        return
    sign = 1 if marker == "^" else -1
    numbers = [f"{sign * far[x == place].max():.3g}" for place in places]
    y = np.full(len(places), height)
    yield Dots(places, y, INK, marker, 9, tips={"far off": numbers})
    yield Words(places, y, numbers, INK)


def _share(values: Floats, axis: AxisSpec) -> Floats:
    """Values as parts of their axis, 0 at its beginning and 1 at its end."""
    low, high = axis.span or (0.0, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        if axis.kind == "log":
            return np.asarray(np.log(values / low) / np.log(high / low))
    return np.asarray((values - low) / (high - low))


def _value(shares: Floats, axis: AxisSpec) -> Floats:
    """The other way round."""
    low, high = axis.span or (0.0, 1.0)
    if axis.kind == "log":
        return np.asarray(low * (high / low) ** shares)
    return np.asarray(low + shares * (high - low))
