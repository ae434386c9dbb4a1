import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from runner.component_keys import keys, per_member_keys, sweepable
from runner.hyper import Hyper
from runner.registry import HOMES, find, names


class Sample(Hyper):
    def __init__(self, lr, betas, clip_norm=None):
        self.lr, self.betas, self.clip_norm = lr, betas, clip_norm
        self.kept = [1, 2]


def sample(members=4):
    return Sample(torch.arange(float(members)), torch.arange(2.0 * members).view(members, 2))


@given(st.lists(st.integers(0, 3), max_size=6))
def test_select_takes_the_members_asked_for_in_order(rows):
    original = sample()
    chosen = original.select(torch.tensor(rows, dtype=torch.int64))
    assert chosen.lr.tolist() == [float(row) for row in rows]
    assert chosen.betas.shape == (len(rows), 2)
    assert original.lr.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_what_is_no_tensor_is_kept():
    chosen = sample().select(torch.tensor([1]))
    assert chosen.clip_norm is None
    assert chosen.kept == [1, 2]
    assert isinstance(chosen, Sample)


def test_to_changes_a_copy():
    original = sample()
    moved = original.to(torch.device("cpu"), torch.float64)
    assert (moved.lr.dtype, original.lr.dtype) == (torch.float64, torch.float32)


@pytest.mark.parametrize(("group", "name"), [(g, n) for g in HOMES for n in names(g)])
def test_only_models_take_swept_values_one_by_one(group, name):
    plain = sweepable(group, name) - per_member_keys(group, name)
    assert not plain or group == "model"
    assert not per_member_keys(group, name) or issubclass(find(group, name), Hyper)
    assert sweepable(group, name) <= set(keys(find(group, name)))
