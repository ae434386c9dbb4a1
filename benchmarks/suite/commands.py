"""Our whole command, timed, with what came of it; and where its time goes."""

import csv
import json
import math
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import fmean

from benchmarks.peers.told import Told
from benchmarks.timing import command


def our_run(words: Sequence[object], folder: Path) -> Told:
    """Run ``python -m runner`` for one run, whole; its quality is the last test accuracy."""
    run = folder / "run"
    shutil.rmtree(run, ignore_errors=True)
    taken, _ = command(("-m", "runner", *words, f"hydra.run.dir={run}"), folder)
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    return Told(summary["last"]["test/accuracy"], 0, summary["last"]["step"], seconds=taken)


def our_split(words: Sequence[object], folder: Path) -> dict[str, float]:
    """Return where the time of our command goes, from a run of its own."""
    file = folder / "split.json"
    command(("-m", "benchmarks.split", file, *words), folder)
    parts: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
    return parts


def log10_mean(losses: Iterable[float]) -> float:
    """Return the mean of log10."""
    return fmean(map(math.log10, losses))


def our_sweep(
    words: Sequence[object],
    folder: Path,
    column: str = "test/loss",
    quality: Callable[[Iterable[float]], float] = log10_mean,
) -> Told:
    """Run ``python -m runner`` for a sweep, whole.

    Args:
        words: What is typed.
        folder: Where.
        column: Of `sweep.csv`: what the quality is made of.
        quality: How.
    """
    sweep = folder / "sweep"
    shutil.rmtree(sweep, ignore_errors=True)
    taken, _ = command(("-m", "runner", *words, f"hydra.sweep.dir={sweep}"), folder)
    with (sweep / "sweep.csv").open(encoding="utf-8", newline="") as file:
        values = [float(row[column]) for row in csv.DictReader(file)]
    return Told(quality(values), 0, 0, seconds=taken)
