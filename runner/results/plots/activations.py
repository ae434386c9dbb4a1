"""Activations and their derivatives, side by side."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from runner.results.labels import plain
from runner.results.plots.style import COLOURS, beside, new_figure, tiles

COLUMNS = 4


def activation_curves(arrays: dict[str, Any]) -> Figure:
    """A panel for each activation: the function and, dashed, its derivative.

    "Dive into Deep Learning", section "Multilayer Perceptrons", shows both.

    Args:
        arrays: ``names``, ``x`` (P,), and ``values`` and ``slopes``, each (names, P).
    """
    names = [str(name) for name in arrays["names"]]
    columns = min(COLUMNS, len(names))
    rows = -(-len(names) // columns)
    title = "activations of the sweep, each with its derivative"
    figure = new_figure(2.4 * columns + 0.6, 2.1 * rows + 0.3, title, gap=0.15)
    drawn = tiles(figure, len(names), COLUMNS, sharex=True)
    for axes, name, values, slopes in zip(
        drawn, names, arrays["values"], arrays["slopes"], strict=True
    ):
        axes.axhline(0, color="#BBBBBB", lw=0.8)
        axes.plot(arrays["x"], values, color=COLOURS[0], lw=1.5)
        axes.plot(arrays["x"], slopes, color=COLOURS[1], lw=1.3, ls="--")
        axes.set_title(plain(name), fontsize=9)
    for axes in drawn[-columns:]:
        axes.set_xlabel("x")
        axes.tick_params(labelbottom=True)
    styles = {"f(x)": (COLOURS[0], "-"), "derivative": (COLOURS[1], "--")}
    beside(figure, [Line2D([], [], color=c, ls=ls, label=name) for name, (c, ls) in styles.items()])
    return figure
