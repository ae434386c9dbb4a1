"""A sweep over worker processes, against bare processes that somebody starts by hand.

    python benchmarks/workers.py [mlp] [lenet-bn] [start-up] [saving]    # all of it by default

1. Sixteen runs on Fashion-MNIST, batch 256, the whole command with its tables, plots and report,
   against as many independent one-thread processes as there are cores, which share the same runs
   among them: a bare loop over tensors in memory that tests after each epoch. In turn; the median
   of the ratios.
2. A sweep that is over in a second: left to itself, and with two workers asked for.
3. What saving takes of the training time, and how long a group of 512 takes to go on.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

RUNS, PAIRS = 16, 2
EPOCHS = {"mlp": 12, "lenet-bn": 2}
RATES = [round(0.02 * (run + 1), 2) for run in range(RUNS)]
TINY = ["dataset=linear", "model=linreg", "epochs=3", "batch_size=16,32", "seed=range(8)"]
TRAINED = 100.0  # seconds of training, with three saves at intervals
SAVED = {
    "512 small MLPs": ["-m", "model.hidden=[16]", "optim=adam", "epochs=9999", "seed=range(512)"],
    "the MLP on Fashion-MNIST": ["dataset=fashion-mnist", "batch_size=256", "epochs=9999"],
}


def seconds(command: Sequence[str], folder: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def sweep(*overrides: str) -> list[str]:
    return [sys.executable, "-m", "runner", "-m", "device=cpu", *overrides]


# ---------------------------------------------------------------- bare processes


def by_hand(model: str, data: Path) -> float:
    """Start a bare process for each core, and wait for all."""
    from runner.machine import cores

    start = time.perf_counter()
    command = [sys.executable, __file__, "bare", model, str(data)]
    started = [subprocess.Popen([*command, str(i), str(cores())]) for i in range(cores())]
    codes = [process.wait() for process in started]
    assert not any(codes)
    return time.perf_counter() - start


def bare(model: str, data: str, first: int, apart: int) -> None:
    """Train some of the runs as a bare loop does, on one thread."""
    torch.set_num_threads(1)
    images, classes, test_images, test_classes = torch.load(data)
    for run in range(first, RUNS, apart):
        network = mlp() if model == "mlp" else lenet_bn()
        optimizer = torch.optim.SGD(network.parameters(), lr=RATES[run])
        for _ in range(EPOCHS[model]):
            train(network.train(), optimizer, images, classes)
            right(network.eval(), test_images, test_classes)


def train(
    network: nn.Module, optimizer: torch.optim.Optimizer, images: Tensor, classes: Tensor
) -> None:
    """Train for one epoch, in batches of 256."""
    for rows in torch.randperm(len(classes)).split(256):
        loss = nn.functional.cross_entropy(network(images[rows]), classes[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


@torch.no_grad()
def right(network: nn.Module, images: Tensor, classes: Tensor) -> int:
    """Count the images that are classified rightly."""
    found = [network(some).argmax(1) for some in images.split(250)]
    return int((torch.cat(found) == classes).sum())


def mlp() -> nn.Module:
    """Return an MLP with one hidden layer of 256, as model=mlp has it."""
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


def lenet_bn() -> nn.Module:
    """Return LeNet with batch normalisation, as model=lenet-bn has it."""

    def convolution(inputs: int, outputs: int) -> Iterator[nn.Module]:
        yield nn.Conv2d(inputs, outputs, 5, bias=False)
        yield from (nn.BatchNorm2d(outputs), nn.Sigmoid(), nn.MaxPool2d(2))

    def linear(inputs: int, outputs: int) -> Iterator[nn.Module]:
        yield nn.Linear(inputs, outputs, bias=False)
        yield from (nn.BatchNorm1d(outputs), nn.Sigmoid())

    hidden = [*linear(256, 120), *linear(120, 84), nn.Linear(84, 10)]
    return nn.Sequential(*convolution(1, 6), *convolution(6, 16), nn.Flatten(), *hidden)


# ---------------------------------------------------------------- what is measured


def throughput(model: str, folder: str) -> None:
    """Compare the whole command with bare processes that train the same runs."""
    rates = ",".join(map(str, RATES))
    ours = sweep("dataset=fashion-mnist", "batch_size=256", f"model={model}", f"optim.lr={rates}")
    ours.append(f"epochs={EPOCHS[model]}")
    data = examples(Path(folder))
    times = [(by_hand(model, data), seconds(ours, folder)) for _ in range(PAIRS)]
    print(
        f"1. {RUNS} runs of {model}, {EPOCHS[model]} epochs: bare processes / ours "
        f"{statistics.median(bare / own for bare, own in times):.2f} "
        f"({statistics.median(bare for bare, _ in times):.1f} s against "
        f"{statistics.median(own for _, own in times):.1f} s)"
    )


def examples(folder: Path) -> Path:
    """Write the examples as the bare processes take them: floats, in one file."""
    from runner.build import load_data

    path = folder / "examples.pt"
    if not path.exists():
        splits = load_data(*checked(["dataset=fashion-mnist"])).splits
        pairs = [(splits[name].inputs / 255, splits[name].targets) for name in ("train", "test")]
        torch.save([tensor for pair in pairs for tensor in pair], path)
    return path


def start_up(folder: str) -> None:
    """Time a sweep that is over in a second."""
    commands = {
        "left to itself": sweep(*TINY),
        "in the command's own process": sweep(*TINY, "hydra.launcher.workers=0"),
        "over two workers": sweep(*TINY, "hydra.launcher.workers=2"),
    }
    times = [{name: seconds(line, folder) for name, line in commands.items()} for _ in range(3)]
    told = [f"{name} {statistics.median(t[name] for t in times):.1f} s" for name in commands]
    print(f"2. 16 linear regressions, whole command: {', '.join(told)}")


def saving(folder: str) -> None:
    """Train groups for a while, say what their saves took, and go on from the last."""
    from runner.build import build_group
    from runner.engine.recorder import Recorder
    from runner.engine.saves import Saves
    from runner.engine.train import Quiet, Training

    class Minutes(Quiet):
        """Ends the training as an interruption does."""

        def __init__(self) -> None:
            self.end = time.perf_counter() + TRAINED

        def step(self) -> None:
            if time.perf_counter() > self.end:
                raise KeyboardInterrupt

    for name, request in SAVED.items():
        configs = checked(request)
        places = [Path(folder, name, str(job)) for job in range(len(configs))]
        recorders = [Recorder(place, {}, job) for job, place in enumerate(places)]
        saves = Saves(Path(folder, name), seconds=30.0)
        training = Training(build_group(configs, recorders), Minutes(), saves)
        with suppress(KeyboardInterrupt):
            training.run()
        again = Training(build_group(configs, recorders), Quiet(), saves)
        start = time.perf_counter()
        again.restore(next(saves.load()))
        going_on = time.perf_counter() - start
        print(
            f"3. {name}: saving took {saves.spent / training.seconds:.3%} of {TRAINED:.0f} s, the "
            f"last save at the end included; to read and take it back {going_on:.2f} s"
        )


def checked(request: list[str]) -> list[Any]:
    """Return the checked config of each point of a request."""
    from runner.config import check
    from runner.request.command_line import read
    from runner.request.validate import check_request

    return [check(point.resolved) for point in check_request(read(request)).points]


def main() -> int:
    """Measure all of it."""
    if sys.argv[1:2] == ["bare"]:
        bare(*sys.argv[2:4], *map(int, sys.argv[4:]))
        return 0
    from runner.machine import machine

    parts = sys.argv[1:] or [*EPOCHS, "start-up", "saving"]
    print(f"{machine()}, torch {torch.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        for model in EPOCHS.keys() & {*parts}:
            throughput(model, folder)
        if "start-up" in parts:
            start_up(folder)
        if "saving" in parts:
            saving(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
