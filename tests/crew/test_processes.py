"""Signals, and processes that are killed: nothing is lost, and nobody is left over."""

import os
import pty
import signal
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from trouble.commands import LIMIT, TINY, TWO_GROUPS, assert_same_sweep, assert_sound, reached, rows

pytestmark = [
    pytest.mark.commands,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes there"),
]


def test_no_process_outlives_a_command_that_is_killed(training, call, calm):
    command, folder = training(2)
    assert len(command.workers()) == 2
    command.kill()
    command.communicate()
    assert command.is_gone(20)  # after the epoch, which takes a second
    assert_sound(folder)
    done = call("--resume", folder)
    assert done.code == 0, done.said
    assert_same_sweep(folder, calm)


def test_a_worker_in_a_step_without_end_is_gone_soon_after_its_command(start, tmp_path):
    argv = [*TINY, "-m", "schedule.at=2,9", "schedule.kind=sleep"]
    command = start(*argv, f"hydra.sweep.dir={tmp_path / 'sweep'}", TROUBLE=1)
    assert reached(lambda: rows(tmp_path / "sweep", 0) == 2)
    command.kill()
    command.communicate()
    assert command.is_gone(40)  # it has 20 s to come to the end of its step


def test_a_worker_that_is_killed_costs_nothing(training, calm):
    command, folder = training(2)
    os.kill(command.workers()[0], signal.SIGKILL)
    said = command.end()
    assert command.returncode == 0, said
    assert "it is tried again: Its process was killed (SIGKILL)" in said
    assert_same_sweep(folder, calm)
    assert command.is_gone(10)


def test_a_fork_server_that_is_killed_costs_nothing(training, calm):
    command, folder = training(2)
    os.kill(command.fork_server(), signal.SIGKILL)
    said = command.end()
    assert command.returncode == 0, said
    assert "it is tried again: Nobody knows what became of its process." in said
    assert_same_sweep(folder, calm)
    assert command.is_gone(10)


@pytest.mark.parametrize(
    ("number", "code", "workers"),
    [(signal.SIGINT, 130, 2), (signal.SIGTERM, 143, 0), (signal.SIGHUP, 129, 2)],
)
def test_a_signal_ends_after_the_step_and_says_how_to_go_on(
    training, call, calm, number, code, workers
):
    command, folder = training(workers)
    command.send_signal(number)
    said = command.end()
    assert command.returncode == code, said
    assert f"python -m runner --resume {folder}" in " ".join(said.split())
    assert command.is_gone(10)
    assert_sound(folder)
    assert set(pd.read_csv(folder / "sweep.csv")["status"]) == {"interrupted"}
    done = call("--resume", folder)
    assert done.code == 0, done.said
    assert_same_sweep(folder, calm)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_second_signal_ends_at_once(training, call, calm, workers):
    command, folder = training(workers, SECONDS_EACH_EPOCH=5)
    command.send_signal(signal.SIGINT)
    time.sleep(0.05)
    command.send_signal(signal.SIGINT)
    command.wait(3)  # less than what was left of the epoch
    assert command.returncode == 130
    assert reached(lambda: not command.workers(), 3)
    assert command.is_gone(10)  # the fork server puts torch away
    assert_sound(folder)
    done = call("--resume", folder)
    assert done.code == 0, done.said
    assert_same_sweep(folder, calm)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_terminal_that_closes_ends_as_a_signal_does(start, call, calm, tmp_path, workers):
    folder = tmp_path / "sweep"
    ours, theirs = pty.openpty()
    # The terminal becomes the command's own, as it is in a window that is closed.
    take = "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    command = start(
        *TWO_GROUPS,
        f"hydra.launcher.workers={workers}",
        f"hydra.sweep.dir={folder}",
        before=[sys.executable, "-c", f"{take} os.execv(sys.argv[1], sys.argv[1:])"],
        streams=theirs,
        SECONDS_EACH_EPOCH=1,
    )
    os.close(theirs)
    os.set_blocking(ours, False)
    assert reached(lambda: drained(ours) and rows(folder, 0) > 0)
    os.close(ours)
    assert command.wait(LIMIT) == 129
    assert command.is_gone(10)
    assert set(pd.read_csv(folder / "sweep.csv")["status"]) == {"interrupted"}
    assert call("--resume", folder).code == 0
    assert_same_sweep(folder, calm)


def drained(terminal: int) -> bool:
    """Read what there is on a terminal, which would stop its program when it is full."""
    try:
        while os.read(terminal, 65536):
            pass
    except BlockingIOError:
        pass
    return True
