"""scikit-learn's `MLPClassifier`: an MLP, on Fashion-MNIST or on digits."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.peers.told import RATE, Asked, Clock, Told

PACKAGES = ["scikit-learn"]
Examples = tuple[np.ndarray, np.ndarray]


def examples(asked: Asked) -> tuple[Examples, Examples]:
    """Return the images of training and of test, a row each, and their classes."""
    if asked.workload == "digits":
        found = np.load(asked.data)
        pairs = [(found[name], found[f"{name}_targets"]) for name in ("train", "test")]
    else:
        from torchvision.datasets import FashionMNIST

        parts = [FashionMNIST(str(asked.data), train=train) for train in (True, False)]
        pairs = [(p.data.numpy().astype(np.float32) / 255, p.targets.numpy()) for p in parts]
    train, test = [(inputs.reshape(len(inputs), -1), targets) for inputs, targets in pairs]
    return train, test


def run(asked: Asked, clock: Clock) -> Told:
    """Train and test."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    train, test = examples(asked)
    clock.end("load")
    model = MLPClassifier(
        hidden_layer_sizes=(256,),
        solver="sgd",
        learning_rate_init=RATE,
        momentum=0.0,
        nesterovs_momentum=False,
        alpha=0.0,
        batch_size=asked.batch,
        max_iter=asked.epochs,
        n_iter_no_change=asked.epochs + 1,
        random_state=asked.seed,
    )
    clock.end("compile")
    taken = _fit(model, train, clock)
    right = model.score(*test)
    clock.end("test")
    trained = sum(array.size for array in (*model.coefs_, *model.intercepts_))
    steps = model.t_ // len(train[0]) * -(-len(train[0]) // asked.batch)
    return Told(right, trained, steps, PACKAGES, [taken / asked.epochs] * asked.epochs)


def _fit(model: MLPClassifier, train: Examples, clock: Clock) -> float:
    model.fit(*train)
    return clock.end("train")
