"""Colours of figures: of a legend's entries, on white and on black, and of shaded numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

import numpy as np

# In the hues of Okabe and Ito (2008), and moved apart: a contrast of 3 to 1 with their ground (WCAG
# 2.1, 1.4.11), and a distance of 24 in CIELAB from each other, with any of the three kinds of
# colour blindness as well (Machado, Oliveira and Fernandes, 2009).
APART = ("#0D3E88", "#EA680B", "#0D7D50", "#C0619E", "#6F4600", "#3395FF", "#362C36")
ON_BLACK = ("#5292F8", "#DA5E13", "#7DFFAA", "#974C8F", "#FFD900", "#CBDEF3", "#757A5C")
Marker = Literal["o", "s", "^", "v", "D", "x", "dash"]
FAILED = "#D0333F"
NO_NUMBER = "#999999"
# Every sixteenth shade of viridis (van der Walt and Smith, 2015), as red, green and blue.
VIRIDIS = np.array([
    (68, 1, 84), (71, 24, 106), (71, 44, 123), (66, 64, 133), (58, 82, 139), (50, 98, 141),
    (44, 114, 142), (38, 129, 142), (32, 144, 140), (30, 158, 136), (39, 173, 128),
    (61, 187, 116), (91, 200, 98), (129, 211, 76), (170, 219, 50), (212, 225, 26), (253, 231, 36),
])  # fmt: skip
PALEST, DARKEST = 0.92, 0.12  # of areas
# Of lines and dots: paler ones vanish on white, darker ones on black.
PALEST_ON_WHITE, DARKEST_ON_BLACK = 0.6, 0.35


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
ENDED = Entry("trained to the end", APART[2], ON_BLACK[2], marker="o", line=False)
LOST = Entry("did not complete", FAILED, FAILED, "--", "x")
PRUNED = Entry("let go early", NO_NUMBER, NO_NUMBER, "-", "o")


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
        colours = [_on_both(step) for step in steps]
    return tuple(Entry(label, *pair) for label, pair in zip(labels, colours, strict=False))


def viridis(place: float) -> str:
    """The shade at a place of the scale, from 0, the darkest, to 1."""
    known = np.linspace(0, 1, len(VIRIDIS))
    return "#" + "".join(f"{round(np.interp(place, known, part)):02x}" for part in VIRIDIS.T)


@cache
def shades() -> tuple[str, ...]:
    """The shades of numbers as areas, the palest, for the lowest, first."""
    return tuple(viridis(place) for place in np.linspace(PALEST, DARKEST, 205))


@cache
def thin_shades() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The shades of numbers as lines and dots, on white and on black: the lowest nearest to it."""
    white, black = zip(*map(_on_both, np.linspace(0, 1, 205)), strict=True)
    return white[::-1], black


def _on_both(step: float) -> tuple[str, str]:
    """A shade between the darkest and the palest that are seen on white, and on black."""
    black = DARKEST_ON_BLACK + (1 - DARKEST_ON_BLACK) * step
    return viridis(PALEST_ON_WHITE * step), viridis(black)
