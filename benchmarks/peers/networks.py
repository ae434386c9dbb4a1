"""The networks of the workloads in plain PyTorch, and the loop that most people write."""

import time
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn

from benchmarks.peers.told import RATE

Batches = Iterable[tuple[Tensor, Tensor]]


def mlp(inputs: int = 784, rates: tuple[float, ...] = ()) -> nn.Module:
    """Return an MLP of 256 units a hidden layer, as `model=mlp` and `model=dropout-mlp` have it."""
    layers: list[nn.Module] = [nn.Flatten()]
    for rate in rates or (0.0,):
        layers += [nn.Linear(inputs, 256), nn.ReLU(), *[nn.Dropout(rate)] * bool(rate)]
        inputs = 256
    return nn.Sequential(*layers, nn.Linear(256, 10))


def lenet_bn() -> nn.Module:
    """Return LeNet with batch normalisation, as `model=lenet-bn` has it."""

    def convolution(inputs: int, outputs: int) -> Iterator[nn.Module]:
        yield nn.Conv2d(inputs, outputs, 5, bias=False)
        yield from (nn.BatchNorm2d(outputs), nn.Sigmoid(), nn.MaxPool2d(2))

    def linear(inputs: int, outputs: int) -> Iterator[nn.Module]:
        yield nn.Linear(inputs, outputs, bias=False)
        yield from (nn.BatchNorm1d(outputs), nn.Sigmoid())

    hidden = [*linear(256, 120), *linear(120, 84), nn.Linear(84, 10)]
    return nn.Sequential(*convolution(1, 6), *convolution(6, 16), nn.Flatten(), *hidden)


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "mlp": mlp,
    "dropout-mlp": lambda: mlp(rates=(0.2, 0.5)),
    "lenet-bn": lenet_bn,
    "digits": lambda: mlp(64),
}


def count(model: nn.Module) -> int:
    """Return how many numbers a network trains."""
    return sum(parameter.numel() for parameter in model.parameters())


def fit(
    model: nn.Module, batches: Callable[[], Batches], epochs: int, rate: float = RATE
) -> tuple[list[float], int]:
    """Train by SGD, and sum loss and accuracy, as tutorials do.

    Args:
        model: The network.
        batches: Returns the batches of an epoch.
        epochs: Passes over them.
        rate: The learning rate.

    Returns:
        The seconds of each epoch, and how many steps there were.
    """
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    device = next(model.parameters()).device
    taken, steps = [], 0
    for _ in range(epochs):
        start = time.perf_counter()
        loss_sum, right = torch.zeros(2, device=device).unbind()
        for inputs, targets in batches():
            logits = model(inputs)
            loss = nn.functional.cross_entropy(logits, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.detach() * len(targets)
            right += (logits.argmax(1) == targets).sum()
            steps += 1
        float(loss_sum + right)
        taken.append(time.perf_counter() - start)
    return taken, steps


@torch.no_grad()
def accuracy(model: nn.Module, batches: Batches) -> float:
    """Return the share of examples that are classified rightly."""
    model.eval()
    right = [model(inputs).argmax(1) == targets for inputs, targets in batches]
    return float(torch.cat(right).float().mean())
