"""A sweep as somebody starts it by hand: a bare one-thread process for each core.

    python -m benchmarks.peers by_hand NETWORK epochs=2 data=FOLDER

Sixteen learning rates, shared among the processes; each loop tests after each epoch.
"""

import subprocess
import sys
from pathlib import Path

import torch

from benchmarks.peers.bare import fashion
from benchmarks.peers.networks import NETWORKS, Batches, accuracy, count, fit
from benchmarks.peers.told import USUAL_BATCH, Asked, Clock, Told

RUNS = 16
RATES = [round(0.02 * (run + 1), 2) for run in range(RUNS)]


def run(asked: Asked, clock: Clock) -> Told:
    """Start the processes, and wait for all."""
    from runner.machine import cores

    line = [sys.executable, "-m", __name__, asked.workload, str(asked.epochs), str(asked.data)]
    started = [
        subprocess.Popen([*line, str(first), str(cores())], stdout=subprocess.PIPE, text=True)
        for first in range(cores())
    ]
    said = [process.communicate()[0].split() for process in started]
    if any(process.returncode for process in started):
        raise RuntimeError("a process failed")
    clock.end("train")
    right = [float(word) for words in said for word in words]
    steps = asked.epochs * -(-60_000 // USUAL_BATCH)
    return Told(sum(right) / RUNS, count(NETWORKS[asked.workload]()), steps, ["torch"])


def bare(network: str, epochs: int, root: Path, first: int, apart: int) -> None:
    """Train some of the runs as a bare loop does, on one thread, and print their accuracies."""
    torch.set_num_threads(1)
    parts = fashion(root)

    def shuffled() -> Batches:
        images, classes = parts["train"]
        for rows in torch.randperm(len(classes)).split(USUAL_BATCH):
            yield images[rows], classes[rows]

    tests = tuple(tensor.split(250) for tensor in parts["test"])
    for run in range(first, RUNS, apart):
        model = NETWORKS[network]()
        for _ in range(epochs):
            fit(model.train(), shuffled, 1, RATES[run])
            right = accuracy(model, zip(*tests, strict=True))
        print(right)


if __name__ == "__main__":
    bare(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:]))
