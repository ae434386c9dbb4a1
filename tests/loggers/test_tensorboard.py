"""TensorBoard: written by training, and read back through its own API."""

import math

import pytest

pytest.importorskip("tensorboard", reason="the extra 'tensorboard' is not installed")

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

CHOSEN = "logger=tensorboard"


def events(folder):
    read = EventAccumulator(str(folder / "tensorboard"))
    read.Reload()
    return read


def test_every_member_of_a_group_has_its_own_curves(train, rows_of):
    for folder in train([CHOSEN, "seed=0"], [CHOSEN, "seed=1"], [CHOSEN, "optim.lr=0.5"]):
        read, rows = events(folder), rows_of(folder)
        assert set(read.Tags()["scalars"]) == set(rows[0]) - {"epoch"}
        for name in ("train/loss", "val/accuracy", "model/weight_norm"):
            scalars = read.Scalars(name)
            assert [scalar.step for scalar in scalars] == [1, 2, 3]
            written = [scalar.value for scalar in scalars]
            assert written == pytest.approx([row[name] for row in rows], rel=1e-6)


def test_the_config_and_the_end_are_there_as_text(train):
    (folder,) = train([CHOSEN, "optim.lr=0.3"])
    text = {
        tag: events(folder).Tensors(f"{tag}/text_summary")[0].tensor_proto.string_val[0].decode()
        for tag in ("config", "status")
    }
    assert "lr: 0.3" in text["config"]
    assert text["status"] == "ok"


def test_a_diverging_run_shows_where(train):
    (folder,) = train([CHOSEN, "optim.lr=1e30"])
    last = events(folder).Scalars("train/loss")[-1].value
    assert math.isnan(last) or math.isinf(last)
