"""`experiment=speedrun` on a GPU: the seconds to 94 in 100 of Fashion-MNIST, over 20 seeds."""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

import torch

from benchmarks.rows import Row
from benchmarks.suite.gpu import NO_GPU
from benchmarks.timing import command, scratch, spread

SEEDS = 20
WORDS = (
    "experiment=speedrun",
    "device=cuda",
    "device.precision=bf16",
    "device.compile=cuda-graphs",
)
TITLE = "`experiment=speedrun`, bf16, CUDA graphs"
TRAINING, WHOLE = "training, with its tests", "the whole command"
AIM = "at most 5 s, and an accuracy of 0.94 on average"


def measure(words: tuple[str, ...] = WORDS, seeds: int = SEEDS) -> Iterator[Row]:
    """Run it with each seed, after one run that finds everything cold."""
    if "device=cuda" in words and not torch.cuda.is_available():
        yield Row(workload=TITLE, implementation=TRAINING, aim=AIM, missing=NO_GPU)
        yield Row(workload=TITLE, implementation=WHOLE, missing=NO_GPU)
        return
    with scratch() as folder:
        told = [_run((*words, f"seed={seed}"), folder / str(seed)) for seed in range(seeds + 1)]
    whole, training, accuracies = zip(*told[1:], strict=True)
    quality = ("mean accuracy", fmean(accuracies))
    yield Row(
        workload=TITLE,
        implementation=TRAINING,
        seconds=spread(training),
        quality=quality,
        aim=AIM,
    )
    yield Row(workload=TITLE, implementation=WHOLE, seconds=spread(whole), quality=quality)


def _run(words: tuple[str, ...], folder: Path) -> tuple[float, float, float]:
    """Return the seconds of a command, those of its training, and the last test accuracy."""
    taken, _ = command(("-m", "runner", *words, f"hydra.run.dir={folder}"), folder.parent)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return taken, summary["seconds"], summary["last"]["test/accuracy"]
