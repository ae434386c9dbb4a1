"""Figures of runs, sweeps and comparisons, drawn from their files.

For notebooks: `curves`, `by_value` and `heat_map` draw the frame that `runner.results.load` gives,
or any part of its rows: ``frame[frame["optim.lr"] < 0.5]``, one sweep of many, the first epochs.
Keys that have one value in the part are left out, and means are over the runs that are in it. Two
runs that agree in all values and in the seed are told apart by their sweep. A figure at the end of
a notebook's cell shows itself; ``figure.savefig("a.png")`` keeps all of it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["by_value", "curves", "heat_map"]


def curves(
    frame: "pd.DataFrame",
    metric: str | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | bool | None = True,
) -> "Figure":
    """Learning curves: the training loss and a metric by epoch, a line per point.

    Lines are means over the runs of a point, bands their range. Of a single run all splits are
    drawn.

    Args:
        frame: Rows that `runner.results.load` gave, with all its columns.
        metric: A metric's column, such as ``"test/loss"``. None takes the accuracy, or the loss
            where there is none, on the validation split, or on the test set where there is none.
        ax: Axes to draw on, of a figure of your own: the panel of the metric alone, with the legend
            in it. None makes a figure.
        title: What stands above; True for what the figure shows, None or False for nothing.

    Raises:
        RequestError: The frame is empty, or not one of `runner.results.load`, or none of its runs
            has a metric; or there is no such metric.
    """
    from runner.results.plots import notebook

    return notebook.curves(frame, metric, notebook.Place(ax, title))


def by_value(
    frame: "pd.DataFrame",
    key: str,
    metric: str | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | bool | None = True,
) -> "Figure":
    """A metric of the last epoch in the frame against one key.

    A dot is a run; marks with bars are mean ± std. Where the other keys have few values there is a
    line for each combination of these, otherwise the means are over all else that varies.

    Args:
        frame: Rows that `runner.results.load` gave, with all its columns.
        key: A swept key by its dotted name; or any other column with one value per run, such as
            ``seed``, ``sweep``, or one of your own.
        metric: As for `curves`.
        ax: As for `curves`.
        title: As for `curves`.

    Raises:
        RequestError: As for `curves`; or there is no such key, or it has one value in these runs;
            or a mean would be over several datasets, or one of a loss over several losses.
    """
    from runner.results.plots import notebook

    return notebook.by_value(frame, key, metric, notebook.Place(ax, title))


def heat_map(
    frame: "pd.DataFrame",
    down: str,
    across: str,
    metric: str | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | bool | None = True,
) -> "Figure":
    """The mean of a metric of the last epoch in the frame over two keys.

    Where next to none of the cells have a run, the runs are drawn as dots where their values lie.

    Args:
        frame: Rows that `runner.results.load` gave, with all its columns.
        down: The key of the rows, as for `by_value`.
        across: The key of the columns.
        metric: As for `curves`.
        ax: As for `curves`.
        title: As for `curves`.

    Raises:
        RequestError: As for `by_value`; or both keys are the same.
    """
    from runner.results.plots import notebook

    return notebook.heat_map(frame, down, across, metric, notebook.Place(ax, title))
