"""Activations and their derivatives, side by side."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from runner.results.figures.colours import Legend, entries_of
from runner.results.figures.marks import Floats, Lines
from runner.results.figures.scales import value_axis
from runner.results.figures.spec import FigureSpec, Panel
from runner.results.plots.registry import Drawn, Plot
from runner.results.read.runs import read_arrays
from runner.results.sweep import Sweep
from runner.results.sweep_view import SweepView

ACTIVATIONS = Plot("activations", "The activation functions and their derivatives.")


@ACTIVATIONS.of_sweep
def _of_sweep(sweep: Sweep, view: SweepView) -> Drawn:
    if arrays := read_arrays(sweep.folder / "activations.npz"):
        yield activation_curves(arrays)


def activation_curves(arrays: Mapping[str, Floats]) -> FigureSpec:
    """A panel for each activation: the function and, dashed, its derivative.

    "Dive into Deep Learning", section "Multilayer Perceptrons", shows both.

    Args:
        arrays: ``names``, ``x`` (P,), and ``values`` and ``slopes``, each (names, P).
    """
    function, derivative = entries_of(["f(x)", "derivative"])
    legend = Legend("", (function, replace(derivative, dashes="--")))
    columns = zip(arrays["names"], arrays["values"], arrays["slopes"], strict=True)
    panels = tuple(_panel(arrays["x"], str(name), *curves) for name, *curves in columns)
    title = "activations of the sweep, each with its derivative"
    return FigureSpec(title, panels, legend, columns=4, titled=True)


def _panel(x: Floats, name: str, values: Floats, slopes: Floats) -> Panel:
    zero = Lines(x[[0, -1]], np.zeros(2), "#BBBBBB", width=0.8)
    marks = zero, Lines(x, values, 0), Lines(x, slopes, 1)
    y = value_axis("", [0.0, *values, *slopes])
    return Panel(value_axis("x", x), y, marks, name, width=1.9, height=1.7)
