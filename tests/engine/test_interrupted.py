"""An interruption comes behind a step: what is saved then is whole."""

import signal

import pytest
import torch

from runner.engine.checkpoint import load
from runner.engine.train import Quiet, Training


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
        Training(group, Quiet()).run()
    saved = load(recorder.folder / "checkpoints" / "last.pt")
    steps, epochs = (1, 0) if place == "update" else (3, 1)
    assert recorder.status == "interrupted"
    assert (saved["step"], saved["epoch"]) == (steps, epochs)
    assert recorder.last.get("epoch", 0) == epochs
    for name, param in group.members.params.items():
        assert torch.equal(saved["params"][name], param[0])
