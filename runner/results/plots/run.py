"""Figures of one run: learning curves, confusions, mistakes, fitted against true values."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from runner.columns import LOSS, measure_of, split_of
from runner.results.labels import plain, short
from runner.results.measures import Measures
from runner.results.plots.style import SPLITS, epoch_axis, new_figure, panels, say
from runner.results.stats import spans_decades

Array = npt.NDArray[Any]
Predictions = dict[str, Array]


def learning_curves(metrics: pd.DataFrame, summary: dict[str, Any], title: str) -> Figure:
    """Loss by epoch, and all else that was measured beside it.

    Args:
        metrics: A row per epoch, as in ``metrics.csv``.
        summary: ``summary.json``: the task, what was measured and the best epoch are read.
        title: What was run.

    Returns:
        The figure, a line per split.
    """
    measures = Measures.told(summary)
    named = [str(name) for name in metrics.columns if split_of(str(name)) in SPLITS]
    kinds = list(dict.fromkeys(map(measure_of, named))) or [LOSS]
    figure = new_figure(4.3 * len(kinds) + 0.4, 3.2, title)
    for axes, kind in zip(panels(figure, len(kinds)), kinds, strict=True):
        _draw_splits(axes, metrics, kind, measures)
        axes.set_ylabel(measures.label(kind))
        if measures.is_error(kind) and _wants_log(metrics, kind, measures):
            axes.set_yscale("log", nonpositive="mask")
        _mark_best(axes, summary)
        if axes.has_data() and axes.axison:
            axes.legend(frameon=False, fontsize=9)
    return figure


def confusion_matrix(predictions: Predictions, title: str) -> Figure:
    """True classes against predicted ones: counts in the cells, shares of a row as colour.

    Args:
        predictions: ``targets`` and ``predicted`` (N,) class indices, ``classes`` their names.
        title: What was run.
    """
    targets, predicted = predictions["targets"], predictions["predicted"]
    names = [short(str(name), 16) for name in predictions["classes"]]
    counts = _count(targets, predicted, len(names))
    right = float(np.trace(counts)) / max(1, len(targets))
    side = min(8.0, max(3.6, 0.45 * len(names)))
    figure = new_figure(side + 1.2, side, f"{title}: {right:.1%} of {len(targets)} right")
    axes = figure.add_subplot()
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, fraction=0.046, pad=0.03, label="share of the true class")
    _name_classes(axes, names)
    if len(names) <= 12:
        _write_counts(axes, counts, shares)
    return figure


def wrong_images(predictions: Predictions, title: str) -> Figure:
    """The images most confidently wrong, each with its true and its predicted class.

    Args:
        predictions: ``wrong_images`` (K, C, H, W) in 0..1, ``wrong_targets``,
            ``wrong_predicted``, ``wrong_confidence`` (K,), the most confident first.
        title: What was run.
    """
    images = predictions.get("wrong_images", np.empty((0, 1, 1, 1)))[:20]
    if not len(images):
        figure = new_figure(4.6, 1.2, title)
        say(figure.add_subplot(), "no wrong predictions")
        return figure
    columns = min(5, len(images))
    rows = math.ceil(len(images) / columns)
    figure = new_figure(1.5 * columns, 1.75 * rows, title)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    captions = _captions(predictions, len(images))
    for place, (image, caption) in enumerate(zip(images, captions, strict=True)):
        place_image(axes, image, caption, place % columns, place // columns)
    axes.set(xlim=(0, 1.5 * columns), ylim=(1.75 * rows, 0), aspect="equal")
    return figure


def fitted_values(predictions: Predictions, title: str) -> Figure:
    """Fitted against true numbers, with the line on which they would be equal.

    Args:
        predictions: ``targets`` and ``predicted`` (N,) numbers.
        title: What was run.
    """
    targets = predictions["targets"].ravel().astype(float)
    predicted = predictions["predicted"].ravel().astype(float)
    known = np.isfinite(targets) & np.isfinite(predicted)
    figure = new_figure(4.2, 4.0, f"{title}: {_fit_in_words(targets, predicted, known)}")
    (axes,) = panels(figure, 1)
    if not known.any():
        say(axes, "no finite predictions")
        return figure
    shown = np.flatnonzero(known)[:: max(1, int(known.sum()) // 4000)]
    size = 10 if len(shown) < 500 else 4
    axes.scatter(targets[shown], predicted[shown], s=size, color="#0072B2", alpha=0.5, lw=0)
    low, high = float(targets[known].min()), float(targets[known].max())
    axes.plot([low, high], [low, high], color="#333333", linewidth=1, label="fitted = true")
    axes.set(xlabel="true value", ylabel="fitted value")
    axes.legend(frameon=False, fontsize=9)
    return figure


@dataclass(frozen=True)
class _Line:
    split: str
    values: "pd.Series[float]"


def _splits(metrics: pd.DataFrame, kind: str) -> list[_Line]:
    names = [split for split in SPLITS if f"{split}/{kind}" in metrics.columns]
    return [_Line(split, metrics[f"{split}/{kind}"]) for split in names]


def _draw_splits(axes: Axes, metrics: pd.DataFrame, kind: str, measures: Measures) -> None:
    lines = [line for line in _splits(metrics, kind) if np.isfinite(line.values).any()]
    if not lines:
        say(axes, f"no finite {measures.words(kind)} to show")
        return
    epoch_axis(axes)
    for line in lines:
        style: dict[str, Any] = {**SPLITS[line.split], "markersize": 3.5}
        if len(metrics) > 25:
            style["marker"] = None
        label = "f(x)" if measures.task == "objective" else line.split
        axes.plot(metrics["epoch"], line.values, label=label, linewidth=1.5, **style)


def _wants_log(metrics: pd.DataFrame, kind: str, measures: Measures) -> bool:
    values = [v for line in _splits(metrics, kind) for v in line.values if math.isfinite(v)]
    if measures.task == "numbers":
        return any(value > 0 for value in values) and not any(value < 0 for value in values)
    return spans_decades(values, decades=3)


def _mark_best(axes: Axes, summary: dict[str, Any]) -> None:
    best = summary.get("best") or {}
    if axes.axison and "epoch" in best:
        words = f"best {summary.get('best_metric', 'epoch')}: epoch {best['epoch']}"
        axes.axvline(best["epoch"], color="#999999", linewidth=1, linestyle=":", label=plain(words))


def _count(targets: Array, predicted: Array, classes: int) -> Array:
    pairs = targets.astype(int) * classes + predicted.astype(int)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def _name_classes(axes: Axes, names: list[str]) -> None:
    shown = range(0, len(names), max(1, math.ceil(len(names) / 25)))
    labels = [plain(names[i]) for i in shown]
    turned = max(map(len, labels)) > 3
    axes.set_xticks(
        list(shown), labels, rotation=45 if turned else 0, ha="right" if turned else "center"
    )
    axes.set_yticks(list(shown), labels)
    axes.set(xlabel="predicted class", ylabel="true class")


def _write_counts(axes: Axes, counts: Array, shares: Array) -> None:
    for row, column in np.argwhere(counts > 0):
        colour = "white" if shares[row, column] > 0.55 else "#222222"
        count = counts[row, column]
        axes.text(column, row, f"{count}", ha="center", va="center", color=colour, size=8)


def _captions(predictions: Predictions, count: int) -> list[str]:
    names = [short(str(name), 14) for name in predictions["classes"]]
    true, predicted = predictions["wrong_targets"][:count], predictions["wrong_predicted"][:count]
    triples = zip(true, predicted, predictions["wrong_confidence"][:count], strict=True)
    texts = [(names[int(t)], f"→ {names[int(p)]}, {c:.0%}") for t, p, c in triples]
    short_enough = all(len(a) + len(b) < 20 for a, b in texts)
    return [plain((" " if short_enough else "\n").join(text)) for text in texts]


def place_image(axes: Axes, image: Array, caption: str, column: int, row: int) -> None:
    """Lay an image (C, H, W) in 0..1 into a cell of 1.5 by 1.75, its caption above it."""
    left, top = 1.5 * column, 1.75 * row
    high, wide = image.shape[1:]
    scale = 1.3 / max(high, wide)
    x, y = left + 0.75 - wide * scale / 2, top + 0.4
    pixels = image.transpose(1, 2, 0) if image.shape[0] == 3 else image.mean(axis=0)
    box = (x, x + wide * scale, y + high * scale, y)
    axes.imshow(np.clip(pixels, 0, 1), cmap="gray", vmin=0, vmax=1, extent=box)
    axes.text(left + 0.75, top + 0.36, caption, ha="center", va="bottom", size=7.5)


def _fit_in_words(targets: Array, predicted: Array, known: Array) -> str:
    if not known.any():
        return "no finite predictions"
    error = predicted[known] - targets[known]
    spread = float(((targets[known] - targets[known].mean()) ** 2).mean())
    explained = f", R² {1 - float((error**2).mean()) / spread:.3f}" if spread > 0 else ""
    return f"rmse {math.sqrt(float((error**2).mean())):.3g}{explained}, {int(known.sum())} examples"
