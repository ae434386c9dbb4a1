"""Seconds of an epoch as the work grows: members of a group, examples, parameters.

Training alone, on one thread. Both axes of the picture are logarithmic: where the cost is in
proportion to the work the slope is 1.
"""

import math
from collections.abc import Iterator, Sequence
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


def _members(number: int) -> Sequence[str]:
    return (*MLP, "model.hidden=[32]", f"seed=range({number})")


def _examples(number: int) -> Sequence[str]:
    return (*REGRESSION, f"dataset.train_size={number}", "batch_size=10")


def _units(number: int) -> Sequence[str]:
    return (*MLP, f"model.hidden=[{number},{number}]", "batch_size=256")


SERIES = {
    "members of a group (MLP of 32 units on the digits)": (_members, (1, 4, 16, 64, 256)),
    "examples (linear regression, batch 10)": (_examples, (100, 1_000, 10_000, 100_000)),
    "units in each of two hidden layers (digits, batch 256)": (_units, (64, 256, 1024, 4096)),
}


def measure(rounds: int = ROUNDS, picture: Path = PICTURE) -> Iterator[Row]:
    """Measure each series, and draw them."""
    drawn: dict[str, Figures] = {}
    for name, (request, sizes) in SERIES.items():
        epochs = ("-m", f"epochs={rounds + 1}", "device=cpu")
        with threads(1):
            work = {str(size): epochs_of(configs(*epochs, *request(size))) for size in sizes}
            taken = in_turn(work, rounds)
        for size, values in taken.items():
            yield Row(workload=name, implementation=f"{int(size):,}", seconds=spread(values))
        drawn[name] = {int(size): spread(values).median for size, values in taken.items()}
    _draw(drawn, picture)


def slope(figures: Figures) -> float:
    """Return how the cost grows between the two largest: 1 where it is in proportion."""
    (less, before), (more, after) = sorted(figures.items())[-2:]
    return math.log(after / before) / math.log(more / less)


def _draw(series: dict[str, Figures], picture: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3.6), layout="constrained")
    for axes, (name, figures) in zip(figure.subplots(1, len(series)), series.items(), strict=True):
        axes.loglog(figures.keys(), figures.values(), "o-", color="tab:blue", label="measured")
        largest = max(figures)
        line = [figures[largest] * size / largest for size in figures]
        axes.loglog(figures.keys(), line, "--", color="0.6", label="in proportion")
        axes.set(xlabel=name, title=f"slope of the last piece: {slope(figures):.2f}")
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("seconds of an epoch")
    figure.axes[0].legend()
    figure.savefig(picture, dpi=100)
