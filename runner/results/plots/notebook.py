"""Figures of a frame: the frame, or a part of it, is made a view and drawn like any sweep."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from runner.columns import (
    LOSS,
    PROGRESS,
    Status,
    Task,
    is_metric,
    is_swept_key,
    measure_of,
)
from runner.errors import RequestError, unknown
from runner.results.figures import heat_maps, mpl, values
from runner.results.figures.mpl_layout import png, save_whole
from runner.results.figures.run_curves import run_curves
from runner.results.figures.spec import FigureSpec
from runner.results.figures.sweep_curves import sweep_curves
from runner.results.labels import describe
from runner.results.measures import Measures
from runner.results.read.configs import flat_config
from runner.results.read.runs import Value, finite, read_run
from runner.results.sweep_view import SweepView
from runner.results.tables import metric_columns, point_numbers, replicate_columns

NO_METRIC = "None of these runs has a metric to show."
NEEDED = ("job", "run_dir", "status", "seed", "epoch")
NO_KEY = "experiment"  # what it sets has columns of its own where it differs


class Place(NamedTuple):
    """Where a figure goes, and what stands above it.

    Attributes:
        ax: Axes to draw its last panel on; None for a figure of its own.
        title: A title; True for the figure's own, None or False for none.
    """

    ax: Axes | None = None
    title: str | bool | None = True


def curves(frame: pd.DataFrame, metric: str | None, place: Place) -> Figure:
    """Learning curves of a frame; see `runner.results.plots.curves`."""
    view = view_of(frame, metric, [])
    if metric is None and len(view.runs) == 1:
        facts = {"task": view.task, "metrics": view.measures.record}
        spec = run_curves(view.curves, facts, _title(view))
        # The metric's panel last, as it is of a sweep.
        last = view.measures.label(measure_of(view.metric))
        panels = sorted(spec.panels, key=lambda panel: panel.title == last)
        return _shown(replace(spec, panels=tuple(panels) if place.ax else spec.panels), place)
    return _shown(sweep_curves(view), place)


def by_value(frame: pd.DataFrame, key: str, metric: str | None, place: Place) -> Figure:
    """A frame's metric along one key; see `runner.results.plots.by_value`."""
    view = view_of(frame, metric, [key])
    others = [name for name in view.keys if name != key]
    if len(view.runs[others].drop_duplicates()) > values.FEW_LINES:
        _check_means(view, [key])
    return _shown(values.by_value(view, key), place)


def heat_map(
    frame: pd.DataFrame, down: str, across: str, metric: str | None, place: Place
) -> Figure:
    """A frame's metric over two keys; see `runner.results.plots.heat_map`."""
    view = view_of(frame, metric, [down, across])
    if down == across:
        raise RequestError(f"A heat map takes two different keys, not '{down}' twice.")
    _check_means(view, [down, across])
    return _shown(heat_maps.heat_map(view, down, across), place)


def view_of(frame: pd.DataFrame, metric: str | None, asked: Sequence[str]) -> SweepView:
    """Make a frame ready for drawing.

    Args:
        frame: Rows as `runner.results.load` gives them.
        metric: The metric by which points are told apart; None chooses.
        asked: Keys that tell points apart whatever their values.

    Raises:
        RequestError: The frame cannot be drawn, or has no such metric or key.
    """
    _check(frame)
    rows = _numbered(frame)
    measures = _measures(rows)
    for key in asked:
        _check_key(rows, key)
    metric = _metric(rows, metric, measures)
    kept = _with_metric(rows, metric)
    runs = _last_rows(kept)
    keys = _point_keys(kept, runs, asked)
    runs = runs.assign(point=point_numbers(runs, keys))
    curves = kept.assign(point=kept["job"].map(runs["point"])).dropna(subset="epoch")
    left = rows["job"].nunique() - len(runs)
    without = f"{left} {'run' if left == 1 else 'runs'} without {metric} left out"
    what = _what(runs) + (f" ({without})" if left else "")
    return SweepView(runs, curves, keys, metric, measures, what.strip())


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows, each run's job unlike any other's, and its sweep named shortly."""
    rows = frame.reset_index(drop=True).drop_duplicates(["run_dir", "epoch"])
    rows = rows.assign(job=rows.groupby("run_dir", sort=False).ngroup())
    return rows.assign(sweep=rows["job"].map(_sweep_names(rows)))


def _last_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The last epoch of each run, indexed by its job."""
    ordered = rows.sort_values("epoch", kind="stable", na_position="first")
    last = ordered.drop_duplicates("job", keep="last").sort_values("job")
    return last.set_index("job", drop=False).rename_axis(None)


