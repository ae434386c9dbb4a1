"""What print makes of a figure's description: where words go, and what lies over what."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from runner.results.figures import mpl
from runner.results.figures.colours import Legend, entries_of
from runner.results.figures.marks import Lines
from runner.results.figures.scales import value_axis
from runner.results.figures.spec import FigureSpec, Panel

X = np.linspace(0.0, 1.0, 9)
LONG = "train loss (half squared error, standardised)\nrunning mean"


def banded(count: int, label: str = "loss", panels: int = 1) -> FigureSpec:
    """Flat lines at the bottom, the bands around them wedges that open to the right."""
    lines = tuple(Lines(X, 0 * X, number, low=0 * X, high=X) for number in range(count))
    panel = Panel(value_axis("epoch", X), value_axis(label, X), lines)
    return FigureSpec("", (panel,) * panels, Legend("", entries_of(["a"] * count)))


def test_a_legend_on_axes_of_ones_own_keeps_clear_of_bands() -> None:
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    mpl.draw_on(axes, banded(1))
    figure.canvas.draw()
    (legend, (band,)) = (axes.get_legend(), axes.patches)
    assert legend is not None
    outline = band.get_path().transformed(band.get_transform())
    assert not outline.intersects_bbox(legend.get_window_extent(), filled=True)
    # Where there is no free place, its words stand on paper of their own.
    assert legend.get_frame_on()


def test_many_bands_are_paler_than_few() -> None:
    shades = [mpl.draw(banded(count)).axes[0].patches[0].get_alpha() for count in (1, 3, 6)]
    assert shades[0] == shades[1] == pytest.approx(2 * shades[2])


def test_long_labels_are_broken_and_stay_beside_their_panel() -> None:
    figure = mpl.draw(banded(1, LONG, 2))
    figure.canvas.draw()
    left, right = figure.axes
    for axes in (left, right):
        words, panel = axes.yaxis.label.get_window_extent(), axes.get_window_extent()
        assert words.y0 >= panel.y0 and words.y1 <= panel.y1
    assert right.yaxis.label.get_window_extent().x0 > left.get_window_extent().x1
    assert left.get_ylabel().replace("\n", " ") == LONG.replace("\n", " ")
    own = Figure(figsize=(3, 2))
    FigureCanvasAgg(own)
    axes = own.add_subplot()
    mpl.draw_on(axes, banded(1, LONG))
    assert axes.yaxis.label.get_window_extent().height <= axes.get_window_extent().height


def test_axes_of_one_scale_have_the_same_ticks() -> None:
    x, y = value_axis("true", [19, 70]), value_axis("fitted", [19, 70])
    (axes,) = mpl.draw(FigureSpec("", (Panel(x, y, width=3.3, height=3.3),))).axes
    assert axes.get_xticks().tolist() == axes.get_yticks().tolist()
    assert axes.get_xlim() == axes.get_ylim() == x.span
