"""Seconds of an epoch as the work grows: members of a group, examples, parameters.

Training alone, on one thread. Both axes of the picture are logarithmic: where the cost is in
proportion to the work the slope is 1.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rows import Row
from benchmarks.suite.here import configs, epochs_of
from benchmarks.timing import ROOT, in_turn, spread
from runner.engine.cost import threads

ROUNDS = 5
PICTURE = ROOT / "docs" / "images" / "growth.png"
REGRESSION = ("dataset=linear", "model=linreg", "dataset.test_size=10")
MLP = ("dataset=digits", "model=mlp")
Figures = dict[int, float]
"""How much work to the seconds of an epoch."""


@dataclass(frozen=True)
class Series:
    """One way in which work grows.

    Attributes:
        name: What there is more and more of.
        of: What is trained.
        sizes: How the work is asked for.
        request: What is typed for a size.
        work: How much of it a size is.
    """

    name: str
    of: str
    sizes: tuple[int, ...]
    request: Callable[[int], Sequence[str]]
    work: Callable[[int], int] = int


def _members(number: int) -> Sequence[str]:
    return (*MLP, "model.hidden=[32]", f"seed=range({number})")


def _examples(number: int) -> Sequence[str]:
    return (*REGRESSION, f"dataset.train_size={number}", "batch_size=10")


def _units(number: int) -> Sequence[str]:
    return (*MLP, f"model.hidden=[{number},{number}]", "batch_size=256")


def _parameters(units: int) -> int:
    return 64 * units + units + units * units + units + units * 10 + 10


SERIES = (
    Series("members", "MLP of 32 units on the digits", (1, 4, 16, 64, 256), _members),
    Series("examples", "linear regression, batch 10", (100, 1_000, 10_000, 100_000), _examples),
    Series("parameters", "MLP on the digits", (64, 256, 1024, 4096), _units, _parameters),
)


def measure(rounds: int = ROUNDS, picture: Path = PICTURE) -> Iterator[Row]:
    """Measure each series, and draw them."""
    drawn: dict[Series, Figures] = {}
    epochs = ("-m", f"epochs={rounds + 1}", "device=cpu")
    for series in SERIES:
        with threads(1):
            sizes = {f"{series.work(size):,} {series.name}": size for size in series.sizes}
            asked = {name: series.request(size) for name, size in sizes.items()}
            work = {name: epochs_of(configs(*epochs, *words)) for name, words in asked.items()}
            taken = {name: spread(values) for name, values in in_turn(work, rounds).items()}
        for name, seconds in taken.items():
            yield Row(workload=f"an epoch: {series.of}", implementation=name, seconds=seconds)
        drawn[series] = {series.work(sizes[name]): one.median for name, one in taken.items()}
    _draw(drawn, picture)


def slope(figures: Figures) -> float:
    """Return how the cost grows between the two largest: 1 where it is in proportion."""
    (less, before), (more, after) = sorted(figures.items())[-2:]
    return math.log(after / before) / math.log(more / less)


def _draw(drawn: dict[Series, Figures], picture: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3.6), layout="constrained")
    for axes, (series, figures) in zip(figure.subplots(1, len(drawn)), drawn.items(), strict=True):
        axes.loglog(figures.keys(), figures.values(), "o-", color="tab:blue", label="measured")
        largest = max(figures)
        line = [figures[largest] * size / largest for size in figures]
        axes.loglog(figures.keys(), line, "--", color="0.6", label="in proportion")
        title = f"{series.of}\nslope of the last piece: {slope(figures):.2f}"
        axes.set(xlabel=series.name, title=title)
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("seconds of an epoch")
    figure.axes[0].legend()
    figure.savefig(picture, dpi=100)
