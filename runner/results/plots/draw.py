"""Draw all that suits a run or a sweep, from its files, into its ``plots`` folder."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from runner.atomic_write import write_whole
from runner.columns import Status
from runner.config_keys import role_of
from runner.errors import named
from runner.guarded_files import GuardedError
from runner.results.figures import mpl
from runner.results.figures.mpl_layout import png
from runner.results.figures.spec import FigureSpec
from runner.results.labels import describe, labelled, short
from runner.results.plots.registry import Drawn, every_plot
from runner.results.read.runs import Run
from runner.results.sweep import Sweep

Draw = Callable[[], Drawn]
Say = Callable[[str], None]
MOST_CHARACTERS = 320  # of the overrides in a title, which is broken where the figure ends


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def draw_run(run: Run, say: Say = _say) -> list[Path]:
    """Draw a run's learning curves and all else that there is data for.

    Args:
        run: The run.
        say: Told of each kind that was not drawn; on the error stream, if nothing else is said.

    Returns:
        The files written: ``curves.png``, and those of every other kind of plot that the
        modules beside this one declare for runs, such as ``confusion.png``.
    """
    title = run_title(run)
    kinds = [(p.name, partial(p.draw_run, run, title)) for p in every_plot() if p.draw_run]
    return _save_all(run.folder, kinds, say)


def draw_sweep(sweep: Sweep, say: Say = _say) -> list[Path]:
    """Draw a sweep's learning curves, its metric along each swept key, and over pairs of keys.

    Args:
        sweep: The sweep.
        say: Told of each kind that was not drawn; on the error stream, if nothing else is said.

    Returns:
        The files written: ``curves.png``, ``by_<key>.png``, ``heatmap_<key>_<key>.png``,
        and those of every other kind that is declared for sweeps; none where no run has a metric.
    """
    view = sweep.view
    if view is None:
        return []
    kinds = [(p.name, partial(p.draw_sweep, sweep, view)) for p in every_plot() if p.draw_sweep]
    return _save_all(sweep.folder, kinds, say)


def run_title(run: Run) -> str:
    """What was run, with which seed and how it ended, and below that what was asked for."""
    what = labelled(run.summary, describe(run.config) or run.folder.name)
    keys = [key for key in run.overrides if role_of(key).is_setting]
    pairs = (f"{k}={run.overrides[k]}" for k in keys if k not in ("dataset", "model"))
    asked = short(", ".join(pairs), MOST_CHARACTERS)
    status = "" if run.status == Status.OK else f", {run.status}"
    seed = f", seed {run.summary['seed']}" if "seed" in run.summary else ""
    return f"{what}{seed}{status}" + (f"\n{asked}" if asked else "")


def _save_all(folder: Path, kinds: Sequence[tuple[str, Draw]], say: Say) -> list[Path]:
    """Draw one plot after another: what a file by others has no place for costs its plot alone."""
    written: list[Path] = []
    for name, draw in kinds:
        try:
            written += _save(folder, name, draw())
        except GuardedError as error:
            say(f"{name}.png was not drawn: a file that it needs {error}.")
        except (OSError, MemoryError):
            raise  # a full disk is no fault of what was to be drawn
        except Exception as error:
            say(f"{name}.png was not drawn: {named(error)}.")
    return written


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
