"""Sweeps: members trained together against runs trained one after another.

    python benchmarks/sweep.py

1. The weight-decay study with 512 members (λ by seeds), 100 epochs of 20 examples: one group
   against solo runs of a plain PyTorch loop, of which a few are timed and the rest extrapolated.
2. What composing, checking and recording a run costs, at 1,010 points.
3. Sweeps of the MLP and LeNet-BN on Fashion-MNIST as planned (``width=auto``) against one after
   another, a few steps each.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import torch
from torch import nn

from runner.build import build_group, load_data
from runner.config import Config, check
from runner.engine.cost import threads
from runner.engine.train import Quiet, Training
from runner.request.command_line import read
from runner.request.launching import Launching
from runner.request.points import RequestedRun
from runner.request.validate import check_request
from runner.results.sweep import read_sweep, write_tables
from runner.sweep.job import prepare
from runner.sweep.launch import set_out, train
from runner.sweep.plan import plan
from runner.sweep.progress import ProgressDisplay
from runner.sweep.widths import WIDEST

REPEATS = 5
SOLO = 8  # plain runs that are timed
LAMBDAS = "0,0.01,0.03,0.1,0.3,1,3,10"


def configs(*request: str) -> list[Config]:
    return [check(point.resolved) for point in check_request(read(request)).points]


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def plain_run(config: Config) -> None:
    """One run of the study as a course writes it: a loop over single examples."""
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


def train_epochs(group_configs: Sequence[Config]) -> None:
    """Train a group without files: what is timed is training."""
    training = Training(build_group(group_configs, []), Quiet())
    for _ in range(training.group.epochs):
        training._train_epoch()
        training.epochs_done += 1


def weight_decay() -> None:
    """Time the study as one group against solo runs of a plain loop."""
    # On one data set and without the look at it after each epoch: one group, the same loop alone.
    overrides = ["repeats=64", "repeats_of=seed", "eval_train=false"]
    study = configs("experiment=weight-decay", f"regularizer.lambda={LAMBDAS}", *overrides)
    with threads(1):
        plain_run(study[-1])
        ratios = []
        for _ in range(REPEATS):
            solo = statistics.median(seconds(lambda: plain_run(study[-1])) for _ in range(SOLO))
            ratios.append(solo * len(study) / seconds(lambda: train_epochs(study)))
    print(f"1. {len(study)} members, plain solo runs / one group: {statistics.median(ratios):.0f}")


def overhead() -> None:
    """Compose, check and record 1,010 runs: all that the command does for a run but training."""
    request = ["-m", "optim.lr=range(0.001,0.201,0.002)", "regularizer.lambda=0,1", "repeats=5"]
    request += ["dataset=linear", "model=linreg", "dataset.train_size=10", "epochs=10"]
    points = check_request(read(request)).points
    checked = prepare(points)
    composing = [seconds(lambda: prepare(check_request(read(request)).points))]
    recording = []
    for _ in range(REPEATS):
        composing.append(seconds(lambda: prepare(check_request(read(request)).points)))
        with tempfile.TemporaryDirectory() as folder, threads(1):
            whole = seconds(lambda: record(points, checked, Path(folder)))
            recording.append(whole - seconds(lambda: train_epochs(checked)))
    each = [1000 * statistics.median(times) / len(points) for times in (composing, recording)]
    print(
        f"2. {len(points)} runs of 10 epochs: composing and checking {each[0]:.2f} ms a run, "
        f"recording and tables {each[1]:.2f} ms a run"
    )


def record(points: Sequence[RequestedRun], checked: Sequence[Config], folder: Path) -> None:
    """Train a sweep with all its files, as the command does."""
    folders = [folder / str(job) for job in range(len(points))]
    with redirect_stdout(StringIO()):
        set_out(folder, points, checked, folders, Launching(WIDEST), is_sweep=True)
        train(folder, ProgressDisplay(len(points)))
    write_tables(read_sweep(folder))


def as_planned(model: str) -> None:
    """Time a sweep as it is planned against its runs one after another."""
    sweep = configs(
        *("-m", "dataset=fashion-mnist", f"model={model}", "batch_size=256"),
        *("optim.lr=0.05,0.1,0.2,0.4", "dataset.train_size=5120", "epochs=1"),
    )
    plans = plan(sweep, "auto")
    planned = [group.jobs for group in plans]

    def train(groups: Sequence[Sequence[int]]) -> None:
        for jobs in groups:
            train_epochs([sweep[job] for job in jobs])

    one_by_one = [(job,) for job in range(len(sweep))]
    with threads(plans[0].threads):
        train(planned)
        ratios = [
            seconds(lambda: train(one_by_one)) / seconds(lambda: train(planned))
            for _ in range(REPEATS)
        ]
    print(
        f"3. {model}: {len(planned)} groups planned for {len(sweep)} runs; one after another / "
        f"as planned: {statistics.median(ratios):.2f}"
    )


def main() -> int:
    """Take every measurement in turn."""
    print(f"torch {torch.__version__}, {torch.get_num_threads()} CPU threads")
    weight_decay()
    overhead()
    for model in ("mlp", "lenet-bn"):
        as_planned(model)
    return 0


if __name__ == "__main__":
    sys.exit(main())
