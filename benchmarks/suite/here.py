"""This program's parts in the process of the benchmark: configs, and groups without files."""

from collections.abc import Callable, Sequence

from benchmarks.timing import seconds
from runner.build import build_group
from runner.config import Config, check
from runner.engine import rehearsal
from runner.engine.train import Quiet, Training, steps_per_epoch
from runner.request.command_line import read
from runner.request.validate import check_request


def configs(*request: str) -> list[Config]:
    """Return the checked config of each point of a request."""
    return [check(point.resolved) for point in check_request(read([*request])).points]


def train_epochs(group_configs: Sequence[Config]) -> None:
    """Train a group without files and without tests."""
    training = Training(build_group(group_configs, []), Quiet())
    for _ in range(training.group.epochs):
        training._train_epoch()
        training.epochs_done += 1


def epochs_of(group_configs: Sequence[Config]) -> Callable[[int], float]:
    """Build a group, and return what trains its next epoch and returns the seconds of it."""
    training = Training(build_group(group_configs, []), Quiet())

    def epoch(_: int) -> float:
        taken = seconds(training._train_epoch)
        training.epochs_done += 1
        return taken

    return epoch


def rehearse(group_configs: Sequence[Config]) -> None:
    """Train a group without files: its steps, and what measures them at the end of an epoch."""
    group = build_group(group_configs, [])
    rehearsal.rehearse(Training(group, Quiet()), group.epochs * steps_per_epoch(group))
