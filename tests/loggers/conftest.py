"""Training as a command does it, with loggers that were chosen."""

from collections.abc import Callable
from pathlib import Path

import pytest

from runner.build import build_logger
from runner.crew.follow import Follower
from runner.loggers.guard import Loggers
from runner.request.launching import Launching
from runner.sweep.launch import set_out
from runner.sweep.launch import train as train_all
from runner.sweep.progress import ProgressDisplay

SHORT = ("dataset.train_size=40", "model.hidden=[4]", "epochs=3", "device=cpu")
Train = Callable[..., list[Path]]


@pytest.fixture
def train(composer, make_config, tmp_path, monkeypatch) -> Train:
    """Trains points in one group, as one sweep with its loggers, and returns their folders."""
    monkeypatch.chdir(tmp_path)

    def train(*points, make=build_logger, sweep="sweep"):
        folders = [tmp_path / sweep / str(job) for job in range(len(points))]
        made = [composer.point([*SHORT, *point]) for point in points]
        configs = [make_config(*SHORT, *point) for point in points]
        progress = ProgressDisplay(len(points))
        with Loggers(make, progress.tell) as loggers:
            loggers.sweep = tmp_path / sweep
            progress.follower = Follower(loggers, is_sweep=True)
            set_out(tmp_path / sweep, made, configs, folders, Launching(8), is_sweep=True)
            train_all(tmp_path / sweep, progress)
        return folders

    return train


@pytest.fixture(scope="session")
def rows_of() -> Callable[[Path], list[dict[str, float]]]:
    """Reads a run's own metrics."""

    def rows_of(folder):
        head, *lines = (folder / "metrics.csv").read_text().splitlines()
        names = head.split(",")
        return [dict(zip(names, map(float, line.split(",")), strict=True)) for line in lines]

    return rows_of
