"""A bare loop over tensors that lie in memory as floats: a permutation, and indexing."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.peers.networks import NETWORKS, Batches, accuracy, count, fit
from benchmarks.peers.told import Asked, Clock, Told

PACKAGES = ["torch"]


def fashion(root: Path) -> dict[str, tuple[Tensor, Tensor]]:
    """Return the images (N, 1, 28, 28) in [0, 1] and the classes, of training and test."""
    from torchvision.datasets import FashionMNIST

    parts = {name: FashionMNIST(str(root), train=name == "train") for name in ("train", "test")}
    return {name: (p.data.unsqueeze(1) / 255, p.targets) for name, p in parts.items()}


def digits(path: Path) -> dict[str, tuple[Tensor, Tensor]]:
    """Return the same of the digits, from a file of arrays."""
    arrays = {name: torch.from_numpy(array) for name, array in np.load(path).items()}
    return {name: (arrays[name], arrays[f"{name}_targets"]) for name in ("train", "test")}


def run(asked: Asked, clock: Clock) -> Told:
    """Train and test."""
    parts = (digits if asked.workload == "digits" else fashion)(asked.data)
    clock.end("load")
    torch.manual_seed(asked.seed)
    model = NETWORKS[asked.workload]()
    clock.end("compile")

    def shuffled() -> Batches:
        images, classes = parts["train"]
        for rows in torch.randperm(len(classes)).split(asked.batch):
            yield images[rows], classes[rows]

    taken, steps = fit(model, shuffled, asked.epochs)
    clock.end("train")
    right = accuracy(model, zip(*(tensor.split(250) for tensor in parts["test"]), strict=True))
    clock.end("test")
    return Told(right, count(model), steps, PACKAGES, taken)
