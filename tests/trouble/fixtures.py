"""Fixtures of several folders: commands beside a package of troublesome components."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from trouble.commands import Started
from trouble.package import PACKAGE


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """A folder in which the package is installed."""
    folder: Path = tmp_path_factory.mktemp("site")
    for name, text in PACKAGE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def start(site) -> Iterator[Callable[..., Started]]:
    """Starts a command, and ends what is left of it with the tests."""
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


@pytest.fixture(scope="session")
def call(start) -> Callable[..., SimpleNamespace]:
    """Runs a command to its end."""

    def call(*argv: object, **environment: object) -> SimpleNamespace:
        command = start(*argv, **environment)
        said = command.end()
        return SimpleNamespace(code=command.returncode, said=said, words=" ".join(said.split()))

    return call
