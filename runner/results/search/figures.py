"""Figures of a search: best so far, rungs, and where its points were let go."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from runner.results.figures.captions import log_words
from runner.results.figures.colours import APART, ENDED, ON_BLACK, PRUNED, Entry, Legend
from runner.results.figures.crowding import without_far
from runner.results.figures.marks import CURVE_TIPS, Dots, Floats, Lines, Mark, Rule, Words
from runner.results.figures.parallel import parallel_coordinates
from runner.results.figures.scales import decades, span_of, value_axis
from runner.results.figures.scatter import fitted_axis, opacity
from runner.results.figures.spec import AxisSpec, FigureSpec, Panel
from runner.results.labels import counted, readable
from runner.results.search.confirmed import Confirmed
from runner.results.search.trials import Budget, Trials
from runner.results.stats import Sample, mean_interval
from runner.results.sweep_view import SweepView, is_log_error

ACROSS: dict[Budget, str] = {
    "trial": "points tried",
    "member_epochs": "member-epochs",
    "seconds": "seconds",
}
LEGEND = Legend("", (
    Entry("best so far", APART[0], ON_BLACK[0]),
    ENDED,
    Entry("best, confirmed", APART[1], ON_BLACK[1], marker="D", line=False),
    replace(PRUNED, line=False),
))  # fmt: skip
"""What the figures of a search tell apart by colour, on a page all of them together."""
BEST, DONE, AGAIN, LEFT = range(4)
WIDTH, HEIGHT, WIDE = 2.9, 2.5, 7.0


def search_figures(
    trials: Trials, view: SweepView | None, confirmed: Confirmed | None
) -> Iterator[FigureSpec]:
    """The figures that a search has data for, but for its keys.

    Args:
        trials: Its points.
        view: Its runs; None, or by another metric, where they do not have what decided.
        confirmed: Its best points, trained again.
    """
    if view is None or view.metric != trials.metric:
        return
    if len(trials.complete):
        yield best_so_far(trials, view, confirmed)
    if len(trials.pruned) and len(trials.complete):
        yield rungs(trials, view)


def best_so_far(trials: Trials, view: SweepView, confirmed: Confirmed | None) -> FigureSpec:
    """The best value so far by points tried, by member-epochs and by seconds.

    Args:
        trials: The points of a search.
        view: Its runs, by what decides.
        confirmed: Its best points, trained again.
    """
    values = trials.complete[trials.metric].to_numpy(np.float64)
    log = view.measures.is_error(trials.metric) and is_log_error(values, view.task == "numbers")
    again = confirmed.best if confirmed else None
    told = [again.mean, *mean_interval(again)] if again else []
    near = np.concatenate([without_far(values, log), [end for end in told if end == end]])
    y = value_axis(view.measures.label(trials.metric), near, log)
    panels = []
    for budget, words in ACROSS.items():
        spent, best = trials.best_so_far(budget)
        marks: list[Mark] = []
        if budget == "trial":
            marks.append(_seen(trials, y))
        marks.append(stepped(spent, best, BEST))
        end = float(spent[-1])
        if again:
            marks.append(again_dot(end * 1.04, again, AGAIN))
        x = AxisSpec(words, span=(0.0, end * 1.08), whole=budget != "seconds")
        panels.append(Panel(x, y, tuple(marks), words, _best_words(trials, view, budget, log)))
    title = f"{view.opening}best {view.measures.words(trials.metric)} so far"
    how = f"at the best epoch; {len(trials.complete)} of {counted(len(trials.frame), 'point')} "
    how += "trained to the end"
    how += f"; confirmed: mean and 95 % interval over {again.n} new seeds" if again else ""
    sized = tuple(replace(panel, width=WIDTH, height=HEIGHT) for panel in panels)
    return FigureSpec(
        f"{title}\n{how}", sized, LEGEND, columns=3, shared=True, name="search_best_so_far"
    )


def stepped(x: Floats, y: Floats, colour: int, **look: Any) -> Lines:
    """A line that stays at each value until the next is known."""
    known = np.isfinite(y)
    x, y = x[known], y[known]
    tips = {"spent": "x", "best": "y"}
    return Lines(np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1], colour, tips=tips, **look)


def _seen(trials: Trials, y: AxisSpec) -> Dots:
    """The points that were trained to the end, those that have a place on the axis."""
    done, (low, high) = trials.complete, y.span or (-np.inf, np.inf)
    done = done[done[trials.metric].between(low, high)]
    tips = {key: [f"{value}" for value in done[key]] for key in trials.keys}
    at = done["trial"].to_numpy(float) + 1
    return Dots(
        at, done[trials.metric].to_numpy(float), DONE, size=6, alpha=opacity(len(done)),
        tips={"point": [f"{trial}" for trial in done["trial"]], trials.metric: "y", **tips},
    )  # fmt: skip


def again_dot(x: float, again: Sample, colour: int) -> Dots:
    """The mean of what was confirmed, with its interval where there is one."""
    mean, (low, high) = np.array([again.mean]), mean_interval(again)
    tips = {"confirmed": "y", "n": [f"{again.n}"]}
    dot = Dots(np.array([x]), mean, colour, "D", tips=tips)
    return replace(dot, low=np.array([low]), high=np.array([high])) if low == low else dot


def _best_words(trials: Trials, view: SweepView, budget: Budget, log: bool) -> str:
    spent, best = trials.best_so_far(budget)
    known = best[np.isfinite(best)]
    ends = f" At the end {known[-1]:.4g}, after {readable(float(spent[-1]))}." if len(known) else ""
    ends += "" if budget == "trial" else " A round's results are known at its end."
    words = view.measures.words(trials.metric)
    return (
        f"Best {words} so far, each at its best epoch, by {ACROSS[budget]}.{ends}{log_words(log)}"
    )


def rungs(trials: Trials, view: SweepView) -> FigureSpec:
    """How many points were trained past each rung, and their curves up to where they were let go.

    Args:
        trials: The points of a search.
        view: Its runs, by what decides.
    """
    title = f"{view.opening}how far points were trained{view.endings}"
    return FigureSpec(title, (_counts(trials), _curves(trials, view)), LEGEND, name="search_rungs")


def search_parallel(view: SweepView) -> FigureSpec:
    """All keys of a search at once, its runs coloured by what decides.

    Args:
        view: The runs of a search, by what decides.
    """
    pale = "; pale: let go early" if len(view.pruned) else ""
    how = f"line: run, coloured by it{pale}{view.endings}"
    title = f"{view.opening}last {view.words} by all keys\n{how}"
    panel = replace(parallel_coordinates(view), width=WIDE)
    return FigureSpec(title, (panel,), name="parallel")


def _counts(trials: Trials) -> Panel:
    """How many points were trained to each rung at least."""
    epochs = trials.rungs
    past = [int((trials.frame["rung"] >= epoch).sum()) for epoch in epochs]
    places, counts = np.arange(len(epochs), dtype=float), np.array(past, float)
    low, tips = np.zeros(len(past)), {"points": "y"}
    dots = Dots(places, counts, size=11, low=low, high=counts, tips=tips)
    words = Words(places, counts, [f" {count}" for count in past])
    ticks = tuple((float(place), f"{epoch}") for place, epoch in enumerate(epochs))
    x = AxisSpec("epoch", "words", (-0.5, len(epochs) - 0.3), ticks)
    told = ", ".join(f"{count} to epoch {epoch}" for epoch, count in zip(epochs, past, strict=True))
    y = AxisSpec("points trained so far or further", span=(0.0, max(past) * 1.08))
    return Panel(x, y, (dots, words), "rungs", f"How far points were trained: {told}.")


def _curves(trials: Trials, view: SweepView) -> Panel:
    """What decides by epoch, each point's runs up to where they ended."""
    name = trials.metric
    rows = view.curves[np.isfinite(view.curves[name].astype(float))]
    ended, pruned = (rows[rows["job"].isin(of["job"])] for of in (view.ended, view.pruned))
    log = view.log_curves([name])
    last = pruned.drop_duplicates("job", keep="last")
    y = fitted_axis(view, name, log, ended[name], last[name])
    low, high = y.span or (-np.inf, np.inf)
    last = last[last[name].between(low, high)]
    alpha = opacity(len(last))
    dots = Dots(
        last["epoch"].to_numpy(float), last[name].to_numpy(float), LEFT, size=6, alpha=alpha,
        jobs=last["job"].to_numpy(int), tips={"let go after epoch": "x", name: "y"},
    )  # fmt: skip
    pale = _lines(pruned, name, LEFT, alpha=alpha / 2, width=0.8)
    whole = _lines(ended, name, DONE, alpha=opacity(ended["job"].nunique()), width=1.2)
    rules = [Rule(float(epoch), PRUNED.white) for epoch in trials.rungs[:-1]]
    span = span_of(rows["epoch"], True)
    x = AxisSpec("epoch", "log", span, tuple(decades(*span, steps=(1, 2, 5))))
    marks: list[Mark] = [*rules, pale, dots, whole]
    caption = f"{view.measures.label(name)} by epoch, each run up to where it ended or was let go."
    return Panel(x, y, tuple(marks), "curves", f"{caption}{log_words(log, True)}", picks=True)


def _lines(rows: pd.DataFrame, name: str, colour: int, **look: Any) -> Lines:
    rows = rows.sort_values("job", kind="stable")
    x, y = (rows[column].to_numpy(np.float64) for column in ("epoch", name))
    return Lines(x, y, colour, rows["job"].to_numpy(int), runs=True, tips=CURVE_TIPS, **look)
