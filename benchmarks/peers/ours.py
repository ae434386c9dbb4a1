"""This program's own training, without its files: what the loops of others are held against."""

import time

from benchmarks.peers.told import Asked, Clock, Told
from runner.build import build_group, load_data
from runner.config import check
from runner.engine.measure import evaluate
from runner.engine.train import Quiet, Training
from runner.request.command_line import read
from runner.request.validate import check_request

PACKAGES = ["torch"]


def request(asked: Asked) -> list[str]:
    """Return what is typed for a workload."""
    own = ["device=cpu", f"seed={asked.seed}", f"epochs={asked.epochs}"]
    if asked.workload == "digits":
        return own
    data = ["dataset=fashion-mnist", f"model={asked.workload}", f"batch_size={asked.batch}"]
    return [*data, *own]


def run(asked: Asked, clock: Clock) -> Told:
    """Train and test."""
    (point,) = check_request(read(request(asked))).points
    config = check(point.resolved)
    clock.end("compose")
    load_data(config)
    clock.end("load")
    training = Training(build_group([config], []), Quiet())
    clock.end("compile")
    taken = [_epoch(training) for _ in range(asked.epochs)]
    clock.end("train")
    right = float(evaluate(training.group, "test")["accuracy"])
    clock.end("test")
    parameters = sum(tensor.numel() for tensor in training.group.members.params.values())
    return Told(right, parameters, training.steps_per_epoch * asked.epochs, PACKAGES, taken)


def _epoch(training: Training) -> float:
    start = time.perf_counter()
    training._train_epoch()
    training.epochs_done += 1
    return time.perf_counter() - start
