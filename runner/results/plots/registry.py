"""The kinds of plots: each module here declares its own, with what its file is called and shows."""

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from runner.results import plots
from runner.results.figures.spec import FigureSpec
from runner.results.read.runs import Run
from runner.results.sweep import Sweep
from runner.results.sweep_view import SweepView

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Drawn = Iterator["FigureSpec | Figure"]
"""The figures of one kind: none where there is nothing that it could show."""
OfRun = Callable[[Run, str], Drawn]
OfSweep = Callable[[Sweep, SweepView], Drawn]
PLOTS: dict[str, "Plot"] = {}


@dataclass
class Plot:
    """A kind of plot, known from the moment it is made.

    Attributes:
        name: What its file is called; of several the beginning, before a ``_``.
        caption: What it shows, in a sentence, for those who do not see it as well.
        redrawn: Whether the report has figures of its own of the same.
        draw_run: Draws a run; gets its title too.
        draw_sweep: Draws a sweep; gets its view too.
    """

    name: str
    caption: str = ""
    redrawn: bool = False
    draw_run: OfRun | None = field(default=None, init=False)
    draw_sweep: OfSweep | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.name in PLOTS:
            raise ValueError(f"There are two plots called '{self.name}'.")
        PLOTS[self.name] = self

    def of_run(self, draw: OfRun) -> OfRun:
        """Have a run drawn by a function."""
        self.draw_run = draw
        return draw

    def of_sweep(self, draw: OfSweep) -> OfSweep:
        """Have a sweep drawn by a function."""
        self.draw_sweep = draw
        return draw


def every_plot() -> list[Plot]:
    """All kinds that the modules of this package declare: what the report redraws, then by name."""
    for module in pkgutil.iter_modules(plots.__path__):
        import_module(f"{plots.__name__}.{module.name}")
    return sorted(PLOTS.values(), key=lambda plot: "" if plot.redrawn else plot.name)


def find_plot(stem: str) -> Plot | None:
    """The kind of plot that a file shows, by its name without its ending."""
    found = [plot for plot in every_plot() if f"{stem}_".startswith(f"{plot.name}_")]
    return max(found, key=lambda plot: len(plot.name), default=None)
