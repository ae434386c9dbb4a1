"""Plain PyTorch as its tutorials have it: torchvision's dataset, `ToTensor`, a `DataLoader`."""

import torch
from torch.utils.data import DataLoader
from torchvision.datasets import FashionMNIST
from torchvision.transforms import ToTensor

from benchmarks.peers.networks import NETWORKS, accuracy, count, fit
from benchmarks.peers.told import Asked, Clock, Told

PACKAGES = ["torch", "torchvision"]


def run(asked: Asked, clock: Clock) -> Told:
    """Train and test."""
    train = FashionMNIST(str(asked.data), train=True, transform=ToTensor())
    test = FashionMNIST(str(asked.data), train=False, transform=ToTensor())
    loader = DataLoader(train, batch_size=asked.batch, shuffle=True)
    clock.end("load")
    torch.manual_seed(asked.seed)
    model = NETWORKS[asked.workload]()
    clock.end("compile")
    taken, steps = fit(model, lambda: loader, asked.epochs)
    clock.end("train")
    right = accuracy(model, DataLoader(test, batch_size=asked.batch))
    clock.end("test")
    return Told(right, count(model), steps, PACKAGES, taken)
