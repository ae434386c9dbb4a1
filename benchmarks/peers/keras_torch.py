"""Keras on PyTorch: arrays in memory, `compile` and `fit`."""

import math
import os
import time

os.environ["KERAS_BACKEND"] = "torch"

import keras
from keras import layers
from torchvision.datasets import FashionMNIST

from benchmarks.peers.told import RATE, Asked, Clock, Told

PACKAGES = ["torch", "keras"]


def network(workload: str) -> keras.Model:
    """Return the network of a workload."""
    first = keras.Input((28, 28, 1))
    if workload == "lenet-bn":
        return keras.Sequential([first, *_lenet_bn()])
    rates = {"mlp": [0.0], "dropout-mlp": [0.2, 0.5]}[workload]
    hidden = []
    for rate in rates:
        hidden += [layers.Dense(256, "relu"), *[layers.Dropout(rate)] * bool(rate)]
    return keras.Sequential([first, layers.Flatten(), *hidden, layers.Dense(10)])


def _lenet_bn() -> list[keras.Layer]:
    """Layers without biases before the normalisation, which has PyTorch's constants."""
    convolutions = [layers.Conv2D(n, 5, use_bias=False) for n in (6, 16)]
    dense = [layers.Dense(n, use_bias=False) for n in (120, 84)]
    after: dict[str, list[keras.Layer]] = {"Conv2D": [layers.MaxPooling2D(2)], "Dense": []}
    made: list[keras.Layer] = []
    for layer in (*convolutions, layers.Flatten(), *dense):
        made.append(layer)
        if (kind := type(layer).__name__) in after:
            normalised = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
            pooling = [layers.MaxPooling2D(2)] * (kind == "Conv2D")
            made += [normalised, layers.Activation("sigmoid"), *pooling]
    return [*made, layers.Dense(10)]


class Epochs(keras.callbacks.Callback):
    """Keeps the seconds of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, *_: object) -> None:
        """Begin an epoch."""
        self.began = time.perf_counter()

    def on_epoch_end(self, *_: object) -> None:
        """End it."""
        self.seconds.append(time.perf_counter() - self.began)


def run(asked: Asked, clock: Clock) -> Told:
    """Train and test."""
    parts = [FashionMNIST(str(asked.data), train=train) for train in (True, False)]
    (train, classes), test = [(p.data.numpy()[..., None] / 255, p.targets.numpy()) for p in parts]
    clock.end("load")
    keras.utils.set_random_seed(asked.seed)
    model, epochs = network(asked.workload), Epochs()
    model.compile(
        optimizer=keras.optimizers.SGD(RATE),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    clock.end("compile")
    model.fit(train, classes, asked.batch, asked.epochs, verbose=0, callbacks=[epochs])
    clock.end("train")
    _, right = model.evaluate(*test, batch_size=asked.batch, verbose=0)
    clock.end("test")
    trained = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    steps = int(model.optimizer.iterations.value)
    return Told(float(right), trained, steps, PACKAGES, epochs.seconds)
