"""Values that nobody should try again: where every point diverged."""

from collections.abc import Iterator, Mapping, Sequence

from runner.request.dimensions import Dimension

FEWEST = 3  # points that say so together


def to_avoid(
    dimensions: Sequence[Dimension], points: Sequence[Mapping[str, str]], diverged: Sequence[bool]
) -> list[str]:
    """Return in words the values at which every point diverged.

    Args:
        dimensions: What was searched over.
        points: The values of each point, by key.
        diverged: Which of them diverged.
    """
    told: list[str] = []
    for dimension in dimensions:
        key = dimension.key
        seen = [(point[key], d) for point, d in zip(points, diverged, strict=True) if key in point]
        find = _choices if dimension.values else _ends
        told += [f"{key}{where}: all {n} points diverged" for where, n in find(seen)]
    return told


def _choices(seen: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, int]]:
    for value in dict.fromkeys(value for value, _ in seen):
        found = [is_lost for other, is_lost in seen if other == value]
        if len(found) >= FEWEST and all(found):
            yield f"={value}", len(found)


def _ends(seen: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, int]]:
    """Both ends of an interval, as far as every point from there on diverged."""
    rising = sorted(((float(value), is_lost) for value, is_lost in seen), key=lambda one: one[0])
    if all(is_lost for _, is_lost in rising):
        return
    for sign, ordered in (("≤", rising), ("≥", rising[::-1])):
        lost = next(i for i, (_, is_lost) in enumerate(ordered) if not is_lost)
        if lost >= FEWEST:
            yield f" {sign} {ordered[lost - 1][0]:g}", lost
