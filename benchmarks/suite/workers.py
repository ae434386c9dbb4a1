"""Sixteen runs on Fashion-MNIST over worker processes, the whole command with its report.

Beside as many independent one-thread processes as there are cores, which share the same runs among
them: a bare loop over tensors in memory that tests after each epoch. In turn.
"""

from collections.abc import Iterator
from statistics import fmean

from benchmarks.peers.by_hand import RATES, RUNS
from benchmarks.rows import OURS, Row
from benchmarks.suite.commands import our_sweep
from benchmarks.suite.compare import Comparison, Peer
from benchmarks.suite.data import fashion
from benchmarks.suite.training import TOLERANCE
from benchmarks.timing import in_turn, scratch

ROUNDS = 2
EPOCHS = {"mlp": 12, "lenet-bn": 2}
BY_HAND = Peer("bare processes, one to a core", "by_hand", aim="at least 0.95")


def measure(network: str, rounds: int = ROUNDS, epochs: int = 0) -> Iterator[Row]:
    """Measure both ways for one network."""
    epochs = epochs or EPOCHS[network]
    typed = (
        *("-m", "device=cpu", "dataset=fashion-mnist", f"model={network}", "batch_size=256"),
        *(f"optim.lr={','.join(map(str, RATES))}", f"epochs={epochs}"),
    )
    title = f"{RUNS} runs of `{network}`, {epochs} epochs, whole"
    runs = Comparison(title, "mean accuracy", TOLERANCE)
    with scratch() as folder:
        words = (f"epochs={epochs}", f"data={fashion(folder)}")
        told = in_turn(
            {
                OURS: lambda _: our_sweep(typed, folder, "test/accuracy", fmean),
                BY_HAND.name: lambda _: BY_HAND.run(network, words, folder),
            },
            rounds,
        )
    yield runs.our_row(told[OURS])
    yield runs.row(BY_HAND, told[BY_HAND.name], told[OURS])
