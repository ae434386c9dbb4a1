"""Learning curves of a run: a panel for each measure, a line for each split."""

from dataclasses import replace

import pandas as pd

from runner.columns import LOSS, SPLITS, Status, measure_of, split_of
from runner.results.figures import colours
from runner.results.figures.captions import curve_caption
from runner.results.figures.colours import Entry, Legend
from runner.results.figures.marks import CURVE_TIPS, Lines, Rule, finite
from runner.results.figures.scales import epoch_axis, value_axis
from runner.results.figures.spec import FigureSpec, Panel
from runner.results.measures import Measures
from runner.results.read.runs import Record
from runner.results.sweep_view import is_log_error

FEW_EPOCHS = 25


def run_curves(metrics: pd.DataFrame, summary: Record, title: str, running: str = "") -> FigureSpec:
    """The learning curves of a run: a panel for each measure, a line for each split.

    Args:
        metrics: A row per epoch, as in ``metrics.csv``.
        summary: ``summary.json``: status, task, what was measured and the best epoch are read.
        title: What was run.
        running: How its training metrics were taken, see `runner.results.measures.running_mean`.
    """
    known = [str(name) for name in metrics.columns if split_of(str(name)) in SPLITS]
    splits = [split for split in SPLITS if any(split_of(name) == split for name in known)]
    entries = [colours.SPLITS[split] for split in splits]
    if len(metrics) > FEW_EPOCHS:
        entries = [replace(entry, marker=None) for entry in entries]
    if running and "train" in splits:
        entries[0] = replace(entries[0], label=f"train ({running})")
    if summary.get("task") == "objective":
        entries = [replace(entry, label="f(x)") for entry in entries]
    best = summary.get("best") or {}
    if "epoch" in best:
        words = f"best {summary.get('best_metric', 'epoch')}: epoch {best['epoch']}"
        entries.append(Entry(words, "#999999", "#999999", ":"))
    measures = list(dict.fromkeys(map(measure_of, known))) or [LOSS]
    panels = [_split_panel(metrics, summary, measure, splits) for measure in measures]
    return FigureSpec(title, tuple(panels), Legend("", tuple(entries)))


def _split_panel(metrics: pd.DataFrame, summary: Record, measure: str, splits: list[str]) -> Panel:
    names = [f"{split}/{measure}" for split in splits if f"{split}/{measure}" in metrics]
    told = Measures.told(summary)
    values, epochs = finite(metrics[names]), metrics["epoch"].to_numpy(float)
    label = told.label(measure)
    log = told.is_error(measure) and is_log_error(values, told.task == "numbers")
    axes = epoch_axis(epochs), value_axis(label, values, log)
    if not values.notna().any(axis=None):
        return Panel(*axes, title=label, nothing=f"no finite {told.words(measure)} to show")
    lines = [
        Lines(
            epochs, values[name].to_numpy(float), splits.index(split_of(name)),
            marked=True, tips=CURVE_TIPS,
            steps=metrics["step"].to_numpy(float) if "step" in metrics else None,
        )
        for name in names
    ]  # fmt: skip
    best = summary.get("best") or {}
    rule = [Rule(float(best["epoch"]), len(splits))] if "epoch" in best else []
    status = summary.get("status", Status.OK)
    left = "" if status == Status.OK else f"; 1 {status} of 1 run"
    caption = curve_caption(label, "a line for each split", left, metrics[names].tail(1), log)
    return Panel(*axes, (*rule, *lines), label, caption)
