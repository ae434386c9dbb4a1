"""A sweep of 10,000 points that take no time to train: what a person waits for, and the memory.

Beside it sweeps of 1,000 and 100 points: what a run costs does not grow with how many there are.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.rows import Row
from benchmarks.timing import Watched, scratch, spread, watched

SMALL = ("dataset=linear", "model=linreg", "dataset.train_size=10", "epochs=1", "device=cpu")
SIZES = (100, 1_000, 10_000)


def measure(sizes: Sequence[int] = SIZES) -> Iterator[Row]:
    """Measure each size once, the first one twice: before it all is cold."""
    with scratch() as folder:
        _sweep(sizes[0], folder / "cold")
        for number in sizes:
            yield from _rows(number, folder / str(number))


def _rows(number: int, folder: Path) -> Iterator[Row]:
    seen = _sweep(number, folder)
    trained = max(path.stat().st_mtime for path in folder.glob("*/summary.json"))
    last = max(path.stat().st_mtime for path in folder.rglob("*") if path.is_file())
    largest = number == max(SIZES)
    figures = (
        ("until its first words", seen.first_words, "at most 2 s" * largest),
        ("from its last run to its end", seen.ended - trained, "at most 20 s" * largest),
        ("from its last file to its end", seen.ended - last, "at most 0.1 s"),
        ("the whole command, for each run", seen.seconds / number, ""),
    )
    title = f"{number:,} linear regressions of one epoch, whole command"
    for name, taken, aim in figures:
        yield Row(workload=title, implementation=name, seconds=spread([taken]), aim=aim)
    yield Row(
        workload=title,
        implementation="the largest process",
        memory=spread([seen.megabytes]),
        aim="at most 800 MB" * largest,
    )


def _sweep(number: int, folder: Path) -> Watched:
    folder.mkdir()
    typed = ("-m", *SMALL, f"seed=range({number})", f"hydra.sweep.dir={folder}")
    return watched(("-m", "runner", *typed), folder.parent)
