"""Patience: a member whose validation loss no longer falls leaves, with its best weights."""

import pytest
import torch

from runner.build import build_group
from runner.engine.checkpoint import load
from runner.engine.measure import evaluate
from runner.engine.recorder import Recorder
from runner.engine.train import Quiet, Training

SHORT = ("model.hidden=[8]", "dataset.train_size=60", "batch_size=20", "device.precision=float64")


WHICH = ("best", "last")


def losses(trained, slot):
    return [float(row["val/loss"]) for row in trained.metrics(slot)]


def test_stops_as_many_epochs_after_the_best_as_its_patience(make_config, train):
    trained = train([make_config(*SHORT, "optim.lr=2", "epochs=200", patience=4)])
    curve = losses(trained, 0)
    best = 1 + curve.index(min(curve))
    assert len(curve) == best + 4 < 200
    (recorder,) = trained.recorders
    assert recorder.status == "ok"
    assert recorder.reason == f"Early stopping: no better val/loss after epoch {best}."


def test_a_member_stops_at_its_own_time_and_the_rest_train_on(make_config, train):
    configs = [
        make_config(*SHORT, "epochs=60", patience=3, **{"optim.lr": lr, "seed": seed})
        for lr, seed in ((3.0, 0), (0.05, 1), (3.0, 2))
    ]
    group = train(configs)
    lengths = [len(losses(group, slot)) for slot in range(3)]
    assert lengths[1] == 60 > max(lengths[0], lengths[2])
    for slot in range(3):
        alone = train([configs[slot]])
        assert losses(alone, 0) == pytest.approx(losses(group, slot), rel=1e-9)
        assert alone.recorders[0].reason == group.recorders[slot].reason


@pytest.mark.parametrize("epochs", [200, 8])
def test_ends_with_the_best_weights_stopped_or_not(make_config, tmp_path, epochs):
    config = make_config(*SHORT, "optim.lr=2", f"epochs={epochs}", patience=6)
    recorder = Recorder(tmp_path / "run", {})
    Training(build_group([config], [recorder]), Quiet()).run()
    best, last = (load(recorder.folder / "checkpoints" / f"{which}.pt") for which in WHICH)
    ended = build_group([config], [])
    ended.members.restore(0, best)
    assert evaluate(ended, "val")["loss"].item() == pytest.approx(recorder.best["val/loss"])
    assert best["epoch"] == recorder.best["epoch"]
    # What was last is on disk as it was.
    assert last["epoch"] == recorder.last["epoch"] > recorder.best["epoch"]
    for name, param in last["params"].items():
        assert not torch.equal(best["params"][name], param)


def test_without_patience_the_last_weights_stay(make_config, tmp_path):
    recorder = Recorder(tmp_path / "run", {})
    config = make_config(*SHORT, "optim.lr=2", "epochs=5")
    training = Training(build_group([config], [recorder]), Quiet())
    training.run()
    ended = training.group
    assert evaluate(ended, "val")["loss"].item() == pytest.approx(recorder.last["val/loss"])
