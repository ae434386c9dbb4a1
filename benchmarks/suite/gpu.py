"""Epochs on a GPU, beside the loop of tutorials with its data and its network on the GPU too.

Groups are trained without files, one epoch of each way in turn, in one process; the GPU is waited
for at the end of each. Where there is no GPU the rows say so.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch

from benchmarks.peers.networks import NETWORKS, Batches, fit
from benchmarks.rows import Row
from benchmarks.suite.here import configs, epochs_of
from benchmarks.timing import in_turn, ratios, seconds, spread
from runner.build import load_data

NO_GPU = "no GPU at hand"
ROUNDS = 5
BATCH = 256
FASHION = ("dataset=fashion-mnist", f"batch_size={BATCH}", f"epochs={ROUNDS + 1}")
DENSENET = ("model=densenet", "dataset.train_size=11000", "device.precision=bf16")

Words = tuple[str, ...]
Epoch = Callable[[], object]


def ours(words: Words, compilation: str) -> Epoch:
    """Return what trains the next epoch of a group of this program."""
    epoch = epochs_of(configs(*words, f"device.compile={compilation}"))
    return lambda: epoch(0)


def loops(network: str, runs: int, words: Words, device: str) -> Epoch:
    """Return what trains an epoch of some networks, one after the other, by the tutorial's loop."""
    data = load_data(configs(*words)[0])
    images = data.prepare(data.train.inputs, torch.float32).to(device)
    classes = data.train.targets.to(device)
    models = [NETWORKS[network]().to(device) for _ in range(runs)]

    def shuffled() -> Batches:
        for rows in torch.randperm(len(classes), device=device).split(BATCH):
            yield images[rows], classes[rows]

    return lambda: [fit(model, shuffled, 1) for model in models]


@dataclass(frozen=True)
class Other:
    """What stands beside ours.

    Attributes:
        name: As the page calls it.
        make: Makes its epoch from what is asked of this program, and the device.
        aim: How many times ours it should take, in words.
    """

    name: str
    make: Callable[[Words, str], Epoch]
    aim: str = ""


@dataclass(frozen=True)
class Work:
    """What is measured.

    Attributes:
        title: As the page calls it.
        words: What is asked of this program.
        others: What stands beside it.
        aim: What our seconds should be, in words.
    """

    title: str
    words: Words
    others: tuple[Other, ...]
    aim: str = ""


EAGER = Other("ours, one operation after another", lambda words, _: ours(words, "none"))


def loop(network: str, runs: int, aim: str) -> Other:
    """Return so many runs of the tutorial's loop."""
    name = f"the loop of tutorials, {runs} runs" if runs > 1 else "the loop of tutorials"
    return Other(name, partial(loops, network, runs), aim)


def alone(network: str) -> Work:
    """Return a network by itself, beside the loop."""
    beside = (EAGER, loop(network, 1, "at least 5"))
    return Work(f"`{network}` on a GPU, an epoch", (f"model={network}",), beside)


WORKS = (
    alone("mlp"),
    alone("lenet-bn"),
    Work(
        "64 `mlp` on a GPU, an epoch",
        ("model=mlp", "repeats=64"),
        (loop("mlp", 2, "at least 1"),),
    ),
    Work(
        "DenseNet on a GPU, 11,000 images of 96 pixels, bf16, an epoch",
        DENSENET,
        (EAGER,),
        "at most 0.1 s",
    ),
)


def measure(
    device: str = "cuda",
    compilation: str = "cuda-graphs",
    rounds: int = ROUNDS,
    typed: Words = FASHION,
) -> Iterator[Row]:
    """Measure each work; without a GPU its rows have no figures.

    Args:
        device: Where.
        compilation: How our steps are captured.
        rounds: How many epochs of each way are kept.
        typed: What is asked of this program for every work.
    """
    for work in WORKS:
        if device == "cuda" and not torch.cuda.is_available():
            yield from _blank(work)
        else:
            words = (*typed, f"device={device}", *work.words)
            yield from _measured(work, words, device, compilation, rounds)


def _blank(work: Work) -> Iterator[Row]:
    yield Row(workload=work.title, aim=work.aim, missing=NO_GPU)
    for other in work.others:
        yield Row(workload=work.title, implementation=other.name, aim=other.aim, missing=NO_GPU)


def _measured(
    work: Work, words: Words, device: str, compilation: str, rounds: int
) -> Iterator[Row]:
    ways = {"": _timed(ours(words, compilation), device)}
    ways |= {other.name: _timed(other.make(words, device), device) for other in work.others}
    taken = in_turn(ways, rounds)
    yield Row(workload=work.title, seconds=spread(taken[""]), aim=work.aim)
    for other in work.others:
        yield Row(
            workload=work.title,
            implementation=other.name,
            seconds=spread(taken[other.name]),
            ratio=ratios(taken[other.name], taken[""]),
            aim=other.aim,
        )


def _timed(epoch: Epoch, device: str) -> Callable[[int], float]:
    """Return what gives the seconds of an epoch, to the end of its last kernel."""

    def whole() -> None:
        epoch()
        if device == "cuda":
            torch.cuda.synchronize()

    return lambda _: seconds(whole)
