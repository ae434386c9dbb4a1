"""Draw all that suits a run or a sweep, from its files, into its ``plots`` folder."""

from pathlib import Path

from runner.atomic_write import write_whole
from runner.columns import Status
from runner.config_keys import role_of
from runner.results.figures import mpl
from runner.results.figures.mpl_layout import png
from runner.results.figures.spec import FigureSpec
from runner.results.labels import describe, labelled, short
from runner.results.plots.registry import Drawn, every_plot
from runner.results.read.runs import Run
from runner.results.sweep import Sweep

MOST_CHARACTERS = 320  # of the overrides in a title, which is broken where the figure ends


def draw_run(run: Run) -> list[Path]:
    """Draw a run's learning curves and all else that there is data for.

    Args:
        run: The run.

    Returns:
        The files written: ``curves.png``, and those of every other kind of plot that the
        modules beside this one declare for runs, such as ``confusion.png``.
    """
    title = run_title(run)
    return [
        path
        for plot in every_plot()
        if plot.draw_run
        for path in _save(run.folder, plot.name, plot.draw_run(run, title))
    ]


def draw_sweep(sweep: Sweep) -> list[Path]:
    """Draw a sweep's learning curves, its metric along each swept key, and over pairs of keys.

    Args:
        sweep: The sweep.

    Returns:
        The files written: ``curves.png``, ``by_<key>.png``, ``heatmap_<key>_<key>.png``,
        and those of every other kind that is declared for sweeps; none where no run has a metric.
    """
    view = sweep.view
    if view is None:
        return []
    return [
        path
        for plot in every_plot()
        if plot.draw_sweep
        for path in _save(sweep.folder, plot.name, plot.draw_sweep(sweep, view))
    ]


def run_title(run: Run) -> str:
    """What was run, with which seed and how it ended, and below that what was asked for."""
    what = labelled(run.summary, describe(run.config) or run.folder.name)
    keys = [key for key in run.overrides if role_of(key).is_setting]
    pairs = (f"{k}={run.overrides[k]}" for k in keys if k not in ("dataset", "model"))
    asked = short(", ".join(pairs), MOST_CHARACTERS)
    status = "" if run.status == Status.OK else f", {run.status}"
    seed = f", seed {run.summary['seed']}" if "seed" in run.summary else ""
    return f"{what}{seed}{status}" + (f"\n{asked}" if asked else "")


def _save(folder: Path, name: str, figures: Drawn) -> list[Path]:
    """Write figures of one kind, under their own names where they have any."""
    written, plots = [], folder / "plots"
    if plots.is_symlink():  # a stranger's may lead to any folder
        plots.unlink()
    for drawn in figures:
        if isinstance(drawn, FigureSpec):
            name, drawn = drawn.name or name, mpl.draw(drawn)
        safe = "".join(c if c.isalnum() or c in "_-" else "-" for c in name)
        written.append(write_whole(plots / f"{safe}.png", png(drawn)))
    return written