def _with_metric(rows: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The runs that have a metric, and those that ended too soon or too badly to have it."""
    rows = rows.assign(**{metric: finite(rows[[metric]])[metric]})
    has = rows[metric].notna()
    if not has.any():
        return rows
    alike = rows["dataset"] if "dataset" in rows else pd.Series("", index=rows.index)
    ended = rows["status"].eq(Status.OK)
    return rows[_any(has, rows["job"]) | (_any(has, alike) & ~ended)]


def _any(values: "pd.Series[bool]", groups: "pd.Series[Any]") -> "pd.Series[bool]":
    """For each row whether any of its group is true."""
    return values.groupby(groups, dropna=False).transform("any")


def _check(frame: Any) -> None:
    if not isinstance(frame, pd.DataFrame):
        kind = type(frame).__name__
        raise RequestError(
            f"A figure takes the frame that runner.results.load gives, not a {kind}."
        )
    missing = [f"'{name}'" for name in NEEDED if name not in frame]
    if missing == ["'epoch'"]:
        raise RequestError(NO_METRIC)
    if missing:
        raise RequestError(
            f"The frame has no column {' or '.join(missing)}: "
            "a figure takes rows that runner.results.load gave, with all their columns."
        )
    if frame.empty:
        raise RequestError("The frame is empty: there is no run left to draw.")
    if frame["epoch"].isna().all():
        raise RequestError(NO_METRIC)


def _sweep_names(rows: pd.DataFrame) -> dict[int, str]:
    """The sweep of each run by as much of the end of its path as tells it from all others."""
    first = rows.drop_duplicates("job")
    paths = [PurePath(str(path)) for path in first["run_dir"]]
    whole = [path.parent.parts if path.name.isdigit() else path.parts for path in paths]
    most, distinct = max(map(len, whole)), len(set(whole))
    sizes = (size for size in range(1, most) if len({ends[-size:] for ends in whole}) == distinct)
    size = next(sizes, most)
    return {job: "/".join(path[-size:]) for job, path in zip(first["job"], whole, strict=True)}


def _point_keys(rows: pd.DataFrame, runs: pd.DataFrame, asked: Sequence[str]) -> list[str]:
    """The keys by which points are told apart: those that vary, and those that are asked for."""
    varying = [key for key in _keys(rows) if runs[key].nunique(dropna=False) > 1]
    keys = list(dict.fromkeys([*varying, *asked]))
    identity = [*keys, *replicate_columns(rows)]
    same = runs.duplicated(identity).any() and runs["sweep"].nunique() > 1
    return [*keys, "sweep"] if same and "sweep" not in keys else keys


def _check_key(rows: pd.DataFrame, key: str) -> None:
    """Refuse what is no column, a metric, or what changes within a run."""
    named = key in rows and not is_metric(key) and key not in PROGRESS
    if not named or not _is_of_runs(rows, key):
        raise RequestError(_no_key(rows, key))


def _no_key(rows: pd.DataFrame, key: str) -> str:
    allowed = [*_keys(rows), "seed", "sweep"]
    value = None if key in rows else _one_value(rows, key)
    if value is None:
        return unknown("key", key, allowed)
    choices = ", ".join(sorted(allowed))
    return f"'{key}' has one value in these runs, {value}, and no column. Allowed: {choices}."


def _one_value(rows: pd.DataFrame, key: str) -> Value | None:
    """The value that all runs have by their configs; None where they differ or none is known."""
    configs = [flat_config(read_run(Path(folder))) for folder in rows["run_dir"].unique()]
    found = {config.get(key) for config in configs if config}
    return found.pop() if len(found) == 1 else None


def _check_means(view: SweepView, keys: list[str]) -> None:
    """Refuse means at the values of keys that would be over what has no common measure."""
    names = ["dataset", "loss"] if measure_of(view.metric) == LOSS else ["dataset"]
    for name in [name for name in names if name in view.keys and name not in keys]:
        if view.runs.groupby(keys, dropna=False)[name].nunique().max() > 1:
            found = sorted(map(str, view.runs[name].dropna().unique()))
            raise RequestError(
                f"A mean of {view.metric} over several values of '{name}' ({', '.join(found)}) "
                f'says nothing; draw one of them: frame[frame["{name}"] == "{found[0]}"].'
            )


def _keys(rows: pd.DataFrame) -> list[str]:
    """The swept keys, and what else a person added that has one value in each run."""
    other = {NO_KEY, *replicate_columns(rows)}
    names = [str(name) for name in rows.columns if str(name) not in other]
    return [name for name in names if is_swept_key(name) and _is_of_runs(rows, name)]


def _is_of_runs(rows: pd.DataFrame, name: str) -> bool:
    """Whether a column has one value in each run."""
    return not (rows.groupby("job")[name].nunique(dropna=False) > 1).any()


def _metric(rows: pd.DataFrame, metric: str | None, measures: Measures) -> str:
    """The metric asked for, or else the one that tells points apart."""
    mine = [str(name) for name in rows if is_swept_key(str(name))]
    own = [name for name in mine if not _is_of_runs(rows, name)]
    names = [*metric_columns(rows), *own]
    names = [name for name in names if pd.api.types.is_numeric_dtype(rows[name])]
    known = [name for name in names if rows[name].notna().any()] or names
    if not known:
        raise RequestError(NO_METRIC)
    if metric is None:
        return measures.main(known) or known[0]
    if metric not in [*names, "lr"] or metric not in rows:
        raise RequestError(unknown("metric", metric, known))
    return metric


def _measures(rows: pd.DataFrame) -> Measures:
    """What the runs had on record as they were loaded, with the task and the loss of these rows."""
    loaded = {"metrics": rows.attrs.get("metrics"), "loss": _fact(rows, "loss")}
    measures = Measures.told(loaded | {"task": _fact(rows, "task")})
    if measures.task:
        return measures
    task: Task | None = "objective" if _fact(rows, "dataset") == "none" else None
    shares = [name for name in metric_columns(rows) if measures.is_fraction(name)]
    if task is None and rows[shares].notna().to_numpy().any():
        task = "classes"
    return replace(measures, task=task)


def _fact(rows: pd.DataFrame, name: str) -> str | None:
    """What the runs share: by a column of that name, or else as it was loaded."""
    if name in rows and not (name == "loss" and rows[name].eq("auto").any()):
        return str(rows[name].iloc[0]) if rows[name].nunique(dropna=False) == 1 else None
    fact = rows.attrs.get(name)
    return str(fact) if fact is not None else None


def _what(runs: pd.DataFrame) -> str:
    facts = {name: _fact(runs, name) for name in ("dataset", "model", "loss")}
    return describe({name: {"name": fact} for name, fact in facts.items() if fact})


def _title(view: SweepView) -> str:
    run = view.runs.iloc[0]
    status = "" if run["status"] == Status.OK else f", {run['status']}"
    return f"{view.what or run['sweep']}, seed {run['seed']}{status}"


def _shown(spec: FigureSpec, place: Place) -> Figure:
    """The figure, such that a notebook shows it and ``savefig`` keeps it, both whole."""
    if place.title is not True:
        spec = replace(spec, title=place.title or "")
    if place.ax is not None:
        return mpl.draw_on(place.ax, spec)
    figure = mpl.draw(spec)
    figure._repr_png_ = partial(png, figure)  # type: ignore[attr-defined]
    figure.savefig = partial(save_whole, figure)  # type: ignore[method-assign]
    return figure
