"""One epoch of the MLP on Fashion-MNIST, batch 256, against loops that people write.

    python benchmarks/epoch.py

Each figure is a ratio of epochs taken in turn in this one process; the median is printed. All
loops train the same 784-256-10 network with SGD at 0.1 and sum the training loss and accuracy;
none evaluates. "Bare" draws a permutation and indexes tensors that lie in memory as floats.
"""

import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from runner.build import build_group, load_data
from runner.config import check
from runner.engine.train import Quiet, Training
from runner.request.command_line import read
from runner.request.validate import check_request

REPEATS = 9
REQUEST = ["dataset=fashion-mnist", "batch_size=256", "device=cpu", "plots=false"]


def network() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


def train_on(batches: object, model: nn.Module, optimizer: torch.optim.Optimizer) -> float:
    """Train one epoch by a loop of the usual kind, over any batches."""
    loss_sum, right = torch.zeros(()), torch.zeros(())
    for inputs, targets in batches:  # type: ignore[attr-defined]
        logits = model(inputs)
        loss = nn.functional.cross_entropy(logits, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.detach() * len(targets)
        right += (logits.argmax(1) == targets).sum()
    return float(loss_sum + right)


def bare(inputs: Tensor, targets: Tensor) -> Callable[[], None]:
    """Return an epoch over tensors in memory, with nothing around its steps."""
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def epoch() -> None:
        order = torch.randperm(len(targets)).split(256)
        train_on(((inputs[rows], targets[rows]) for rows in order), model, optimizer)

    return epoch


def usual(images: Tensor, targets: Tensor) -> Callable[[], None]:
    """Read torchvision's FashionMNIST through ToTensor and a DataLoader, as tutorials do."""
    from torchvision.datasets import FashionMNIST
    from torchvision.transforms import ToTensor

    pictures = FashionMNIST.__new__(FashionMNIST)  # as constructed, with our copy of the files
    pictures.data, pictures.targets = images[:, 0], targets
    pictures.transform, pictures.target_transform = ToTensor(), None
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = DataLoader(pictures, batch_size=256, shuffle=True)
    return lambda: void(train_on(loader, model, optimizer))


def void(_: object) -> None:
    return None


def seconds(epoch: Callable[[], object]) -> float:
    start = time.perf_counter()
    epoch()
    return time.perf_counter() - start


def main() -> int:
    """Measure an epoch in turn by each way, and print the medians."""
    (point,) = check_request(read(REQUEST)).points
    config = check(point.resolved)
    training = Training(build_group([config], []), Quiet())
    train = load_data(config).train
    inputs = train.inputs / 255
    loops = {
        "ours": training._train_epoch,
        "bare": bare(inputs, train.targets),
        "usual": usual(train.inputs, train.targets),
    }
    for loop in loops.values():
        loop()
    times = [{name: seconds(loop) for name, loop in loops.items()} for _ in range(REPEATS)]
    median = statistics.median
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {REPEATS} epochs each")
    for name in loops:
        print(f"{name:>6}: median {median(row[name] for row in times):.3f} s an epoch")
    print(f"ours / bare loop: {median(row['ours'] / row['bare'] for row in times):.3f} (aim 1.05)")
    print(f"usual loop / ours: {median(row['usual'] / row['ours'] for row in times):.2f} (aim 5)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
