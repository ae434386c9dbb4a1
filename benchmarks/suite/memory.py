"""The most memory of one run's process, beside a bare loop that trains the same."""

from collections.abc import Iterator

from benchmarks.rows import OURS, Row
from benchmarks.suite.data import fashion
from benchmarks.timing import in_turn, ratios, scratch, spread, watched

ROUNDS = 3
NETWORKS = ("mlp", "lenet-bn")


def measure(rounds: int = ROUNDS) -> Iterator[Row]:
    """Measure whole commands of one epoch on Fashion-MNIST."""
    with scratch() as folder:
        root = fashion(folder)
        for network in NETWORKS:
            ours = (
                *("-m", "runner", "dataset=fashion-mnist", f"dataset.root={root}"),
                *(f"model={network}", "device=cpu", "batch_size=256", "epochs=1"),
            )
            bare = ("-m", "benchmarks.peers", "bare", network, "epochs=1", f"data={root}")
            taken = in_turn(
                {
                    OURS: lambda _, words=ours: watched(words, folder).megabytes,  # type: ignore[misc]
                    "bare": lambda _, words=bare: watched(words, folder).megabytes,  # type: ignore[misc]
                },
                rounds,
            )
            title = f"`{network}` on Fashion-MNIST, an epoch, whole command"
            yield Row(workload=title, memory=spread(taken[OURS]))
            yield Row(
                workload=title,
                implementation="bare loop over tensors in memory",
                memory=spread(taken["bare"]),
                ratio=ratios(taken["bare"], taken[OURS]),
                aim="at least 0.77: ours has at most 1.3 times as much",
            )
