"""Commands with a package of troublesome components beside them."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from trouble.commands import TWO_GROUPS, Started, reached, rows
from trouble.package import PACKAGE


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder in which the package is installed."""
    folder: Path = tmp_path_factory.mktemp("site")
    for name, text in PACKAGE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def start(site) -> Iterator[Callable[..., Started]]:
    """Starts a command, and ends what is left of it with the module."""
    started: list[Started] = []

    def start(*argv: object, **environment: object) -> Started:
        started.append(Started(site, *argv, **environment))
        return started[-1]

    yield start
    for command in started:
        for pid in command.processes():
            os.kill(pid, signal.SIGKILL)
        command.communicate()


@pytest.fixture(scope="module")
def call(start) -> Callable[..., SimpleNamespace]:
    """Runs a command to its end."""

    def call(*argv: object, **environment: object) -> SimpleNamespace:
        command = start(*argv, **environment)
        said = command.end()
        return SimpleNamespace(code=command.returncode, said=said, words=" ".join(said.split()))

    return call


@pytest.fixture(scope="module")
def calm(call, tmp_path_factory) -> Path:
    """The sweep of two groups as it is without any disturbance, in the command's own process."""
    folder: Path = tmp_path_factory.mktemp("calm") / "sweep"
    done = call(*TWO_GROUPS, "hydra.launcher.workers=0", f"hydra.sweep.dir={folder}")
    assert done.code == 0, done.said
    return folder


@pytest.fixture
def training(start, tmp_path) -> Callable[..., tuple[Started, Path]]:
    """Starts the sweep of two groups, which takes its time, and waits for rows of it."""

    def training(workers: int, **environment: object) -> tuple[Started, Path]:
        folder = tmp_path / "sweep"
        asked = [*TWO_GROUPS, f"hydra.launcher.workers={workers}", f"hydra.sweep.dir={folder}"]
        command = start(*asked, **{"SECONDS_EACH_EPOCH": 1, **environment})
        jobs = [0, 1] if workers else [0]  # of each group one: hidden=[8], then [9]
        assert reached(lambda: all(rows(folder, job) for job in jobs))
        return command, folder

    return training
