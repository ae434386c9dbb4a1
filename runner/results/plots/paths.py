"""The paths that points took over the functions they minimise, of one or two coordinates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from runner.columns import of_model
from runner.results.figures.colours import APART, entries_of
from runner.results.figures.mpl_layout import beside, legend_key, panel_grid
from runner.results.labels import plain, point_label, short
from runner.results.plots.registry import Drawn, Plot
from runner.results.read.runs import Run, read_arrays
from runner.results.sweep import Sweep
from runner.results.sweep_view import SweepView

Array = npt.NDArray[np.float64]
VALUE = "train/loss"
FEW = 10
MOST_PANELS = 9
# Grey, so that every colour of a path stands out; the lower the darker.
HEIGHTS = LinearSegmentedColormap.from_list("heights", ["#A8A8A8", "#FBFBFB"])
PATH = Plot("path", "The path of the parameters over the function that is minimised.")


@PATH.of_run
def _of_run(run: Run, title: str) -> Drawn:
    for surface in read_surfaces(run.folder):
        yield run_path(surface, run.metrics, title)


@PATH.of_sweep
def _of_sweep(sweep: Sweep, view: SweepView) -> Drawn:
    if surfaces := read_surfaces(sweep.folder):
        yield sweep_paths(view, surfaces)


@dataclass(frozen=True)
class Surface:
    """A function on a grid.

    Attributes:
        name: Its name, with its settings where these matter.
        axes: The grid's coordinates, one array for each.
        values: (X1,), or (X2, X1) where there are two coordinates.
        jobs: The runs that minimised it; none are named beside a single run.
    """

    name: str
    axes: tuple[Array, ...]
    values: Array
    jobs: frozenset[int]


@dataclass(frozen=True)
class Walk:
    """One path.

    Attributes:
        points: (K, 2): x1 and x2, or x1 and f(x), up to where they are numbers no longer.
        whole: Whether they were numbers to the end.
        colour: Its colour.
        strong: Whether it is one of few: drawn broader, its points marked.
    """

    points: Array
    whole: bool
    colour: str
    strong: bool


def read_surfaces(folder: Path) -> list[Surface]:
    """Read the functions that lie beside a run or a sweep, ``surface*.npz``."""
    return [_surface(read_arrays(path)) for path in sorted(folder.glob("surface*.npz"))]


def run_path(surface: Surface, metrics: pd.DataFrame, title: str) -> Figure:
    """The path of one run over the function it minimised.

    Args:
        surface: The function.
        metrics: A row per epoch, as in ``metrics.csv``.
        title: What was run.
    """
    walk = _walk(surface, metrics, APART[0], strong=True)
    title = f"{title}\n{_way(walk, metrics)}{_left([surface], [[walk]])}"
    return _draw([surface], [[walk]], title, [], "")


def sweep_paths(view: SweepView, surfaces: Sequence[Surface]) -> Figure:
    """The paths of a sweep, a panel for each function, a colour for each point where they are few.

    Args:
        view: The sweep.
        surfaces: The functions, at least one.
    """
    shown = list(surfaces[:MOST_PANELS])
    few = len(view.points) <= FEW
    labels = [point_label(values) for values in view.points.itertuples(index=False)]
    entries = entries_of(labels) if few else ()
    of_point = {p: entry.white for p, entry in zip(view.points.index, entries, strict=False)}
    walks = [_walks_over(surface, view, of_point) for surface in shown]
    lines = [legend_key(e.label, e.white, marker="o", ms=3, lw=1.2) for e in entries if e.label]
    title = ", ".join(view.keys) if lines else ""
    return _draw(shown, walks, _title(view, shown, walks), lines, title)


def _surface(arrays: Mapping[str, npt.NDArray[Any]]) -> Surface:
    axes = tuple(arrays[name] for name in ("x1", "x2") if name in arrays)
    jobs = frozenset(int(job) for job in arrays.get("jobs", ()))
    return Surface(str(arrays["name"]), axes, arrays["values"], jobs)


def _walk(surface: Surface, rows: pd.DataFrame, colour: str, strong: bool) -> Walk:
    names = [of_model("x1"), of_model("x2") if len(surface.axes) == 2 else VALUE]
    points = rows[names].to_numpy(np.float64) if set(names) <= {*rows} else np.empty((0, 2))
    known = np.isfinite(points).all(axis=1)
    whole = bool(known.all()) and len(points) > 0
    return Walk(points if whole else points[: int(known.argmin())], whole, colour, strong)


def _walks_over(surface: Surface, view: SweepView, colours: Mapping[int, str]) -> list[Walk]:
    rows = view.curves[view.curves["job"].isin(surface.jobs)]
    return [
        _walk(surface, run, colours.get(run["point"].iloc[0], APART[0]), bool(colours))
        for _, run in rows.groupby("job")
    ]


def _way(walk: Walk, metrics: pd.DataFrame) -> str:
    """From where to where the function went, in words."""
    if not len(walk.points):
        return "no finite point"
    first, last = (float(metrics[VALUE].iloc[row]) for row in (0, len(walk.points) - 1))
    return f"f(x) from {first:.4g} to {last:.4g}, epochs 0 to {len(walk.points) - 1}"


def _title(view: SweepView, surfaces: Sequence[Surface], walks: Sequence[Sequence[Walk]]) -> str:
    by = f" by {view.varies}" if view.keys else ""
    drawn = sum(map(len, walks))
    missing = len(view.runs) - drawn
    fewer = f"; {missing} of {len(view.runs)} runs are not drawn" if missing else ""
    left = _left(surfaces, walks)
    return f"{view.opening}paths{by}\n{view.replicates}{left}{fewer}{view.endings}"


def _left(surfaces: Sequence[Surface], walks: Sequence[Sequence[Walk]]) -> str:
    """How many paths go on outside the picture, in words."""
    pairs = [(s, walk) for s, group in zip(surfaces, walks, strict=True) for walk in group]
    count = sum(not _stays(walk, _view(surface)) for surface, walk in pairs)
    if not count:
        return ""
    if len(pairs) == 1:
        return "; the path leaves the picture"
    return f"; {count} path{'s leave' if count > 1 else ' leaves'} the picture"


def _stays(walk: Walk, view: Array) -> bool:
    inside = (walk.points >= view[:, 0]) & (walk.points <= view[:, 1])
    return walk.whole and bool(inside.all())


def _view(surface: Surface) -> Array:
    """(2, 2): the lowest and the highest of what is shown, across and upwards."""
    across = surface.axes[0]
    if len(surface.axes) == 2:
        upwards = surface.axes[1]
        return np.array([[across[0], across[-1]], [upwards[0], upwards[-1]]])
    low, high = _extent(surface.values)
    margin = 0.06 * (high - low) or 1.0
    return np.array([[across[0], across[-1]], [low - margin, high + margin]])


def _extent(values: Array) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)


def _draw(
    surfaces: Sequence[Surface],
    walks: Sequence[Sequence[Walk]],
    title: str,
    lines: Sequence[Line2D],
    named: str,
) -> Figure:
    alone = len(surfaces) == 1
    size = (4.4, 3.5) if alone else (3.0, 2.5)
    flat = len(surfaces[0].axes) == 1
    figure, all_axes = panel_grid(
        title, len(surfaces), 3, *size, titled=not alone, apart=0.85 if flat else 1.7
    )
    for axes, surface, group in zip(all_axes, surfaces, walks, strict=True):
        _draw_function(figure, axes, surface)
        view = _view(surface)
        for walk in group:
            _draw_walk(axes, walk, view)
        axes.set(xlim=view[0], ylim=view[1])
        if not alone:
            axes.set_title(plain(short(surface.name, 46)), fontsize=9)
    # Two coordinates have a bar of heights between the panels and the legend.
    beside(figure, [*lines, *_marks(walks)], named, 0.15 if flat else 0.75)
    return figure


def _draw_function(figure: Figure, axes: Axes, surface: Surface) -> None:
    if len(surface.axes) == 1:
        axes.plot(surface.axes[0], surface.values, color="#7F7F7F", lw=1.3, zorder=1)
        axes.set(xlabel="x1", ylabel="f(x)")
        return
    axes.grid(False)
    levels = _levels(surface.values)
    filled = axes.contourf(*surface.axes, surface.values, levels=levels, colors=_greys(levels))
    axes.contour(*surface.axes, surface.values, levels=levels, colors="#8C8C8C", linewidths=0.4)
    ticks = levels[1::3]
    bar = figure.colorbar(filled, ax=axes, label="f(x)", pad=0.03, ticks=ticks)
    bar.set_ticks(ticks.tolist(), labels=[f"{level:.3g}" for level in ticks])
    bar.ax.minorticks_off()
    axes.set(xlabel="x1", ylabel="x2")


def _levels(values: Array) -> Array:
    """Levels ever farther apart above the lowest value: a valley's floor has its lines too."""
    low, high = _extent(values)
    span = high - low or 1.0
    return low + span * np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 12)])


