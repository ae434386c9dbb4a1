"""Saves of a group that were damaged: found, named, and the one before taken, to the same end."""

import os
import pickle
import random

import pytest
import torch

from runner.atomic_write import PART, remove_parts, whole_file
from runner.engine import checkpoint
from runner.engine.saves import NAMES, Saves
from runner.errors import RequestError

RUN = [
    *("dataset=digits", "dataset.train_size=40", "dataset.test_fraction=0.02", "batch_size=8"),
    *("dataset.val_fraction=0.02", "model=dropout-mlp", "model.hidden=[6,5]", "epochs=3"),
    *("optim=adam", "trace_every=24"),
]
POINTS = [[*RUN, f"seed={seed}"] for seed in (0, 7, 3)]
NEWEST, BEFORE = NAMES


@pytest.fixture
def whole(set_out_sweep):
    sweep = set_out_sweep("whole", POINTS, 3)
    sweep.train()
    return sweep.ending()


@pytest.fixture
def killed(set_out_sweep):
    """A sweep that was saved after steps 3 and 7, and killed at the 12th."""
    sweep = set_out_sweep("killed", POINTS, 3)
    sweep.killed(save=3, kill=4)
    sweep.killed(save=7, kill=12)
    return sweep


def folder(sweep):
    return sweep.groups[0].folder


def flip(content, draw):
    damaged = bytearray(content)
    damaged[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    return bytes(damaged)


DAMAGES = {
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "without its last byte": lambda content: content[:-1],
    "zeros": lambda content: bytes(len(content)),
    "a hole": lambda content: content[:4000] + bytes(512) + content[4512:],
    "text": lambda content: b"Nothing to see here.",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_one_before_is_taken(whole, killed, damage):
    newest = folder(killed) / NEWEST
    newest.write_bytes(DAMAGES[damage](newest.read_bytes()))
    witness = killed.train()
    assert witness.began_at == [3]
    (fault,) = witness.told
    assert str(newest) in fault
    assert "damaged" in fault
    assert killed.ending() == whole


def test_where_both_are_damaged_it_trains_from_the_start(whole, killed):
    for name in NAMES:
        path = folder(killed) / name
        path.write_bytes(path.read_bytes()[:-1])
    witness = killed.train()
    assert witness.began_at == [0]
    assert len(witness.told) == 2
    assert killed.ending() == whole


def test_where_the_newest_is_missing_the_one_before_is_taken(whole, killed):
    (folder(killed) / NEWEST).unlink()  # between the two renames of a save
    assert killed.train().began_at == [3]
    assert killed.ending() == whole


def test_where_rows_are_missing_the_save_that_has_them_is_taken(whole, killed):
    """A machine that crashed may have lost rows that were not yet on the disk."""
    table = killed.folder / "1" / "metrics.csv"
    table.write_text("")
    assert killed.train().began_at == [3]  # in the first epoch, before the first row
    assert killed.ending() == whole


def test_every_truncation_is_found(killed):
    path = folder(killed) / NEWEST
    content = path.read_bytes()
    draw = random.Random(0)
    for size in {0, 1, len(content) - 1, *(draw.randrange(len(content)) for _ in range(100))}:
        path.write_bytes(content[:size])
        with pytest.raises(RequestError, match=r"state\.pt is damaged"):
            checkpoint.load(path)


def test_a_flipped_bit_is_found_or_changes_nothing(killed):
    path = folder(killed) / NEWEST
    content, state = path.read_bytes(), checkpoint.load(path)
    draw, found = random.Random(0), 0
    for _ in range(200):
        path.write_bytes(flip(content, draw))
        try:
            assert_equal(checkpoint.load(path), state)
        except RequestError as error:
            assert "damaged" in str(error)
            found += 1
    assert found > 100  # the rest is between the tensors, and in what a zip says twice


def assert_equal(one, other):
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            assert_equal(one[name], other[name])
    elif isinstance(one, list):
        for mine, theirs in zip(one, other, strict=True):
            assert_equal(mine, theirs)
    elif isinstance(one, torch.Tensor):
        assert one.dtype == other.dtype
        assert torch.equal(one, other)
    else:
        assert one == other


class Trap:
    """What a stranger puts into a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("write", ["torch", "old torch", "pickle"])
def test_code_in_a_save_is_not_run(whole, killed, tmp_path, write):
    sprung, path = tmp_path / "sprung", folder(killed) / NEWEST
    state = checkpoint.load(path) | {"seconds": Trap(sprung)}
    if write == "pickle":
        path.write_bytes(pickle.dumps(state))
    else:
        torch.save(state, path, _use_new_zipfile_serialization=write == "torch")
    witness = killed.train()
    assert not sprung.exists()
    assert witness.began_at == [3]
    assert "damaged" in witness.told[0]
    assert killed.ending() == whole


def test_what_a_kill_leaves_of_a_file_goes(killed):
    """Every record is written under another name first; a writer that is killed leaves that."""
    for place in (folder(killed), killed.folder / "1", killed.folder / "1" / "checkpoints"):
        place.mkdir(exist_ok=True)
        (place / f".last.pt.abc123{PART}").write_bytes(b"half of it")
    killed.train()
    assert [path.name for path in killed.folder.rglob(f"*{PART}")] == []
    assert [path.name for path in folder(killed).glob("*.pt")] == []


def test_what_is_begun_is_called_a_part(tmp_path):
    with whole_file(tmp_path / "a.json") as file:
        file.write(b"{}")
        (part,) = tmp_path.iterdir()
        assert part.name.endswith(PART)
        remove_parts(tmp_path / "elsewhere")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_state_comes_back_from_two_saves_newest_first(tmp_path):
    saves = Saves(tmp_path)
    for step in range(3):
        saves.save({"step": step})
    assert [state["step"] for state in saves.load()] == [2, 1]
