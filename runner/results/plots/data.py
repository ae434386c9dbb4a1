"""A look at the data of a run: its first images, how many of each class, features and targets."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from runner.results.figures.colours import SPLITS, Legend
from runner.results.figures.marks import Dots
from runner.results.figures.mpl_layout import beside, legend_key, new_figure, panel_grid
from runner.results.figures.scales import value_axis
from runner.results.figures.spec import AxisSpec, FigureSpec, Panel
from runner.results.labels import describe, labelled, plain, short
from runner.results.plots.images import draw_images
from runner.results.plots.registry import Drawn, Plot
from runner.results.read.runs import Run, read_arrays

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]
COLUMNS, CELL = 8, 0.98
CHARACTER_INCHES, TURNED_INCHES = 0.085, 0.17  # of a letter; of a word that stands
LONGEST = 18  # letters of a feature's name, in a panel
FEW_DOTS = 200
DATA = Plot("data", "Some of the examples that were trained on.")


@DATA.of_run
def _of_run(run: Run, title: str) -> Drawn:
    if arrays := read_arrays(run.folder / "preview.npz"):
        what = describe(run.config, ["model"]) or run.folder.name
        yield data_preview(arrays, labelled(run.summary, what))


def data_preview(arrays: Arrays, what: str) -> FigureSpec | Figure:
    """Images with their classes, or features against targets, and how many examples there are.

    Args:
        arrays: ``splits`` and their ``sizes``; ``classes`` and ``counts`` (splits, classes);
            ``images`` (K, C, H, W) bytes with ``image_classes`` (K,) and perhaps ``augmented``; or
            ``features``, how many there are, with ``<split>_inputs`` and ``<split>_targets``, and
            perhaps ``feature_names`` and ``target_name``.
        what: The data's name.
    """
    sizes = zip(arrays["splits"], arrays["sizes"], strict=True)
    title = f"{what}: " + ", ".join(f"{size} {split}" for split, size in sizes)
    if "images" in arrays:
        return _images(arrays, title)
    few = int(arrays["features"]) <= 2 and "classes" not in arrays
    return _scatters(arrays, title) if few else _histograms(arrays, title)


def _images(arrays: Arrays, title: str) -> Figure:
    names = [short(str(name), 14) for name in arrays["classes"]]
    images, augmented = arrays["images"], arrays.get("augmented", arrays["images"][:0])
    captions = [names[int(number)] for number in arrays["image_classes"]]
    rows = -(-len(images) // COLUMNS)
    more = -(-len(augmented) // COLUMNS)
    wide, high = CELL * COLUMNS, CELL * 1.75 / 1.5 * (rows + more)
    which = "\nthe first training images" + ("; the last row: augmented" if more else "")
    figure = new_figure(title + which, wide, high + 2.5)
    grid = figure.add_axes((0.0, 2.5 / (high + 2.5), 1.0, high / (high + 2.5)))
    pairs = (zip(some / 255, captions, strict=False) for some in (images, augmented))
    first, below = (list(pair) for pair in pairs)
    draw_images(grid, first, COLUMNS, below)
    counts = figure.add_axes((0.09, 0.62 / (high + 2.5), 0.89, 1.55 / (high + 2.5)))
    _count(counts, arrays)
    counts.legend(frameon=False, fontsize=8.5, ncols=3, loc="lower right", bbox_to_anchor=(1, 1))
    return figure


def _count(axes: Axes, arrays: Arrays) -> None:
    """Draw how many examples each class has in each split, side by side."""
    names = [short(str(name), 14) for name in arrays["classes"]]
    places, splits = np.arange(len(names)), [str(split) for split in arrays["splits"]]
    width = 0.8 / len(splits)
    for number, (split, counts) in enumerate(zip(splits, arrays["counts"], strict=True)):
        left = places - 0.4 + width * number
        axes.bar(left, counts, width, align="edge", color=SPLITS[split].white, label=split)
    figure = axes.get_figure(root=True)
    room = axes.get_position().width * (figure.get_figwidth() if figure else 1.0)
    step = -(-len(names) // int(room / TURNED_INCHES))
    labels = [plain(name) for name in names[::step]]
    turned = sum(len(label) + 1 for label in labels) * CHARACTER_INCHES > room
    axes.set_xticks(places[::step], labels, rotation=60 if turned else 0)
    for text in axes.get_xticklabels() if turned else []:
        text.set(ha="right", rotation_mode="anchor")
    axes.set(ylabel="examples", xlim=(-0.6, len(names) - 0.4))
    axes.spines[["top", "right"]].set_visible(False)


def _scatters(arrays: Arrays, title: str) -> FigureSpec:
    """Each feature against the target, a colour for each split."""
    splits = [str(split) for split in arrays["splits"]]
    targets = [arrays[f"{split}_targets"] for split in splits]
    panels = []
    for feature in range(int(arrays["features"])):
        inputs = [arrays[f"{split}_inputs"][:, feature] for split in splits]
        dots = tuple(
            Dots(
                x, y, number, SPLITS[split].marker or "o", 5 if len(y) < FEW_DOTS else 3, alpha=0.6
            )
            for number, (split, x, y) in enumerate(zip(splits, inputs, targets, strict=True))
        )
        x = value_axis(_feature(arrays, feature), np.concatenate(inputs))
        panels.append(Panel(x, value_axis(_target(arrays), np.concatenate(targets)), dots))
    nothing = Panel(AxisSpec(), AxisSpec(), nothing="no features")
    legend = Legend("", tuple(replace(SPLITS[split], line=False) for split in splits))
    return FigureSpec(f"{title}\n{_shown(arrays)}", tuple(panels) or (nothing,), legend)


def _histograms(arrays: Arrays, title: str) -> Figure:
    """The target and the first features, as shares of each split, for they differ in size."""
    splits = [str(split) for split in arrays["splits"]]
    columns = arrays[f"{splits[0]}_inputs"].shape[1]
    figure, drawn = panel_grid(f"{title}\n{_shown(arrays)}", columns + 1, 4, 1.6, 1.45, apart=0.55)
    *features, target = drawn  # the last, since the names of classes stand below it
    if "classes" in arrays:
        _count(target, arrays)
        target.set_xlabel(_target(arrays) if "target_name" in arrays else "class")
    else:
        _histogram(target, {split: arrays[f"{split}_targets"] for split in splits}, _target(arrays))
    for number, axes in enumerate(features):
        values = {split: arrays[f"{split}_inputs"][:, number] for split in splits}
        _histogram(axes, values, _feature(arrays, number))
        if number % 4 == 0:
            axes.set_ylabel("share of examples")
    beside(figure, [legend_key(split, SPLITS[split].white, lw=1.5) for split in splits])
    return figure


def _feature(arrays: Arrays, number: int) -> str:
    """What a feature is called: by its column, where it has one."""
    names = arrays.get("feature_names", ())
    return plain(
        short(str(names[number]), LONGEST) if number < len(names) else f"feature {number + 1}"
    )


def _target(arrays: Arrays) -> str:
    return plain(short(str(arrays.get("target_name", "target")), LONGEST))


def _histogram(axes: Axes, values: dict[str, Array], name: str) -> None:
    known = {split: column[np.isfinite(column)] for split, column in values.items()}
    # As many bins as the smallest split fills.
    count = int(np.clip(np.sqrt(min(map(len, known.values()))), 5, 24))
    bins = np.histogram_bin_edges(np.concatenate(list(known.values())), count).tolist()
    for split, column in known.items():
        if len(column):
            axes.hist(
                column, bins, weights=np.full(len(column), 1 / len(column)), histtype="step",
                color=SPLITS[split].white, lw=1.3, label=split,
            )  # fmt: skip
    axes.set_xlabel(name)


def _shown(arrays: Arrays) -> str:
    """What part of the data is drawn, in words."""
    features = int(arrays["features"])
    widths = [arrays[f"{split}_inputs"].shape for split in arrays["splits"]]
    sampled = any(shape[0] < size for shape, size in zip(widths, arrays["sizes"], strict=True))
    words = [f"{features} feature{'s' if features != 1 else ''}, before standardising"]
    if widths[0][1] < features:
        words.append(f"the first {widths[0][1]} shown")
    if sampled:
        words.append("a part of the examples")
    return "; ".join(words)