def _greys(levels: Array) -> list[Any]:
    return list(HEIGHTS(np.linspace(0, 1, len(levels) - 1)))


def _draw_walk(axes: Axes, walk: Walk, view: Array) -> None:
    if not len(walk.points):
        return
    # Far outside, only the direction in which a line leaves is seen.
    reach = 20 * (view[:, 1] - view[:, 0])
    points = np.clip(walk.points, view[:, 0] - reach, view[:, 1] + reach)
    marked = walk.strong and len(points) <= 60
    axes.plot(
        points[:, 0], points[:, 1], color=walk.colour, marker="o" if marked else None, ms=2.6,
        lw=1.2 if walk.strong else 0.7, alpha=0.9 if walk.strong else 0.6, zorder=3,
    )  # fmt: skip
    size = 6.5 if walk.strong else 4
    axes.plot(*points[0], "o", mfc="white", mec=walk.colour, ms=size, mew=1.3, zorder=4)
    if walk.whole:
        axes.plot(*points[-1], "D", color=walk.colour, mec="white", ms=size, mew=0.7, zorder=5)


def _marks(walks: Sequence[Sequence[Walk]]) -> list[Line2D]:
    """What the marks at the ends of a path are."""
    grey = "#444444"
    marks = [legend_key("start", grey, ls="", marker="o", mfc="white", ms=6.5)]
    if any(walk.whole for group in walks for walk in group):
        marks.append(legend_key("end", grey, ls="", marker="D", mec="white", ms=6.5))
    return marks
