"""Signals wait for the end of a step."""

import signal
import threading

import pytest
import torch

from runner.engine.checkpoint import load
from runner.engine.train import Training
from runner.interrupts import held_back


def test_a_signal_waits_until_it_is_asked_for():
    reached = []
    with pytest.raises(KeyboardInterrupt), held_back() as release:
        release()
        signal.raise_signal(signal.SIGINT)
        reached.append("after the signal")
        release()
        reached.append("never")
    assert reached == ["after the signal"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_signal_is_taken_at_once():
    with pytest.raises(KeyboardInterrupt), held_back():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the second was held back too")


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


class Silent:
    def step(self):
        pass

    def interrupted(self):
        pass

    def epoch(self, rows):
        pass


@pytest.mark.parametrize("place", ["update", "row"])
def test_no_step_and_no_row_is_saved_by_half(place, make_config, build, monkeypatch):
    """A signal in the middle of an update, or of writing a row, interrupts behind it."""
    config = make_config("dataset.train_size=40", "batch_size=20", "epochs=3", "model.hidden=[4]")
    group = build([config])
    (recorder,) = group.recorders
    owner = group.optimizer if place == "update" else recorder
    whole = getattr(owner, place)

    def interrupted(*args):
        signal.raise_signal(signal.SIGINT)
        return whole(*args)

    monkeypatch.setattr(owner, place, interrupted)
    with pytest.raises(KeyboardInterrupt):
        Training(group, Silent()).run()
    saved = load(recorder.folder / "checkpoints" / "last.pt")
    steps, epochs = (1, 0) if place == "update" else (3, 1)
    assert recorder.status == "interrupted"
    assert (saved["step"], saved["epoch"]) == (steps, epochs)
    assert recorder.last.get("epoch", 0) == epochs
    for name, param in group.members.params.items():
        assert torch.equal(saved["params"][name], param[0])
