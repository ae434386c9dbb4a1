"""A sweep that is over in a second: left to itself, in the command's process, over two workers."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.rows import OURS, Row
from benchmarks.timing import command, in_turn, ratios, scratch, spread

ROUNDS = 5
TINY = (
    *("-m", "runner", "-m", "device=cpu", "dataset=linear", "model=linreg", "epochs=3"),
    *("batch_size=16,32", "seed=range(8)"),
)
WAYS = {
    OURS: (),
    "in the command's own process": ("hydra.launcher.workers=0",),
    "over two workers": ("hydra.launcher.workers=2",),
}


def measure(rounds: int = ROUNDS) -> Iterator[Row]:
    """Measure the three."""
    with scratch() as folder:
        taken = in_turn({name: _sweep(more, folder) for name, more in WAYS.items()}, rounds)
    for name, values in taken.items():
        of_ours = None if name == OURS else ratios(values, taken[OURS])
        yield Row(
            workload="16 linear regressions, whole command",
            implementation=name,
            seconds=spread(values),
            ratio=of_ours,
        )


def _sweep(more: tuple[str, ...], folder: Path):  # type: ignore[no-untyped-def]
    return lambda _: command((*TINY, *more), folder)[0]
