"""Colours of figures: of a legend's entries, on white and on black, and of shaded numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

import numpy as np

# Okabe and Ito's colours, told apart by the colour-blind as well; each is seen on white and black.
APART = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
ON_BLACK = ("#4DA3DB", "#F07F33", "#2BBF94", "#D992BC", "#F0B429", "#7CC7EF", "#A6A6A6")
Marker = Literal["o", "s", "^", "D", "x", "dash"]
FAILED = "#B2182B"
# Every sixteenth shade of viridis (van der Walt and Smith, 2015), as red, green and blue.
VIRIDIS = np.array([
    (68, 1, 84), (71, 24, 106), (71, 44, 123), (66, 64, 133), (58, 82, 139), (50, 98, 141),
    (44, 114, 142), (38, 129, 142), (32, 144, 140), (30, 158, 136), (39, 173, 128),
    (61, 187, 116), (91, 200, 98), (129, 211, 76), (170, 219, 50), (212, 225, 26), (253, 231, 36),
])  # fmt: skip
# Without its ends: the palest vanishes on white, the darkest on black.
PALEST, DARKEST = 0.92, 0.12


@dataclass(frozen=True)
class Entry:
    """An entry of a legend.

    Attributes:
        label: What it is called; one without a label is not listed.
        white: Its colour on white.
        black: Its colour on black.
        dashes: How its lines are dashed.
        marker: The mark that it is shown by; None for a line alone.
        line: Whether it is shown by a line.
    """

    label: str
    white: str
    black: str
    dashes: str = "-"
    marker: Marker | None = None
    line: bool = True


SPLITS = {
    "train": Entry("train", APART[0], ON_BLACK[0], "-", "o"),
    "val": Entry("val", APART[4], ON_BLACK[4], "--", "s"),
    "test": Entry("test", APART[1], ON_BLACK[1], "-.", "^"),
}
LOST = Entry("did not end well", FAILED, FAILED, "--", "x")


@dataclass(frozen=True)
class Legend:
    """What a figure tells apart by colour.

    Attributes:
        title: What the entries are values of.
        entries: The entries.
    """

    title: str = ""
    entries: tuple[Entry, ...] = field(default=())

    @property
    def named(self) -> bool:
        """Whether there is anything to list."""
        return any(self.labels)

    @property
    def labels(self) -> list[str]:
        """What each entry is called."""
        return [entry.label for entry in self.entries]

    @property
    def colours(self) -> list[tuple[str, str]]:
        """The colour of each entry on white, and on black."""
        return [(entry.white, entry.black) for entry in self.entries]


def entries_of(labels: Sequence[str], ordered: bool = False) -> tuple[Entry, ...]:
    """Entries with a colour each.

    Args:
        labels: What they are called.
        ordered: Whether they have an order, and so shades rather than colours apart.
    """
    count = len(labels)
    colours = list(zip(APART, ON_BLACK, strict=True))
    if ordered or count > len(APART):
        steps = [i / max(1, count - 1) for i in range(count)]
        colours = [(viridis(0.8 * step), viridis(0.3 + 0.7 * step)) for step in steps]
    return tuple(Entry(label, *pair) for label, pair in zip(labels, colours, strict=False))


def viridis(place: float) -> str:
    """The shade at a place of the scale, from 0, the darkest, to 1."""
    known = np.linspace(0, 1, len(VIRIDIS))
    return "#" + "".join(f"{round(np.interp(place, known, part)):02x}" for part in VIRIDIS.T)


@cache
def shades() -> tuple[str, ...]:
    """The shades of numbers, the palest, for the lowest, first."""
    return tuple(viridis(place) for place in np.linspace(PALEST, DARKEST, 205))
