"""One owner per folder: who comes first, who died, and who is on another host."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from runner import file_lock, folder_lock
from runner.errors import RequestError
from runner.folder_lock import STALE, FolderLock
from runner.owner import Owner

HOST = socket.gethostname()
ELSEWHERE = Owner("elsewhere", 7, "noon")
ROUNDS = 20
# Takes each folder that it is told, at the time that it is told, and keeps it until the next line.
PROCESS = """
import sys, time
from pathlib import Path
from runner.errors import RequestError
from runner.folder_lock import FolderLock
print("ready", flush=True)
for line in sys.stdin:
    folder, moment = line.split()
    lock = FolderLock(Path(folder))
    while time.time() < float(moment):
        pass
    try:
        print("mine:", lock.acquire(), flush=True)
    except RequestError as error:
        print(error, flush=True)
    sys.stdin.readline()
    lock.release()
"""
# Python has no fcntl on Windows; there the module is missing as it is here.
WITHOUT_FLOCK = "import sys; sys.modules['fcntl'] = None\n"
# Leaves two children behind, one that was forked and one that runs a program.
PARENT = """
import os, subprocess, sys, time
from pathlib import Path
from runner.folder_lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
lock.acquire()
forked = os.fork()
if not forked:
    lock.release()
    time.sleep(60)
    os._exit(0)
started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)
print(forked, started.pid, flush=True)
time.sleep(60)
"""
Start = Callable[..., "subprocess.Popen[str]"]
both = pytest.mark.parametrize("prefix", ["", WITHOUT_FLOCK], ids=["flock", "no flock"])


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts Python on some code, and ends it with the test."""
    started = []

    def start(code: str, *argv: object) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", code, *map(str, argv)]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        started.append(subprocess.Popen(command, **pipes, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def ask(process: "subprocess.Popen[str]", *words: object) -> None:
    print(*words, file=process.stdin, flush=True)


def take_at_once(processes: list["subprocess.Popen[str]"], folder: Path) -> list[str]:
    moment = time.time() + 0.01
    for process in processes:
        ask(process, folder, moment)
    return [line(process) for process in processes]


def written(folder: Path, owner: Owner, age: float) -> Path:
    """The folder, with a lock that was written that many seconds ago."""
    path = FolderLock(folder).path
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"host": owner.host, "pid": owner.pid, "since": owner.since}))
    os.utime(path, (time.time() - age,) * 2)
    return folder


@both
def test_of_two_processes_at_once_one_has_the_folder(prefix, start, tmp_path):
    processes = [start(prefix + PROCESS) for _ in range(2)]
    assert [line(process) for process in processes] == ["ready"] * 2
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        answers = take_at_once(processes, folder)
        assert sorted(answers)[1] == "mine: None", answers
        # Without flock the other may be told that someone is about to take it, not yet who.
        winner = processes[answers.index("mine: None")].pid
        told = [f"{folder} belongs to process {winner} on {HOST}, since 2", f"{folder} is being"]
        assert sorted(answers)[0].startswith(tuple(told[: 1 + bool(prefix)]))
        for process in processes:
            ask(process)


@both
def test_of_two_that_recover_a_stale_lock_at_once_one_has_the_folder(prefix, start, tmp_path):
    processes = [start(prefix + PROCESS) for _ in range(2)]
    assert [line(process) for process in processes] == ["ready"] * 2
    for number in range(ROUNDS):
        folder = written(tmp_path / str(number), ELSEWHERE, STALE + 60)
        answers = take_at_once(processes, folder)
        recovered = f"mine: {folder} was taken over from {ELSEWHERE}, which has been silent for 360"
        assert [a.startswith(recovered) for a in sorted(answers)] == [False, True], answers
        assert "mine" not in sorted(answers)[0]
        for process in processes:
            ask(process)


@both
def test_an_owner_that_was_killed_leaves_a_folder_that_can_be_had(prefix, start, tmp_path):
    owner, next_one = start(prefix + PROCESS), start(prefix + PROCESS)
    assert [line(owner), line(next_one)] == ["ready"] * 2
    ask(owner, tmp_path, 0)
    assert line(owner) == "mine: None"
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    ask(next_one, tmp_path, 0)
    told = line(next_one)
    assert told.startswith(f"mine: {tmp_path} was taken over from process {owner.pid} on {HOST}, ")
    assert told.endswith("which has died.")


