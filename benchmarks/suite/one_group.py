"""The weight-decay study with 512 members (λ by seeds), 100 epochs of 20 examples, training alone.

One group against solo runs of a plain PyTorch loop, on one thread in one process; a few solo runs
are timed and the rest extrapolated. On one data set and without a look at it after each epoch,
which is the same work for both.
"""

import statistics
from collections.abc import Iterator

import torch
from torch import nn

from benchmarks.rows import Row
from benchmarks.suite.here import configs, train_epochs
from benchmarks.timing import in_turn, ratios, seconds, spread
from runner.build import load_data
from runner.config import Config
from runner.engine.cost import threads

ROUNDS = 5
SOLO = 8  # plain runs that are timed
LAMBDAS = "0,0.01,0.03,0.1,0.3,1,3,10"


def plain_run(config: Config) -> None:
    """Do one run of the study as a course writes it: a loop over single examples."""
    train = load_data(config).train
    model = nn.Linear(200, 1)
    nn.init.normal_(model.weight)
    optimizer = torch.optim.SGD(model.parameters(), lr=config.optim["lr"])
    for _ in range(config.epochs):
        for rows in torch.randperm(len(train)).split(1):
            loss = (model(train.inputs[rows]) - train.targets[rows]).square().mean() / 2
            loss = loss + config.regularizer["lambda"] / 2 * model.weight.square().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def measure(repeats: int = 64, rounds: int = ROUNDS, solo: int = SOLO) -> Iterator[Row]:
    """Measure it."""
    study = configs(
        *("experiment=weight-decay", f"regularizer.lambda={LAMBDAS}"),
        *(f"repeats={repeats}", "repeats_of=seed", "eval_train=false"),
    )
    workload = f"{len(study)} linear models of 200 weights, 100 epochs"

    def plain(_: int) -> float:
        each = statistics.median(seconds(lambda: plain_run(study[-1])) for _ in range(solo))
        return each * len(study)

    with threads(1):
        taken = in_turn(
            {"plain": plain, "ours": lambda _: seconds(lambda: train_epochs(study))}, rounds
        )
    yield Row(workload=workload, seconds=spread(taken["ours"]))
    yield Row(
        workload=workload,
        implementation="plain loops, one run after another (extrapolated)",
        seconds=spread(taken["plain"]),
        ratio=ratios(taken["plain"], taken["ours"]),
        aim="at least 50",
    )
