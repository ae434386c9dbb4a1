"""Sweeps of the MLP and of LeNet-BN on Fashion-MNIST, a few steps each, without their files.

As they are planned (``width=auto``) and one run after another, in turn in one process.
"""

from collections.abc import Iterator, Sequence

from benchmarks.rows import Row
from benchmarks.suite.here import configs, train_epochs
from benchmarks.timing import in_turn, ratios, seconds, spread
from runner.engine.cost import threads
from runner.sweep.plan import plan

ROUNDS = 5


def measure(train_size: int = 5120, rounds: int = ROUNDS) -> Iterator[Row]:
    """Measure both networks."""
    for model in ("mlp", "lenet-bn"):
        yield from _network(model, train_size, rounds)


def _network(model: str, train_size: int, rounds: int) -> Iterator[Row]:
    sweep = configs(
        *("-m", "dataset=fashion-mnist", f"model={model}", "batch_size=256"),
        *("optim.lr=0.05,0.1,0.2,0.4", f"dataset.train_size={train_size}", "epochs=1"),
    )
    plans = plan(sweep, "auto")

    def train(groups: Sequence[Sequence[int]]) -> float:
        return seconds(lambda: [train_epochs([sweep[job] for job in jobs]) for jobs in groups])

    one_by_one = [(job,) for job in range(len(sweep))]
    groups = [group.jobs for group in plans]
    with threads(plans[0].threads):
        taken = in_turn(
            {"planned": lambda _: train(groups), "one": lambda _: train(one_by_one)}, rounds
        )
    workload = f"a sweep of `{model}`: {len(sweep)} runs, planned as {len(plans)} groups"
    yield Row(workload=workload, seconds=spread(taken["planned"]))
    yield Row(
        workload=workload,
        implementation="one after another",
        seconds=spread(taken["one"]),
        ratio=ratios(taken["one"], taken["planned"]),
        aim="at least 0.97",
    )
