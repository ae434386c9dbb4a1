"""One network on Fashion-MNIST, batch 256, SGD at 0.1, beside the loops that people write.

Every implementation is a process of its own, in turn, with the round as its seed. An epoch is the
median of a process's epochs without its first one, training alone: all sum the training loss, most
the accuracy, none evaluates. The whole process has its imports, its data, a test at the end, and of
`python -m runner` also a test after each epoch, its files and its plots.
"""

import statistics
from collections.abc import Iterator
from dataclasses import replace

from benchmarks import timing
from benchmarks.peers.told import Told
from benchmarks.rows import OURS, Row
from benchmarks.suite.commands import our_run, our_split
from benchmarks.suite.compare import Comparison, Peer, Work
from benchmarks.suite.data import fashion

ROUNDS, EPOCHS = 3, 5
# After so few epochs at this rate the test accuracy of one and the same program goes up and down by
# 0.027 (standard deviation over seeds, docs/benchmarks.md, "Precision"): two of these.
TOLERANCE = 0.054

WHOLE = "python -m runner"
LOOP = Peer(OURS, "ours")
BARE = Peer("bare loop over tensors in memory", "bare", aim="at least 1.0")
LIGHTNING = ("lightning", ("lightning", "torchvision"))
PEERS = (
    BARE,
    Peer("PyTorch, `DataLoader`, `ToTensor`", "loader", ("torchvision",), aim="at least 5"),
    Peer("Lightning, its defaults", *LIGHTNING, aim="at least 5"),
    Peer("Lightning, logger, bars, checkpoints off", *LIGHTNING, ("quiet=true",), "at least 2"),
    Peer("Keras on PyTorch", "keras_torch", ("keras",)),
)
# It has neither dropout nor convolutions.
SCIKIT = Peer("scikit-learn's `MLPClassifier`", "scikit", ("sklearn",))


def measure(network: str, rounds: int = ROUNDS, epochs: int = EPOCHS) -> Iterator[Row]:
    """Measure an epoch, and whole processes, for one network."""
    peers = [*PEERS, *[SCIKIT] * (network == "mlp")]
    with timing.scratch() as folder:
        root = fashion(folder)
        words = (f"epochs={epochs}", f"data={root}")
        typed = ("dataset=fashion-mnist", f"dataset.root={root}", f"model={network}", "device=cpu")
        typed = (*typed, "batch_size=256", f"epochs={epochs}")

        def work(peer: Peer) -> Work:
            return lambda seed: peer.run(network, (*words, f"seed={seed}"), folder)

        told = timing.in_turn(
            {
                WHOLE: lambda seed: our_run((*typed, f"seed={seed}"), folder),
                **{peer.name: work(peer) for peer in (LOOP, *peers) if not peer.missing()},
            },
            rounds,
        )
        parts = our_split(typed, folder)
    epoch = Comparison(f"`{network}`, an epoch", "accuracy", TOLERANCE, _epoch)
    yield epoch.our_row(told[OURS])
    for peer in peers:
        yield replace(epoch.row(peer, told.get(peer.name, []), told[OURS]), parts={})
    whole = Comparison(f"`{network}`, {epochs} epochs, the whole process", "accuracy", TOLERANCE)
    yield whole.our_row(told[WHOLE], parts)
    for peer in peers:
        yield replace(whole.row(peer, told.get(peer.name, []), told[WHOLE]), aim="")


def _epoch(told: Told) -> float:
    """Return the median seconds of an epoch; the first finds everything cold."""
    return statistics.median(told.epochs[1:] or told.epochs)
