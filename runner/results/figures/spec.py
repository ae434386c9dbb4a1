"""Figure specifications: panels of marks, with axes, a legend and captions, all plain data."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from runner.results.figures.colours import Legend
from runner.results.figures.marks import INK, Lines, Mark

ScaleKind = Literal["linear", "log", "words"]

LARGEST, SMALLEST = 1e300, 1e-300  # the ends of axes


@dataclass(frozen=True)
class AxisSpec:
    """An axis.

    Attributes:
        label: What is written along it.
        kind: ``"words"`` stand at 0, 1, 2, …; numbers lie on a linear or a log scale.
        span: Where it begins and ends; the greater first turns it round. None fits the marks.
        ticks: Positions with what stands there; none leaves them to the renderer.
        whole: Whether ticks stand at whole numbers alone.
        gap: Where a log axis is broken, zero standing apart to the left of it.
        hidden: Whether the axis itself is not drawn.
    """

    label: str = ""
    kind: ScaleKind = "linear"
    span: tuple[float, float] | None = None
    ticks: tuple[tuple[float, str], ...] = ()
    whole: bool = False
    gap: float | None = None
    hidden: bool = False

    def __post_init__(self) -> None:
        """Keep the ends where their distance, and on a log scale their ratio, is a number."""
        if self.span is not None:
            least = SMALLEST if self.kind == "log" else -LARGEST
            low, high = (min(max(end, least), LARGEST) for end in self.span)
            object.__setattr__(self, "span", (low, high))

    def from_zero(self) -> "AxisSpec":
        """The same axis, beginning at zero."""
        return replace(self, span=(0.0, self.span[1])) if self.span else self


@dataclass(frozen=True)
class Shades:
    """Numbers shown as colours, with a bar that tells which.

    Attributes:
        label: What the numbers are.
        low: The number with the palest shade.
        high: That with the darkest.
        log: Whether the shades follow their logarithm.
        thin: Whether they colour lines and dots, rather than areas.
    """

    label: str
    low: float
    high: float
    log: bool = False
    thin: bool = False

    @classmethod
    def over(
        cls, label: str, values: npt.ArrayLike, log: bool = False, thin: bool = False
    ) -> "Shades":
        """Shades for some numbers, those that have a place on the scale."""
        known = np.asarray(values, np.float64)
        known = known[np.isfinite(known) & ((known > 0) | (not log))]
        low, high = (float(known.min()), float(known.max())) if len(known) else (1.0, 1.0)
        wider = low * 1.01 if log else low + max(abs(low) * 0.01, 1e-12)
        return cls(label, low, high if high > low else wider, log, thin)

    def is_dark(self, value: float) -> bool:
        """Whether white words are the easier to read on a number's shade."""
        low, high, at = (np.log(v) if self.log else v for v in (self.low, self.high, value))
        return bool(at - low > 0.5 * (high - low))


@dataclass(frozen=True)
class Panel:
    """Marks over a pair of axes.

    Attributes:
        x: The axis across.
        y: The axis upwards.
        marks: What is drawn, the first the lowest.
        title: What it is called, where there are several.
        caption: What it shows, in sentences, for those who do not see it as well.
        shades: What the marks' numbers are coloured by.
        nothing: Why there is nothing to see; empty where there is something.
        width: Inches in print; a page has its own.
        height: Inches in print, a hundred pixels each on a page.
        picks: Whether a page may mark the run that was chosen in its table.
        columns: Of parallel coordinates the column of each axis, on which a page lets runs be
            asked for.
    """

    x: AxisSpec
    y: AxisSpec
    marks: tuple[Mark, ...] = ()
    title: str = ""
    caption: str = ""
    shades: Shades | None = None
    nothing: str = ""
    width: float = 3.5
    height: float = 2.65
    picks: bool = False
    columns: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many positions its lines have."""
        return sum(len(mark.x) for mark in self.marks if isinstance(mark, Lines))

    def thinned(self, step: int) -> "Panel":
        """The same with every so many positions of its lines."""
        marks = (m.thinned(step) if isinstance(m, Lines) else m for m in self.marks)
        return replace(self, marks=tuple(marks))


@dataclass(frozen=True)
class FigureSpec:
    """A figure.

    Attributes:
        title: What it shows, in a line or two.
        panels: Its parts.
        legend: What the colours tell apart.
        columns: How many panels stand side by side, at the most.
        shared: Whether panels have one vertical axis.
        titled: Whether print has the panels' titles above them.
        name: What its file is called.
        heading: What it is called on a page.
        how: How to read it, in a sentence.
    """

    title: str
    panels: tuple[Panel, ...]
    legend: Legend = field(default_factory=Legend)
    columns: int = 2
    shared: bool = False
    titled: bool = False
    name: str = ""
    heading: str = ""
    how: str = ""

    @property
    def entries(self) -> list[int]:
        """The numbers of the legend's entries that have a mark."""
        colours = (getattr(mark, "colour", INK) for panel in self.panels for mark in panel.marks)
        return sorted({colour for colour in colours if isinstance(colour, int)})


def thinning(panels: Sequence[Panel], most: int) -> int:
    """Every how many positions of a line are drawn, so that a page stays small.

    Args:
        panels: All panels of the page.
        most: How many positions it may have.
    """
    return max(1, -(-sum(panel.size for panel in panels) // most))
