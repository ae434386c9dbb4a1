import random

import pytest
import torch

from runner.engine.checkpoint import load, save
from runner.engine.train import Quiet, Training
from runner.errors import RequestError


@pytest.fixture
def state():
    generator = torch.Generator().manual_seed(0)
    return {
        "params": {"w": torch.rand(3, 4, generator=generator), "b": torch.rand(0)},
        "buffers": {"count": torch.tensor(3)},
        "orders": {"order": generator.get_state()},
        "epoch": 2,
    }


def assert_equal(one, other):
    assert one.keys() == other.keys()
    for key, value in one.items():
        if isinstance(value, dict):
            assert_equal(value, other[key])
        elif isinstance(value, torch.Tensor):
            assert value.dtype == other[key].dtype
            assert torch.equal(value, other[key])
        else:
            assert value == other[key]


def test_a_state_comes_back_as_it_was(tmp_path, state):
    path = tmp_path / "checkpoints" / "last.pt"
    save(path, state)
    assert_equal(load(path), state)
    assert [file.name for file in path.parent.iterdir()] == ["last.pt"]


def test_saving_replaces_the_old_file(tmp_path, state):
    save(tmp_path / "last.pt", state)
    save(tmp_path / "last.pt", state | {"epoch": 3})
    assert load(tmp_path / "last.pt")["epoch"] == 3


def test_every_flipped_bit_is_found_or_harmless(tmp_path, state):
    path = tmp_path / "last.pt"
    save(path, state)
    whole, found = path.read_bytes(), 0
    draw = random.Random(0)
    for _ in range(60):
        damaged = bytearray(whole)
        damaged[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        try:
            assert_equal(load(path), state)
        except RequestError:
            found += 1
    assert found > 30  # most of the file is payload


def test_a_flipped_bit_in_the_numbers_is_always_found(tmp_path, state):
    path = tmp_path / "last.pt"
    save(path, state)
    whole = path.read_bytes()
    payload = state["params"]["w"].numpy().tobytes()
    start = whole.index(payload)
    for byte in range(start, start + len(payload)):
        path.write_bytes(whole[:byte] + bytes([whole[byte] ^ 1]) + whole[byte + 1 :])
        with pytest.raises(RequestError, match="damaged"):
            load(path)


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.99])
def test_a_torn_file_is_refused(tmp_path, state, part):
    path = tmp_path / "last.pt"
    save(path, state)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(RequestError, match="damaged"):
        load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RequestError, match=r"There is no checkpoint .*last\.pt"):
        load(tmp_path / "last.pt")


def test_a_failed_save_leaves_the_old_file_and_no_part_of_a_new_one(tmp_path, state):
    path = tmp_path / "last.pt"
    save(path, state)
    with pytest.raises((AttributeError, TypeError, RuntimeError, ValueError, OSError)):
        save(path, {"code": lambda: None, "stream": iter([])})
    assert [file.name for file in tmp_path.iterdir()] == ["last.pt"]
    assert_equal(load(path), state)


def test_a_file_that_would_run_code_is_refused(tmp_path):
    path = tmp_path / "last.pt"
    torch.save({"code": pytest.fail}, path)
    with pytest.raises(RequestError, match="damaged"):
        load(path)


def test_a_members_file_is_the_same_alone_and_in_a_group(make_config, train):
    small = ("model=dropout-mlp", "model.hidden=[5]", "model.dropout=0.5", "optim=adam")
    short = ("dataset.train_size=20", "batch_size=8", "epochs=2", "device.precision=float64")
    configs = [make_config(*small, *short, seed=seed) for seed in range(3)]
    grouped = load(train(configs).folder(2) / "checkpoints" / "last.pt")
    alone = load(train(configs[2:]).folder(0) / "checkpoints" / "last.pt")
    key = "order_at_epoch_start"
    assert torch.equal(grouped.pop(key), alone.pop(key))
    assert grouped.pop("data") == alone.pop("data")
    assert grouped.keys() == alone.keys()
    # Layers that draw from the global generators never train in a group.
    assert not grouped.pop("global") and alone.pop("global")
    # Rows, the best metrics among them, differ as the tensors below do.
    assert grouped.pop("recorder")["sizes"] == alone.pop("recorder")["sizes"]
    # Float64: a stacked product rounds otherwise than a single one, as in test_train.
    torch.testing.assert_close(grouped, alone, rtol=1e-10, atol=1e-10)


def test_a_checkpoint_holds_all_that_a_resume_needs(make_config, build):
    group = build([make_config("dataset.train_size=20", "optim=adam", "epochs=1")])
    Training(group, Quiet()).run()
    saved = load(group.recorders[0].folder / "checkpoints" / "last.pt")
    parts = {"params", "buffers", "optim/mean", "optim/square"}
    rest = {"data", "schedule", "order_at_epoch_start", "tally", "recorder", "seen"}
    assert set(saved) == parts | rest | {"epoch", "step", "step_in_epoch", "global"}
    assert (saved["epoch"], saved["step"], saved["step_in_epoch"]) == (1, 1, 0)
