"""What a run predicts: confusions, mistakes, fitted against true values."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from runner.results.figures.colours import APART, Entry, Legend
from runner.results.figures.marks import Dots, Lines, Tiles
from runner.results.figures.mpl_layout import new_figure, say
from runner.results.figures.scales import value_axis
from runner.results.figures.spec import AxisSpec, FigureSpec, Panel, Shades
from runner.results.labels import short
from runner.results.plots.images import draw_images
from runner.results.plots.registry import Drawn, Plot
from runner.results.read.runs import Run, read_arrays

FEW_CLASSES = 12
MOST_DOTS, FEW_DOTS = 4000, 500
Array = npt.NDArray[Any]
Predictions = dict[str, Array]
CONFUSION = Plot("confusion", "Confusion matrix: true classes against predicted ones.")
FITTED = Plot("fitted", "Predictions against targets.")
WRONG = Plot("wrong", "The examples that were most confidently classified wrong.")


@CONFUSION.of_run
def _confusion(run: Run, title: str) -> Drawn:
    predictions = read_arrays(run.folder / "predictions.npz")
    if predictions and run.summary.get("task") != "numbers":
        yield confusion_matrix(predictions, _with_split(title, predictions))


@FITTED.of_run
def _fitted(run: Run, title: str) -> Drawn:
    predictions = read_arrays(run.folder / "predictions.npz")
    if predictions and run.summary.get("task") == "numbers":
        preview = read_arrays(run.folder / "preview.npz")
        target = str(preview.get("target_name", "value"))
        yield fitted_values(predictions, _with_split(title, predictions), target)


@WRONG.of_run
def _wrong(run: Run, title: str) -> Drawn:
    predictions = read_arrays(run.folder / "predictions.npz")
    if "wrong_images" in predictions:
        title = f"{_with_split(title, predictions)}, the most confidently wrong first"
        yield wrong_images(predictions, title)


def _with_split(title: str, predictions: Predictions) -> str:
    return f"{title}\n{predictions.get('split', 'test')} set"


def confusion_matrix(predictions: Predictions, title: str) -> FigureSpec:
    """True classes against predicted ones: counts in the cells, shares of a row as colour.

    Args:
        predictions: ``targets`` and ``predicted`` (N,) class indices, ``classes`` their names.
        title: What was run.
    """
    targets, predicted = predictions["targets"], predictions["predicted"]
    ticks = tuple((i, short(str(name), 16)) for i, name in enumerate(predictions["classes"]))
    classes = len(ticks)
    pairs = targets.astype(int) * classes + predicted.astype(int)
    counts = np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    rows, columns = np.nonzero(counts)
    words = [str(count) for count in counts[rows, columns]] if classes <= FEW_CLASSES else ()
    tiles = Tiles(columns.astype(float), rows.astype(float), shares[rows, columns], words)
    x = AxisSpec("predicted class", "words", (-0.5, classes - 0.5), ticks)
    y = AxisSpec("true class", "words", (classes - 0.5, -0.5), ticks)
    side = min(6.8, max(3.0, 0.38 * classes))
    shades = Shades("share of the true class", 0, 1)
    panel = Panel(x, y, (tiles,), shades=shades, width=side, height=side)
    right = float(np.trace(counts)) / max(1, len(targets))
    return FigureSpec(f"{title}: {right:.1%} of {len(targets)} right", (panel,))


def wrong_images(predictions: Predictions, title: str) -> Figure:
    """The images most confidently wrong, each with its true and its predicted class.

    Args:
        predictions: ``wrong_images`` (K, C, H, W) in 0..1, ``wrong_targets``,
            ``wrong_predicted``, ``wrong_confidence`` (K,), the most confident first.
        title: What was run.
    """
    images = predictions.get("wrong_images", np.empty((0, 1, 1, 1)))[:20]
    if not len(images):
        figure = new_figure(title, 4.6, 1.2)
        say(figure.add_subplot(), "no wrong predictions")
        return figure
    captions = _captions(predictions, len(images))
    columns = min(5, len(images))
    figure = new_figure(title, 1.5 * columns, 1.75 * math.ceil(len(images) / columns))
    draw_images(
        figure.add_axes((0.0, 0.0, 1.0, 1.0)), list(zip(images, captions, strict=True)), columns
    )
    return figure


def fitted_values(predictions: Predictions, title: str, target: str = "value") -> FigureSpec:
    """Fitted against true numbers on one scale, with the line on which they would be equal.

    Args:
        predictions: ``targets`` and ``predicted`` (N,) numbers.
        title: What was run.
        target: What the numbers are, in their unit.
    """
    targets = predictions["targets"].ravel().astype(float)
    predicted = predictions["predicted"].ravel().astype(float)
    known = np.isfinite(targets) & np.isfinite(predicted)
    shown = np.flatnonzero(known)[:: max(1, int(known.sum()) // MOST_DOTS)]
    size = 5 if len(shown) < FEW_DOTS else 3
    dots = Dots(targets[shown], predicted[shown], APART[0], size=size, alpha=0.5)
    both = value_axis("", np.concatenate([targets[known], predicted[known]]))
    name = short(target, 40)
    axes = replace(both, label=f"true {name}"), replace(both, label=f"fitted {name}")
    ends = np.array(both.span if known.any() else [])
    nothing = "" if known.any() else "no finite predictions"
    marks = dots, Lines(ends, ends, 0, width=1)
    panel = Panel(*axes, marks, nothing=nothing, width=3.3, height=3.3)
    title = f"{title}: {_fit_in_words(targets, predicted, known)}"
    legend = Legend("", (Entry("fitted = true", "#333333", "#cccccc"),))
    return FigureSpec(title, (panel,), legend)


def _captions(predictions: Predictions, count: int) -> list[str]:
    names = [short(str(name), 14) for name in predictions["classes"]]
    true, predicted = predictions["wrong_targets"][:count], predictions["wrong_predicted"][:count]
    triples = zip(true, predicted, predictions["wrong_confidence"][:count], strict=True)
    texts = [(names[int(t)], f"→ {names[int(p)]}, {c:.0%}") for t, p, c in triples]
    short_enough = all(len(a) + len(b) < 20 for a, b in texts)
    return [(" " if short_enough else "\n").join(text) for text in texts]


def _fit_in_words(targets: Array, predicted: Array, known: Array) -> str:
    if not known.any():
        return "no finite predictions"
    error = predicted[known] - targets[known]
    spread = float(((targets[known] - targets[known].mean()) ** 2).mean())
    explained = f", R² {1 - float((error**2).mean()) / spread:.3f}" if spread > 0 else ""
    return f"rmse {math.sqrt(float((error**2).mean())):.3g}{explained}, {int(known.sum())} examples"