def test_children_that_outlive_the_owner_do_not_keep_the_folder(start, tmp_path):
    owner = start(PARENT, tmp_path)
    children = [int(pid) for pid in line(owner).split()]
    try:
        with pytest.raises(RequestError, match=f"belongs to process {owner.pid} on {HOST}"):
            FolderLock(tmp_path).acquire()
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        for child in children:
            os.kill(child, 0)  # they live
        with FolderLock(tmp_path) as lock:
            assert str(lock.recovered).endswith("which has died.")
    finally:
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def test_a_lock_of_another_host_holds_while_it_is_young(tmp_path):
    folder = written(tmp_path / "a", ELSEWHERE, STALE - 60)
    with pytest.raises(RequestError) as told:
        FolderLock(folder).acquire()
    assert str(told.value) == (
        f"{folder} belongs to process 7 on elsewhere, since noon, silent for {STALE - 60} s; it "
        f"can be had after {STALE} s of silence."
    )
    # Nothing was changed: the owner's name and the age of the lock stand.
    assert time.time() - FolderLock(folder).path.stat().st_mtime > STALE - 61
    assert "elsewhere" in FolderLock(folder).path.read_text()


def test_a_lock_of_another_host_from_the_future_holds(tmp_path):
    """The clocks of two hosts differ; a file that seems to be of tomorrow is young."""
    with pytest.raises(RequestError, match="silent for 0 s"):
        FolderLock(written(tmp_path / "a", ELSEWHERE, -86400)).acquire()


def test_a_lock_that_is_touched_stays_young(tmp_path):
    with FolderLock(tmp_path) as lock:
        os.utime(lock.path, (0, 0))
        lock.touch()
        assert time.time() - lock.path.stat().st_mtime < 60


def test_an_owner_that_was_silent_too_long_learns_that_another_host_has_its_folder(tmp_path):
    """It must not go on writing, and must not wipe out who owns the folder now."""
    lock = FolderLock(tmp_path)
    lock.acquire()
    theirs = json.dumps({"host": "elsewhere", "pid": 7, "since": "noon"})
    lock.path.write_text(theirs)
    with pytest.raises(RequestError, match="was taken over by process 7 on elsewhere, since noon"):
        lock.touch()
    lock.release()
    assert lock.path.read_text() == theirs


def test_a_folder_that_is_given_back_has_an_empty_lock_and_can_be_had(tmp_path):
    for _ in range(2):
        with FolderLock(tmp_path) as lock:
            said = json.loads(lock.path.read_text())
            assert (said["host"], said["pid"]) == (HOST, os.getpid())
            assert lock.recovered is None
        assert lock.path.read_bytes() == b""


def test_taking_twice_is_taking_once_and_giving_back_twice_is_nothing(tmp_path):
    lock = FolderLock(tmp_path)
    lock.acquire()
    with lock, pytest.raises(RequestError, match=f"belongs to process {os.getpid()} on"):
        FolderLock(tmp_path).acquire()
    lock.release()
    lock.touch()
    with FolderLock(tmp_path):
        pass


def test_a_lock_whose_file_goes_with_the_folder_is_not_had_through_the_old_file(tmp_path):
    """A process that opened the file before it went, and locks it after, owns nothing."""
    lock, late = FolderLock(tmp_path), FolderLock(tmp_path)
    lock.acquire()
    with folder_lock.FileIO(lock.path, "a+") as file:
        lock.discard()
        with pytest.raises(RequestError, match="is being removed by another process"):
            late._take(file)
    assert not lock.path.exists()


@pytest.mark.parametrize("content", [b"{", b"[]", b"7", b'{"host": "x"}', b"\xff"])
def test_a_lock_that_was_torn_by_a_crash_is_nobodys(content, tmp_path):
    path = written(tmp_path / "a", ELSEWHERE, 0) / ".runner/lock"
    path.write_bytes(content)
    with FolderLock(tmp_path / "a") as lock:
        assert lock.recovered is None


@pytest.mark.parametrize("number", sorted(file_lock.UNSUPPORTED))
def test_a_file_system_without_locks_goes_by_content(number, tmp_path, monkeypatch):
    """No such file system can be made in a test: the call answers as it would there."""

    def flock(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(file_lock.fcntl, "flock", flock)
    with FolderLock(tmp_path), pytest.raises(RequestError, match=f"process {os.getpid()} on"):
        FolderLock(tmp_path).acquire()
    with FolderLock(tmp_path):
        pass
    with FolderLock(written(tmp_path / "b", Owner(HOST, ended(), "noon"), 0)) as lock:
        assert str(lock.recovered).endswith("which has died.")


def test_an_error_of_the_disk_is_a_sentence(tmp_path, monkeypatch):
    def flock(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(file_lock.fcntl, "flock", flock)
    with pytest.raises(RequestError, match=f"{tmp_path} can't be written: Input/output error"):
        FolderLock(tmp_path).acquire()


def ended() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid
