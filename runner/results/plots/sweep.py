"""Learning curves of a sweep, by swept value."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from runner.results.labels import plain, point_label, short
from runner.results.plots.scales import scale_of, word_scale
from runner.results.plots.style import (
    FAILED,
    colour_map,
    epoch_axis,
    new_figure,
    norm_of,
    panels,
    say,
    spread_colours,
)
from runner.results.sweep_view import SweepView

FEW = 10


def sweep_curves(view: SweepView) -> Figure:
    """Training loss and the view's metric by epoch, a line per point.

    Up to ten points have a colour each, their mean drawn as a line and the range of their runs as
    a band. More are coloured by the value swept, or drawn grey but for the highest and the lowest.

    Args:
        view: The sweep.
    """
    names = dict.fromkeys(["train/loss", view.metric])
    shown = [name for name in names if name in view.curves.columns]
    figure = new_figure(4.4 * len(shown) + 0.4, 3.4, _title(view))
    all_axes = panels(figure, len(shown))
    means = {name: _over_runs(view, name) for name in shown}
    draw = _draw_few if len(view.points) <= FEW else _draw_many
    for axes, name in zip(all_axes, shown, strict=True):
        epoch_axis(axes)
        axes.set_ylabel(view.measures.label(name))
        if means[name].empty:
            say(axes, f"no finite {name} to show")
            continue
        draw(axes, view, means[name])
        _scale(axes, view, name, means[name])
        _draw_failed(axes, view, name)
    _legend(figure, [axes for axes in all_axes if axes.axison], view)
    return figure


def _title(view: SweepView) -> str:
    over = "" if view.replicates.startswith("one run") else ", line: mean"
    band = ", band: lowest to highest run" if over and len(view.points) <= FEW else ""
    what = f"{view.what}: " if view.what else ""
    by = f" by {view.varies}" if view.keys else ""
    runs = f"{view.replicates}{over}{band}{view.failure_summary}{view.curveless}"
    return f"{what}learning curves{by}\n{runs}"


def _over_runs(view: SweepView, name: str) -> pd.DataFrame:
    """Mean, lowest and highest of the runs that ended, by point and epoch."""
    curves = view.curves[view.curves["job"].isin(view.ended["job"])]
    values = curves[name].where(np.isfinite(curves[name]))
    grouped = values.groupby([curves["point"], curves["epoch"]])
    return grouped.agg(["mean", "min", "max"]).dropna()


def _draw_few(axes: Axes, view: SweepView, means: pd.DataFrame) -> None:
    styles = point_styles(view)
    for point, values in zip(view.points.index, view.points.itertuples(index=False), strict=True):
        label = plain(point_label(values)) or "mean"
        if point not in means.index:
            axes.plot([], [], **styles[point], label=f"{label} (none ended)")
            continue
        rows = means.loc[point]
        marker = "o" if len(rows) == 1 else None
        axes.plot(rows.index, rows["mean"], **styles[point], lw=1.5, marker=marker, label=label)
        axes.fill_between(
            rows.index,
            rows["min"],
            rows["max"],
            color=styles[point]["color"],
            alpha=0.18,
            linewidth=0,
        )


def point_styles(view: SweepView) -> dict[int, dict[str, Any]]:
    """A line style for each point: shades for numbers, colours for words.

    Of two keys the second shows in the dashes, where it has few values.
    """
    keys = view.points.drop_duplicates(view.keys[:1]) if view.keys else view.points
    first, dashes = view.points, ("-", "--", ":", "-.")
    if len(view.keys) == 2 and view.points[view.keys[1]].nunique(dropna=False) <= len(dashes):
        first = keys
    numbers = len(view.keys) > 0 and pd.api.types.is_numeric_dtype(first.iloc[:, 0])
    colours = spread_colours(len(first), ordered=numbers and (len(view.keys) == 1 or first is keys))
    if first is view.points:
        return {p: {"color": c} for p, c in zip(view.points.index, colours, strict=True)}
    rows, columns = word_scale(first.iloc[:, 0]), word_scale(view.points.iloc[:, 1])
    places = zip(rows.of(view.points.iloc[:, 0]), columns.of(view.points.iloc[:, 1]), strict=True)
    styles = [{"color": colours[int(row)], "ls": dashes[int(column)]} for row, column in places]
    return dict(zip(view.points.index, styles, strict=True))


def _draw_many(axes: Axes, view: SweepView, means: pd.DataFrame) -> None:
    lines = {
        point: np.column_stack([rows.index.get_level_values(1), rows["mean"]])
        for point, rows in means.groupby(level=0)
    }
    if len(view.keys) == 1 and pd.api.types.is_numeric_dtype(view.points.iloc[:, 0]):
        _draw_by_value(axes, view, lines)
    else:
        _draw_extremes(axes, view, lines)


def _draw_by_value(axes: Axes, view: SweepView, lines: dict[Any, Any]) -> None:
    swept = view.points.iloc[:, 0].astype(float)
    log = scale_of(swept).kind == "log"
    values = swept.loc[list(lines)].to_numpy()
    norm = norm_of(swept.tolist(), log)
    # Zero has no place on a log scale of colours: its line is black.
    coloured = [
        (line, v) for line, v in zip(lines.values(), values, strict=True) if v > 0 or not log
    ]
    zero = [line for line, v in zip(lines.values(), values, strict=True) if log and v == 0]
    collection = LineCollection(
        [line for line, _ in coloured], cmap=colour_map(), norm=norm, linewidths=0.9, alpha=0.8
    )
    collection.set_array(np.array([v for _, v in coloured]))
    axes.add_collection(collection)
    for line in zero:
        axes.plot(line[:, 0], line[:, 1], color="black", linewidth=1.4, label=f"{view.keys[0]} = 0")
    axes.autoscale_view()


def _draw_extremes(axes: Axes, view: SweepView, lines: dict[Any, Any]) -> None:
    thin = LineCollection(list(lines.values()), colors="#9A9A9A", linewidths=0.6, alpha=0.45)
    axes.add_collection(thin)
    last = view.ended.groupby("point")[view.metric].mean().dropna()
    last = last[last.index.isin(list(lines))]
    extremes = {"highest": (last.idxmax(), "#D55E00"), "lowest": (last.idxmin(), "#0072B2")}
    for word, (point, colour) in extremes.items():
        asked = view.points.to_dict("index")[point]
        values = "\n".join(f"{key} = {short(value)}" for key, value in asked.items())
        label = plain(f"{word} last {view.words}:\n{values}")
        line = lines[point]
        axes.plot(line[:, 0], line[:, 1], color=colour, linewidth=1.8, label=label)
    axes.plot([], [], color="#9A9A9A", linewidth=1, label=f"the other {len(lines) - 2} points")
    axes.autoscale_view()


def _scale(axes: Axes, view: SweepView, name: str, means: pd.DataFrame) -> None:
    """Fit the axis to the runs that ended, so that one that diverged does not flatten them."""
    values = (
        means[["min", "max"]].to_numpy() if len(view.points) <= FEW else means["mean"].to_numpy()
    )
    if view.log_curves([name]) and (values > 0).any():
        axes.set_yscale("log", nonpositive="mask")
        values = np.log10(values[values > 0])
        low, high = values.min(), values.max()
        margin = 0.05 * (high - low) or 0.5
        axes.set_ylim(10 ** (low - margin), 10 ** (high + margin))
        return
    low, high = values.min(), values.max()
    margin = 0.05 * (high - low) or abs(high) * 0.05 or 1.0
    axes.set_ylim(low - margin, high + margin)


def _draw_failed(axes: Axes, view: SweepView, name: str) -> None:
    """The runs that did not end well, dashed up to where they stopped."""
    bad = view.runs.loc[~view.runs["job"].isin(view.ended["job"]), "job"]
    rows = view.curves[view.curves["job"].isin(bad) & np.isfinite(view.curves[name])]
    lines = [g[["epoch", name]].to_numpy(float) for _, g in rows.groupby("job")]
    if not lines:
        return
    axes.add_collection(
        LineCollection(lines, colors=FAILED, linewidths=0.8, linestyles="--", alpha=0.7),
        autolim=False,
    )
    ends = np.array([line[-1] for line in lines])
    low, high = axes.get_ylim()
    # A run that left the picture ends at its edge.
    axes.plot(ends[:, 0], np.clip(ends[:, 1], low, high), "x", color=FAILED, ms=5, clip_on=False)


def _legend(figure: Figure, all_axes: list[Axes], view: SweepView) -> None:
    if not all_axes:
        return
    handles, labels = all_axes[-1].get_legend_handles_labels()
    if len(view.points) == 1 and view.replicates == "one run":
        handles, labels = [], []
    if not view.runs["status"].eq("ok").all() and view.runs["status"].eq("ok").any():
        handles.append(Line2D([], [], color=FAILED, ls="--", lw=0.8, marker="x", ms=5))
        labels.append("did not end well")
    bar = len(view.points) > FEW and not any("highest" in label for label in labels)
    if bar:
        _colour_bar(figure, all_axes, view)
    if handles:
        title = plain(", ".join(view.keys)) if view.keys and len(view.points) <= FEW else None
        if bar:
            all_axes[-1].legend(handles, labels, frameon=False, fontsize=8.5, title=title)
            return
        all_axes[-1].legend(
            handles, labels, frameon=False, fontsize=8.5, title=title, title_fontsize=8.5,
            alignment="left", loc="upper left", bbox_to_anchor=(1.01, 1.02), borderaxespad=0,
        )  # fmt: skip


def _colour_bar(figure: Figure, all_axes: list[Axes], view: SweepView) -> None:
    swept = view.points.iloc[:, 0].astype(float)
    mapped = ScalarMappable(norm_of(swept.tolist(), scale_of(swept).kind == "log"), colour_map())
    figure.colorbar(mapped, ax=all_axes, label=plain(view.keys[0]), pad=0.02, fraction=0.035)
