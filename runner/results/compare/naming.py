"""What the sides of a comparison are called: by what they are, not by when they were started."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from runner.results.compare.comparison import Comparison
from runner.results.compare.sides import Side
from runner.results.compare.words import differing
from runner.results.labels import short

MOST_KEYS = 3
CLOCK = re.compile(r"[\d/\\_:.T+-]+")


class Names(NamedTuple):
    """How a page calls the sides.

    Attributes:
        shared: What they have in common: ``digits, mlp``; may be empty.
        each: What tells them apart, a name for each.
    """

    shared: str
    each: list[str]

    @property
    def title(self) -> str:
        """The sides in one line."""
        first, *others = self.each
        count = len(others)
        against = " and ".join(others) if count < 3 else f"{count} sides"
        shared = f"{self.shared}: " if self.shared else ""
        return f"{shared}{against} compared with {first}"


def names_of(comparison: Comparison) -> Names:
    """Name the sides by dataset, model and swept keys, and where these are equal by what differs.

    Args:
        comparison: The sides compared.

    Returns:
        Their names, all different. Where nothing else tells them apart it is the ends of their
        paths, or their letters where those are but times.
    """
    sides = comparison.sides
    what, swept = [_what(side) for side in sides], [_swept(side) for side in sides]
    whole = [" by ".join(filter(None, pair)) for pair in zip(what, swept, strict=True)]
    if len({*what}) == 1 and what[0] and _distinct(swept):
        return Names(what[0], swept)
    if _distinct(whole):
        return Names("", whole)
    shared = whole[0] if len({*whole}) == 1 else ""
    return Names(shared, _by_value(comparison) or _by_path(comparison))


def _what(side: Side) -> str:
    """Dataset and model; nothing of a CSV file, which does not tell."""
    names = [side.config.get(f"{group}.name") for group in ("dataset", "model")]
    if names[0] == "none":
        names = [side.config.get("loss.name")]
    return ", ".join(str(name) for name in names if name is not None)


def _swept(side: Side) -> str:
    more = [f"{len(side.keys) - MOST_KEYS} more"] if len(side.keys) > MOST_KEYS else []
    return ", ".join([*(short(key, 60) for key in side.keys[:MOST_KEYS]), *more])


def _by_value(comparison: Comparison) -> list[str]:
    """``optim.name=adam``, where one key differs, or one component; else nothing."""
    rows = differing(comparison)
    rows = [row for row in rows if row[0].endswith(".name")] or rows
    names = [f"{rows[0][0]}={value}" for value in rows[0][1:]] if len(rows) == 1 else []
    return names if _distinct(names) else []


def _by_path(comparison: Comparison) -> list[str]:
    ends = _ends_of([side.path for side in comparison.sides])
    if not _distinct(ends) or any(CLOCK.fullmatch(end) for end in ends):
        return comparison.names
    return ends


def _distinct(names: Sequence[str]) -> bool:
    return all(names) and len({*names}) == len(names) > 0


def _ends_of(paths: Sequence[str]) -> list[str]:
    """The paths from where they part."""
    parts = [Path(path).parts for path in paths]
    shared = next((i for i, of in enumerate(zip(*parts, strict=False)) if len({*of}) > 1), 0)
    ends = ["/".join(of[shared:]) for of in parts]
    return ends if all(ends) else list(paths)
