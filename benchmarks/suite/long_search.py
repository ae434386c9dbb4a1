"""A search of 1,000 points in the weight-decay study, over λ and learning rate, whole command."""

from collections.abc import Iterator

from benchmarks.rows import Row
from benchmarks.timing import command, in_turn, scratch, spread

ROUNDS = 3


def measure(trials: int = 1000, epochs: int = 100, rounds: int = ROUNDS) -> Iterator[Row]:
    """Measure it."""
    words = (
        *("-m", "runner", "-m", "hydra/sweeper=search", "dataset=high-dim-linear"),
        *("dataset.val_fraction=0.2", "model=linreg", f"epochs={epochs}"),
        *("regularizer.lambda=tag(log,interval(1e-3,10))", "optim.lr=tag(log,interval(1e-3,0.1))"),
        f"hydra.sweeper.trials={trials}",
    )
    with scratch() as folder:
        taken = in_turn({"": lambda _: command(words, folder)[0]}, rounds)
    title = f"a search of {trials:,} points in the weight-decay study, {epochs} epochs, whole"
    yield Row(workload=title, seconds=spread(taken[""]), aim="at most 20 s")
