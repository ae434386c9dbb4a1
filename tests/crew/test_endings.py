"""What is left when a folder is removed, or a second signal comes, while runs are trained."""

import re
import signal
import time
from shutil import rmtree

import pytest
from trouble.commands import TINY, TWO_GROUPS, assert_same_sweep, assert_sound, reached, rows

from runner.engine import checkpoint
from runner.interrupts import SIGNALS, Interruption, interrupt
from runner.results.read.runs import read_run

pytestmark = [pytest.mark.commands, pytest.mark.attack]


def remains(folder):
    """The files in what is left of a folder."""
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def remove(folder):
    """Remove a folder, as often as somebody writes in it meanwhile."""
    while folder.exists():
        rmtree(folder, ignore_errors=True)


def assert_ended_in_a_sentence(command, folder, is_so):
    assert reached(is_so)
    remove(folder)
    said = command.end()
    assert command.returncode == 1 and "Traceback" not in said, said
    assert re.search(rf"'{folder}' was removed while it was\s+trained in", said), said
    assert not remains(folder)
    assert command.is_gone(10)


def test_a_run_whose_folder_is_removed_ends_in_a_sentence(start, tmp_path):
    folder = tmp_path / "run"
    often = ["checkpoint_seconds=0.05", "checkpoint_every=1"]
    command = start(*TINY, *often, f"hydra.run.dir={folder}", SECONDS_EACH_EPOCH=1)
    is_so = lambda: (folder / "metrics.csv").is_file()  # noqa: E731
    assert_ended_in_a_sentence(command, folder, is_so)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_sweep_whose_folder_is_removed_ends_in_a_sentence(start, tmp_path, workers):
    folder = tmp_path / "sweep"
    own = [f"hydra.launcher.workers={workers}", f"hydra.sweep.dir={folder}"]
    asked = [*TINY, "-m", "model.hidden=[8],[9]", "checkpoint_seconds=0.05", *own]
    command = start(*asked, SECONDS_EACH_EPOCH=1)
    assert_ended_in_a_sentence(command, folder, lambda: rows(folder, 0) > 0)


MANY = [*TINY[:2], "-m", "epochs=100000", "optim.lr=0.1,0.2", "repeats=30", "plots=false"]


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize(
    ("first", "pause"), [(signal.SIGINT, 0.02), (signal.SIGTERM, 0.5)], ids=lambda given: f"{given}"
)
def test_two_signals_lose_nothing_that_was_trained(start, call, tmp_path, workers, first, pause):
    folder = tmp_path / "sweep"
    command = start(*MANY, f"hydra.launcher.workers={workers}", f"hydra.sweep.dir={folder}")
    assert reached(lambda: rows(folder, 59) >= 6)
    command.send_signal(first)
    time.sleep(pause)
    command.send_signal(signal.SIGINT)
    said = command.end()
    assert command.returncode in (128 + first, 130) and "Traceback" not in said, said
    assert command.is_gone(10)
    assert_sound(folder)
    for job in range(60):
        run = read_run(folder / str(job))
        assert run.status == "interrupted" and "began" not in run.summary["reason"]
        state = checkpoint.load(folder / str(job) / "checkpoints" / "last.pt")
        assert state["epoch"] == run.last["epoch"] >= 6
    if "Interrupted while" in said:
        assert "report.html" in said and f"python -m runner.report {folder}" in said
    assert call("report", folder).code == 0
    assert (folder / "report.html").exists()


@pytest.mark.parametrize("workers", [0, 2])
def test_a_step_that_is_too_long_for_a_second_signal_is_trained_again(
    start, call, calm, tmp_path, workers
):
    folder = tmp_path / "sweep"
    own = [f"hydra.launcher.workers={workers}", f"hydra.sweep.dir={folder}"]
    command = start(*TWO_GROUPS, *own, SECONDS_EACH_EPOCH=120)
    assert reached(lambda: rows(folder, 0) > 0)
    for _ in range(2):
        command.send_signal(signal.SIGINT)
        time.sleep(0.1)
    began = time.monotonic()
    said = command.end()
    # A second for the step and one for its worker; the rest is for a busy machine.
    assert time.monotonic() - began < 30
    assert command.returncode == 130 and "Traceback" not in said, said
    assert "Stopped; python -m runner --resume FOLDER goes on from the last save." in said
    assert command.is_gone(10)
    assert_sound(folder)
    assert call("--resume", folder).code == 0
    assert_same_sweep(folder, calm)


def test_a_signal_in_the_middle_of_a_save_is_heard(tmp_path):
    """torch makes an error of its own of it, which is not that of a disk."""
    import torch

    before = {number: signal.signal(number, interrupt) for number in (*SIGNALS, signal.SIGALRM)}
    path, state = tmp_path / "last.pt", {"weights": torch.zeros(30_000_000)}
    heard = 0
    try:
        for delay in (0.001, 0.003, 0.01, 0.02, 0.04):
            signal.setitimer(signal.ITIMER_REAL, delay)
            try:
                checkpoint.save(path, state)
                time.sleep(0.1)
            except Interruption as error:
                assert error.number == signal.SIGALRM
                heard += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
    assert heard == 5
    assert not [*tmp_path.glob(".*")]
