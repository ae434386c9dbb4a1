"""Draw all that suits a run or a sweep, from its files, into its ``plots`` folder."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

from matplotlib.figure import Figure

from runner.atomic_write import write_whole
from runner.results.labels import describe, short
from runner.results.plots.activations import activation_curves
from runner.results.plots.data import data_preview
from runner.results.plots.gradients import gradient_columns, run_gradients, sweep_gradients
from runner.results.plots.lists import list_heat_map, swept_lists
from runner.results.plots.pairs import heat_map
from runner.results.plots.paths import read_surfaces, run_path, sweep_paths
from runner.results.plots.rates import rates_change, run_rates, sweep_rates
from runner.results.plots.run import (
    confusion_matrix,
    fitted_values,
    learning_curves,
    wrong_images,
)
from runner.results.plots.style import png
from runner.results.plots.sweep import sweep_curves
from runner.results.plots.traces import run_trace, sweep_traces
from runner.results.plots.values import by_value
from runner.results.read.runs import Run, read_arrays
from runner.results.sweep import Sweep
from runner.results.sweep_view import SweepView

MOST_KEYS = 12
MOST_PAIRS = 6


def draw_run(run: Run) -> list[Path]:
    """Draw a run's learning curves and, from its predictions, what suits the task.

    Args:
        run: The run.

    Returns:
        The files written: ``curves.png``; ``path.png`` of a function that is minimised, or else
        ``data.png``; ``gradients.png`` and ``trace.png`` where these were recorded; ``rates.png``
        where the learning rate changed;
        ``confusion.png`` and ``wrong.png``, or ``fitted.png``.
    """
    return [_save(run.folder, name, figure) for name, figure in _run_figures(run)]


def draw_sweep(sweep: Sweep) -> list[Path]:
    """Draw a sweep's learning curves, its metric along each swept key, and over pairs of keys.

    Args:
        sweep: The sweep.

    Returns:
        The files written: ``curves.png``, ``by_<key>.png``, ``heatmap_<key>_<key>.png``,
        ``heatmap_<key>.png`` of a key whose values are lists of two numbers;
        ``path.png``, ``gradients.png``, ``rates.png``, ``trace.png`` and ``activations.png`` where
        there is what they show; none where no run has a metric.
    """
    figures = _sweep_figures(sweep.folder, sweep.view, sweep.runs) if sweep.view else ()
    return [_save(sweep.folder, name, figure) for name, figure in figures]


def _run_figures(run: Run) -> Iterator[tuple[str, Figure]]:
    title = _run_title(run)
    if len(run.metrics):
        yield "curves", learning_curves(run.metrics, run.summary, title)
    for surface in read_surfaces(run.folder):
        yield "path", run_path(surface, run.metrics, title)
    preview = read_arrays(run.folder / "preview.npz")
    if preview:
        yield "data", data_preview(preview, describe(run.config, ["model"]) or run.folder.name)
    if gradient_columns(run.metrics):
        yield "gradients", run_gradients(run.metrics, title)
    if rates_change(run.metrics):
        yield "rates", run_rates(run.metrics, title)
    if len(run.trace):
        yield "trace", run_trace(run, title)
    yield from _prediction_figures(run, title)


def _prediction_figures(run: Run, title: str) -> Iterator[tuple[str, Figure]]:
    predictions = read_arrays(run.folder / "predictions.npz")
    if not predictions:
        return
    title = f"{title}\n{predictions.get('split', 'test')} set"
    if run.summary.get("task") == "numbers":
        yield "fitted", fitted_values(predictions, title)
        return
    yield "confusion", confusion_matrix(predictions, title)
    if "wrong_images" in predictions:
        yield "wrong", wrong_images(predictions, f"{title}, the most confidently wrong first")


def _sweep_figures(
    folder: Path, view: SweepView, runs: Sequence[Run]
) -> Iterator[tuple[str, Figure]]:
    yield "curves", sweep_curves(view)
    for key in view.keys[:MOST_KEYS]:
        yield f"by_{key}", by_value(view, key)
    for down, across in list(combinations(view.keys, 2))[:MOST_PAIRS]:
        yield f"heatmap_{down}_{across}", heat_map(view, down, across)
    for key in swept_lists(view):
        yield f"heatmap_{key}", list_heat_map(view, key)
    yield from _recorded_figures(folder, view, runs)


def _recorded_figures(
    folder: Path, view: SweepView, runs: Sequence[Run]
) -> Iterator[tuple[str, Figure]]:
    """Draw what only some sweeps have on record."""
    if surfaces := read_surfaces(folder):
        yield "path", sweep_paths(view, surfaces)
    if gradient_columns(view.curves):
        yield "gradients", sweep_gradients(view)
    if rates_change(view.curves):
        yield "rates", sweep_rates(view)
    if any(len(run.trace) for run in runs):
        yield "trace", sweep_traces(view, runs)
    if activations := read_arrays(folder / "activations.npz"):
        yield "activations", activation_curves(activations)


def _run_title(run: Run) -> str:
    what = describe(run.config) or run.folder.name
    pairs = (pair for pair in run.overrides.items() if pair[0] not in ("dataset", "model"))
    asked = short(", ".join(f"{key}={value}" for key, value in pairs), 70)
    status = "" if run.status == "ok" else f", {run.status}"
    seed = f", seed {run.summary['seed']}" if "seed" in run.summary else ""
    return f"{what}{seed}{status}" + (f"\n{asked}" if asked else "")


def _save(folder: Path, name: str, figure: Figure) -> Path:
    safe = "".join(c if c.isalnum() or c in "_-" else "-" for c in name)
    return write_whole(folder / "plots" / f"{safe}.png", png(figure))
