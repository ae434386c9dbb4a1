"""What a run predicts: confusions, mistakes, fitted against true values."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from runner.results.figures.colours import APART
from runner.results.figures.mpl_layout import new_figure, say, tiles
from runner.results.labels import plain, short
from runner.results.plots.images import draw_images
from runner.results.plots.registry import Drawn, Plot
from runner.results.read.runs import Run, read_arrays

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
        yield fitted_values(predictions, _with_split(title, predictions))


@WRONG.of_run
def _wrong(run: Run, title: str) -> Drawn:
    predictions = read_arrays(run.folder / "predictions.npz")
    if "wrong_images" in predictions:
        title = f"{_with_split(title, predictions)}, the most confidently wrong first"
        yield wrong_images(predictions, title)


def _with_split(title: str, predictions: Predictions) -> str:
    return f"{title}\n{predictions.get('split', 'test')} set"


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
    title = f"{title}: {right:.1%} of {len(targets)} right"
    figure, (axes,) = tiles(title, 1, 1, 0.85 * side, 0.85 * side)
    axes.spines[:].set_visible(True)
    axes.grid(False)
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


def fitted_values(predictions: Predictions, title: str) -> Figure:
    """Fitted against true numbers, with the line on which they would be equal.

    Args:
        predictions: ``targets`` and ``predicted`` (N,) numbers.
        title: What was run.
    """
    targets = predictions["targets"].ravel().astype(float)
    predicted = predictions["predicted"].ravel().astype(float)
    known = np.isfinite(targets) & np.isfinite(predicted)
    title = f"{title}: {_fit_in_words(targets, predicted, known)}"
    figure, (axes,) = tiles(title, 1, 1, 3.3, 3.3)
    if not known.any():
        say(axes, "no finite predictions")
        return figure
    shown = np.flatnonzero(known)[:: max(1, int(known.sum()) // 4000)]
    size = 10 if len(shown) < 500 else 4
    axes.scatter(targets[shown], predicted[shown], s=size, color=APART[0], alpha=0.5, lw=0)
    low, high = float(targets[known].min()), float(targets[known].max())
    axes.plot([low, high], [low, high], color="#333333", linewidth=1, label="fitted = true")
    axes.set(xlabel="true value", ylabel="fitted value")
    axes.legend(frameon=False, fontsize=9)
    return figure


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
    return [(" " if short_enough else "\n").join(text) for text in texts]


def _fit_in_words(targets: Array, predicted: Array, known: Array) -> str:
    if not known.any():
        return "no finite predictions"
    error = predicted[known] - targets[known]
    spread = float(((targets[known] - targets[known].mean()) ** 2).mean())
    explained = f", R² {1 - float((error**2).mean()) / spread:.3f}" if spread > 0 else ""
    return f"rmse {math.sqrt(float((error**2).mean())):.3g}{explained}, {int(known.sum())} examples"
