"""Whether a command is at work on a folder, by its lock alone."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runner.folder_lock import STALE
from runner.results.read.owner import home_of, is_owned


def lock(folder: Path, content: Any, *, silent: float = 0.0) -> Path:
    path = folder / ".runner" / "lock"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    then = path.stat().st_mtime - silent
    os.utime(path, (then, then))
    return path


def owner(pid: int, host: str | None = None) -> dict[str, Any]:
    return {"host": host or socket.gethostname(), "pid": pid, "since": "2026-01-01 00:00:00+00:00"}


@pytest.fixture
def living() -> Any:
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_living_process_of_this_host_owns_a_folder_however_silent(
    tmp_path: Path, living: Any
) -> None:
    lock(tmp_path, owner(living.pid), silent=10 * STALE)
    assert is_owned(tmp_path)
    living.kill()
    living.wait()
    assert not is_owned(tmp_path)


def test_an_owner_on_another_host_lives_while_it_renews_its_lock(tmp_path: Path) -> None:
    # A minute on either side is far more than it takes to read the file.
    lock(tmp_path, owner(1, "elsewhere.example"), silent=STALE - 60)
    assert is_owned(tmp_path)
    lock(tmp_path, owner(1, "elsewhere.example"), silent=STALE + 60)
    assert not is_owned(tmp_path)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "{}", '{"host": "x", "pid": "y"}', owner(2**70), owner(2**31 - 1)],
)
def test_a_lock_that_names_no_living_process_is_nobodys(tmp_path: Path, content: Any) -> None:
    path = lock(tmp_path, content)
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert not is_owned(tmp_path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_folder_without_a_lock_is_nobodys(tmp_path: Path) -> None:
    assert not is_owned(tmp_path)
    (tmp_path / ".runner").mkdir()
    assert not is_owned(tmp_path)
    assert not is_owned(tmp_path / "nowhere")


def test_a_run_of_a_sweep_is_owned_by_whoever_owns_the_sweep(tmp_path: Path) -> None:
    run, alone = tmp_path / "sweep" / "3", tmp_path / "alone"
    run.mkdir(parents=True)
    alone.mkdir()
    assert home_of(run) == run  # an older version's sweep
    for home in (tmp_path / "sweep", alone):
        (home / ".runner").mkdir()
    assert (home_of(run), home_of(alone)) == (tmp_path / "sweep", alone)
