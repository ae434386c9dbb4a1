"""Signals wait for the end of a step, and a second one for nothing."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from runner.interrupts import Interruption, held_back, interrupt


def test_a_signal_waits_until_it_is_asked_for():
    reached, before = [], signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), held_back() as release:
        release()
        signal.raise_signal(signal.SIGINT)
        reached.append("after the signal")
        release()
        reached.append("never")
    assert reached == ["after the signal"]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_signal_ends_the_program_at_once():
    stopped = []

    def stop(number):
        stopped.append(number)
        raise SystemExit

    with pytest.raises(SystemExit), held_back(at_once=stop):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the second was held back too")
    assert stopped == [signal.SIGINT]


def test_the_program_ends_without_another_word():
    code = """
import signal
from runner.interrupts import held_back
with held_back(lambda: print("heard", flush=True)):
    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)
    print("never")
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "heard\n", "")


def test_who_stops_training_says_how_to_go_on_and_gives_the_terminal_its_cursor_back():
    code = "from runner.interrupts import stop_training; stop_training(2)"
    ours, theirs = os.openpty()
    ended = subprocess.run([sys.executable, "-c", code], stdout=theirs, stderr=subprocess.PIPE)
    shown = os.read(ours, 100)
    for end in (ours, theirs):
        os.close(end)
    assert ended.returncode == 130 and b"\x1b[?25h" in shown
    assert ended.stderr.startswith(b"Stopped; python -m runner --resume FOLDER goes on")


def test_the_first_signal_is_told_when_it_comes():
    told = []
    before = signal.signal(signal.SIGTERM, interrupt)
    with pytest.raises(Interruption) as raised, held_back(lambda: told.append("heard")):
        signal.raise_signal(signal.SIGTERM)
        assert told == ["heard"]
    signal.signal(signal.SIGTERM, before)
    assert raised.value.number == signal.SIGTERM


def test_what_nobody_asked_for_is_raised_at_the_end():
    reached = []
    with pytest.raises(KeyboardInterrupt), held_back():
        signal.raise_signal(signal.SIGINT)
        reached.append("the end")
    assert reached == ["the end"]


def test_other_threads_are_left_alone():
    ended = []

    def work():
        with held_back() as release:
            release()
        ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [True]


IMPORTED = """
import os, signal
try:
    os.kill(os.getpid(), signal.{name})
    import select
    select.select([], [], [], 5)
except BaseException:
    raise ImportError("a library has an error of its own for it")
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(
    ("library", "argv"),
    [
        ("hydra", ["epochs=1"]),
        ("hydra", ["--cfg", "job"]),
        ("hydra", ["--resume", "x"]),
        ("yaml", ["--help"]),  # which imports no Hydra
    ],
)
def test_a_signal_in_the_middle_of_an_import_is_one_word(tmp_path, name, library, argv):
    (tmp_path / library).mkdir()
    (tmp_path / library / "__init__.py").write_text(IMPORTED.format(name=name))
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[1])])
    ended = subprocess.run(
        [sys.executable, "-m", "runner", *argv],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (128 + getattr(signal, name), "")
    assert ended.stderr == "Interrupted.\n"
