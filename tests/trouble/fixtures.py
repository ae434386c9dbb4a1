"""Whole commands as fixtures, with a package of troublesome components beside them.

A ``conftest.py`` imports those that its tests need.
"""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from trouble.commands import TWO_GROUPS, Started
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
        command.wait()
        if command.stdout:
            command.stdout.close()


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
