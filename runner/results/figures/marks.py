"""Marks of figures: lines, dots with or without bars, tiles, words and rules, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from runner.results.figures.colours import Marker

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]
Colour = int | str
"""The number of an entry of the legend, or a colour itself; `INK` is that of the text."""
INK = "ink"
Numbers = TypeVar("Numbers", "pd.Series[float]", pd.DataFrame)
Tips = Mapping[str, str | Sequence[str]]
"""What pointing at a mark tells: a name with ``"x"``, ``"y"`` or ``"value"``, or with words."""
CURVE_TIPS: Tips = {"epoch": "x", "value": "y"}


@dataclass(frozen=True)
class Lines:
    """Lines of one colour, or coloured by a number each.

    Attributes:
        x: Positions across, (K,).
        y: Positions upwards, (K,), ``nan`` where there is nothing.
        colour: The lines' colour.
        parts: The number of the line that each position belongs to, (K,), each one's together;
            None for one line.
        runs: Whether these numbers are jobs, so that a page can keep to some runs.
        values: A number for each line instead of a colour.
        low: Where a band around a single line begins, (K,).
        high: Where it ends.
        band: Whether it is drawn, rather than only told.
        dashes: How the lines are dashed; None leaves it to the entry of the legend.
        width: In points.
        alpha: 1 for opaque.
        marked: Whether print has the entry's marker at each position.
        tips: What pointing at a line tells.
        tag: What a page fills it with: ``"mean"``, the means of the dots that are shown.
        group: The group of dots that these means are of.
        steps: The steps at these positions, which a page may show instead of epochs, (K,).
    """

    x: Floats
    y: Floats
    colour: Colour = INK
    parts: Ints | None = None
    runs: bool = False
    values: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None
    band: bool = True
    dashes: str | None = None
    width: float = 1.5
    alpha: float = 1.0
    marked: bool = False
    tips: Tips = field(default_factory=dict)
    tag: str = ""
    group: int = 0
    steps: Floats | None = None

    @property
    def has_band(self) -> bool:
        """Whether a band is drawn around it."""
        return self.band and self.low is not None and self.high is not None

    @property
    def breaks(self) -> Ints:
        """Where one line ends and the next begins."""
        if self.parts is None:
            return np.empty(0, np.int64)
        return np.flatnonzero(self.parts[1:] != self.parts[:-1]) + 1

    @property
    def names(self) -> list[int]:
        """The number of each line."""
        return (
            []
            if self.parts is None or not len(self.parts)
            else self.parts[[0, *self.breaks]].tolist()
        )

    @property
    def is_dots(self) -> bool:
        """Whether there is nothing to join by a line."""
        return bool(np.isfinite(self.y).sum() <= 1 or len(np.unique(self.x)) == 1)

    def thinned(self, step: int) -> "Lines":
        """The same with every so many positions of each line, and its last."""
        starts = np.concatenate([[0], self.breaks])
        sizes = np.diff(np.append(starts, len(self.x)))
        place = np.arange(len(self.x)) - np.repeat(starts, sizes)
        kept = (place % step == 0) | (place == np.repeat(sizes, sizes) - 1)
        columns = {
            name: getattr(self, name) for name in ("x", "y", "parts", "low", "high", "steps")
        }
        some: dict[str, Any] = {
            name: None if found is None else found[kept] for name, found in columns.items()
        }
        tips = {
            n: t if isinstance(t, str) else list(np.array(t)[kept]) for n, t in self.tips.items()
        }
        return replace(self, tips=tips, **some)


@dataclass(frozen=True)
class Dots:
    """Marks at positions, with or without a bar around them.

    Attributes:
        x: Positions across, (K,).
        y: Positions upwards.
        colour: Their colour.
        marker: Their shape.
        size: How wide they are, in pixels of a page.
        alpha: 1 for opaque.
        hollow: Whether only their edges are drawn.
        values: A number for each instead of a colour, (K,).
        low: Where a bar begins around each, (K,).
        high: Where it ends.
        upright: Whether bars stand rather than lie.
        jobs: The run that each is, (K,), where a page is to keep to some runs.
        tips: What pointing at a mark tells.
        tag: What a page fills it with: ``"mean"``; or ``"lost"``, runs that have no part in means.
        group: The group of dots that these means are of.
        places: Where dots belong that stand aside to be seen, (K,).
        groups: The group of each, (K,).
    """

    x: Floats
    y: Floats
    colour: Colour = INK
    marker: Marker = "o"
    size: float = 8
    alpha: float = 1.0
    hollow: bool = False
    values: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None
    upright: bool = True
    jobs: Ints | None = None
    tips: Tips = field(default_factory=dict)
    tag: str = ""
    group: int = 0
    places: Floats | None = None
    groups: Ints | None = None


@dataclass(frozen=True)
class Tiles:
    """The cells of a heat map, each of one by one, coloured by a number.

    Attributes:
        x: The column of each, (K,).
        y: Its row.
        values: Its number.
        words: What is written in it, for all or none.
        tips: What pointing at a cell tells.
    """

    x: Floats
    y: Floats
    values: Floats
    words: Sequence[str] = ()
    tips: Tips = field(default_factory=dict)


@dataclass(frozen=True)
class Words:
    """Words in a figure.

    Attributes:
        x: Positions across, (K,).
        y: Positions upwards.
        words: What stands there.
        colour: Their colour.
        before: Whether they end at their positions, on paper of their own, rather than begin there.
    """

    x: Floats
    y: Floats
    words: Sequence[str]
    colour: Colour = INK
    before: bool = False


@dataclass(frozen=True)
class Rule:
    """A line from the bottom of a panel to its top."""

    at: float
    colour: Colour = INK


Mark = Lines | Dots | Tiles | Words | Rule


def finite(values: Numbers) -> Numbers:
    """Numbers of a table, ``nan`` for those that are not finite."""
    return values.where(np.isfinite(values))
