"""Learning curves of a sweep, by swept value."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

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
from runner.results.study import Study
from runner.results.words import metric_label, plain, point_label, short

FEW = 10


def sweep_curves(study: Study) -> Figure:
    """Training loss and the study's metric by epoch, a line per point.

    Up to ten points have a colour each, their mean drawn as a line and the range of their runs as
    a band. More are coloured by the value swept, or drawn grey but for the highest and the lowest.

    Args:
        study: The sweep.
    """
    names = dict.fromkeys(["train/loss", study.metric])
    shown = [name for name in names if name in study.curves.columns]
    figure = new_figure(4.4 * len(shown) + 0.4, 3.4, _title(study))
    all_axes = panels(figure, len(shown))
    means = {name: _over_runs(study, name) for name in shown}
    draw = _draw_few if len(study.points) <= FEW else _draw_many
    for axes, name in zip(all_axes, shown, strict=True):
        epoch_axis(axes)
        axes.set_ylabel(metric_label(name, study.loss, study.task))
        if means[name].empty:
            say(axes, f"no finite {name} to show")
            continue
        draw(axes, study, means[name])
        _scale(axes, study, name, means[name])
        _draw_failed(axes, study, name)
    _legend(figure, [axes for axes in all_axes if axes.axison], study)
    return figure


def _title(study: Study) -> str:
    over = "" if study.replicates.startswith("one run") else ", line: mean"
    band = ", band: lowest to highest run" if over and len(study.points) <= FEW else ""
    what = f"{study.what}: " if study.what else ""
    by = f" by {study.varies}" if study.keys else ""
    return (
        f"{what}learning curves{by}\n{study.replicates}{over}{band}{study.losses}{study.curveless}"
    )


def _over_runs(study: Study, name: str) -> pd.DataFrame:
    """Mean, lowest and highest of the runs that ended, by point and epoch."""
    curves = study.curves[study.curves["job"].isin(study.ended["job"])]
    values = curves[name].where(np.isfinite(curves[name]))
    grouped = values.groupby([curves["point"], curves["epoch"]])
    return grouped.agg(["mean", "min", "max"]).dropna()


def _draw_few(axes: Axes, study: Study, means: pd.DataFrame) -> None:
    styles = point_styles(study)
    for point, values in zip(study.points.index, study.points.itertuples(index=False), strict=True):
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


def point_styles(study: Study) -> dict[int, dict[str, Any]]:
    """A line style for each point: shades for numbers, colours for words.

    Of two keys the second shows in the dashes, where it has few values.
    """
    keys = study.points.drop_duplicates(study.keys[:1]) if study.keys else study.points
    first, dashes = study.points, ("-", "--", ":", "-.")
    if len(study.keys) == 2 and study.points[study.keys[1]].nunique(dropna=False) <= len(dashes):
        first = keys
    numbers = len(study.keys) > 0 and pd.api.types.is_numeric_dtype(first.iloc[:, 0])
    colours = spread_colours(
        len(first), ordered=numbers and (len(study.keys) == 1 or first is keys)
    )
    if first is study.points:
        return {p: {"color": c} for p, c in zip(study.points.index, colours, strict=True)}
    rows, columns = word_scale(first.iloc[:, 0]), word_scale(study.points.iloc[:, 1])
    places = zip(rows.of(study.points.iloc[:, 0]), columns.of(study.points.iloc[:, 1]), strict=True)
    styles = [{"color": colours[int(row)], "ls": dashes[int(column)]} for row, column in places]
    return dict(zip(study.points.index, styles, strict=True))


def _draw_many(axes: Axes, study: Study, means: pd.DataFrame) -> None:
    lines = {
        point: np.column_stack([rows.index.get_level_values(1), rows["mean"]])
        for point, rows in means.groupby(level=0)
    }
    if len(study.keys) == 1 and pd.api.types.is_numeric_dtype(study.points.iloc[:, 0]):
        _draw_by_value(axes, study, lines)
    else:
        _draw_extremes(axes, study, lines)


def _draw_by_value(axes: Axes, study: Study, lines: dict[Any, Any]) -> None:
    swept = study.points.iloc[:, 0].astype(float)
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
        axes.plot(
            line[:, 0], line[:, 1], color="black", linewidth=1.4, label=f"{study.keys[0]} = 0"
        )
    axes.autoscale_view()


def _draw_extremes(axes: Axes, study: Study, lines: dict[Any, Any]) -> None:
    thin = LineCollection(list(lines.values()), colors="#9A9A9A", linewidths=0.6, alpha=0.45)
    axes.add_collection(thin)
    last = study.ended.groupby("point")[study.metric].mean().dropna()
    last = last[last.index.isin(list(lines))]
    extremes = {"highest": (last.idxmax(), "#D55E00"), "lowest": (last.idxmin(), "#0072B2")}
    for word, (point, colour) in extremes.items():
        asked = study.points.to_dict("index")[point]
        values = "\n".join(f"{key} = {short(value)}" for key, value in asked.items())
        label = plain(f"{word} last {study.words}:\n{values}")
        line = lines[point]
        axes.plot(line[:, 0], line[:, 1], color=colour, linewidth=1.8, label=label)
    axes.plot([], [], color="#9A9A9A", linewidth=1, label=f"the other {len(lines) - 2} points")
    axes.autoscale_view()


def _scale(axes: Axes, study: Study, name: str, means: pd.DataFrame) -> None:
    """Fit the axis to the runs that ended, so that one that diverged does not flatten them."""
    values = (
        means[["min", "max"]].to_numpy() if len(study.points) <= FEW else means["mean"].to_numpy()
    )
    if study.log_curves([name]) and (values > 0).any():
        axes.set_yscale("log", nonpositive="mask")
        values = np.log10(values[values > 0])
        low, high = values.min(), values.max()
        margin = 0.05 * (high - low) or 0.5
        axes.set_ylim(10 ** (low - margin), 10 ** (high + margin))
        return
    low, high = values.min(), values.max()
    margin = 0.05 * (high - low) or abs(high) * 0.05 or 1.0
    axes.set_ylim(low - margin, high + margin)


def _draw_failed(axes: Axes, study: Study, name: str) -> None:
    """The runs that did not end well, dashed up to where they stopped."""
    bad = study.sweep.loc[~study.sweep["job"].isin(study.ended["job"]), "job"]
    rows = study.curves[study.curves["job"].isin(bad) & np.isfinite(study.curves[name])]
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


def _legend(figure: Figure, all_axes: list[Axes], study: Study) -> None:
    if not all_axes:
        return
    handles, labels = all_axes[-1].get_legend_handles_labels()
    if len(study.points) == 1 and study.replicates == "one run":
        handles, labels = [], []
    if not study.sweep["status"].eq("ok").all() and study.sweep["status"].eq("ok").any():
        handles.append(Line2D([], [], color=FAILED, ls="--", lw=0.8, marker="x", ms=5))
        labels.append("did not end well")
    bar = len(study.points) > FEW and not any("highest" in label for label in labels)
    if bar:
        _colour_bar(figure, all_axes, study)
    if handles:
        title = plain(", ".join(study.keys)) if study.keys and len(study.points) <= FEW else None
        if bar:
            all_axes[-1].legend(handles, labels, frameon=False, fontsize=8.5, title=title)
            return
        all_axes[-1].legend(
            handles, labels, frameon=False, fontsize=8.5, title=title, title_fontsize=8.5,
            alignment="left", loc="upper left", bbox_to_anchor=(1.01, 1.02), borderaxespad=0,
        )  # fmt: skip


def _colour_bar(figure: Figure, all_axes: list[Axes], study: Study) -> None:
    swept = study.points.iloc[:, 0].astype(float)
    mapped = ScalarMappable(norm_of(swept.tolist(), scale_of(swept).kind == "log"), colour_map())
    figure.colorbar(mapped, ax=all_axes, label=plain(study.keys[0]), pad=0.02, fraction=0.035)
