"""Learning rates by epoch: what a schedule did."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from runner.results.labels import plain, point_label
from runner.results.plots.style import epoch_axis, new_figure, panels
from runner.results.plots.sweep import FEW, point_styles
from runner.results.stats import spans_decades
from runner.results.sweep_view import SweepView


def rates_change(curves: pd.DataFrame) -> bool:
    """Whether the learning rate of any run changed from epoch to epoch.

    Args:
        curves: A row per epoch, or per run and epoch with a column ``job``.
    """
    if "lr" not in curves:
        return False
    runs = curves["job"] if "job" in curves else pd.Series(0, index=curves.index)
    return bool(curves["lr"].groupby(runs).nunique().gt(1).any())


def run_rates(metrics: pd.DataFrame, title: str) -> Figure:
    """The learning rate of a run, at the first step of each epoch.

    Args:
        metrics: A row per epoch, as in ``metrics.csv``.
        title: What was run.
    """
    figure = new_figure(4.7, 3.2, title)
    (axes,) = panels(figure, 1)
    axes.plot(metrics["epoch"], metrics["lr"], color="#0072B2", lw=1.5)
    _dress(axes, metrics["lr"])
    return figure


def sweep_rates(view: SweepView) -> Figure:
    """The learning rate at each epoch, a line per point; of runs that differ, each its own.

    Args:
        view: The sweep; beyond ten points its lines have one colour and no legend.
    """
    figure = new_figure(5.6, 3.4, f"{view.what}: learning rate by {view.varies}")
    (axes,) = panels(figure, 1)
    few = len(view.points) <= FEW
    styles = point_styles(view) if few else {}
    for point, values in zip(view.points.index, view.points.itertuples(index=False), strict=True):
        runs = view.curves[view.curves["point"] == point].groupby("job")[["epoch", "lr"]]
        for number, (_, run) in enumerate(runs):
            label = plain(point_label(values)) if few and number == 0 else None
            style = styles.get(point, {"color": "#0072B2", "alpha": 0.3})
            axes.plot(run["epoch"], run["lr"], **style, lw=1.5, label=label)
    _dress(axes, view.curves["lr"])
    if few:
        axes.legend(
            frameon=False, fontsize=8.5, title=plain(", ".join(view.keys)), title_fontsize=8.5,
            alignment="left", loc="upper left", bbox_to_anchor=(1.01, 1.02), borderaxespad=0,
        )  # fmt: skip
    return figure


def _dress(axes: Axes, rates: "pd.Series[float]") -> None:
    epoch_axis(axes)
    axes.set_ylabel("learning rate")
    if spans_decades(rates[rates > 0], decades=3):
        axes.set_yscale("log", nonpositive="mask")
    else:
        axes.set_ylim(bottom=0)
