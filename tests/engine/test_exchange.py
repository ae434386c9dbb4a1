"""Members that take over what others have learnt: all of it, to the bit, and nothing else."""

import pytest
import torch

from runner.build import build_group
from runner.engine.exchange import exchanged
from runner.engine.recorder import Recorder
from runner.engine.train import Quiet, Training

DIGITS = ["dataset=digits", "dataset.train_size=40", "dataset.test_fraction=0.02", "batch_size=8"]
MODEL = ["dataset.val_fraction=0.02", "model=dropout-mlp", "model.hidden=[6,5]", "epochs=4"]
SMALL = [*DIGITS, *MODEL, "device=cpu"]
MEMBERS = [(0, 0.01), (7, 0.03), (3, 0.02)]


@pytest.fixture
def training_of(make_config, tmp_path):
    """A training of members, each of a seed and a learning rate, in folders of their own."""

    def training_of(name, members, *overrides):
        configs = [
            make_config(*SMALL, *overrides, f"seed={seed}", f"optim.lr={lr}")
            for seed, lr in members
        ]
        (tmp_path / name).mkdir()
        recorders = [Recorder(tmp_path / name / str(job), {}, job) for job in range(len(configs))]
        return Training(build_group(configs, recorders), Quiet())

    return training_of


def slot_of(state, slot):
    return [t[slot] for tensors in state["members"].values() for t in tensors.values()]


@pytest.mark.parametrize("optim", ["adam", "momentum"])
def test_a_child_has_weights_and_optimizer_state_of_its_parent(training_of, optim):
    training = training_of("a", MEMBERS, f"optim={optim}", "schedule=plateau")
    training.run(2)
    state = training.state()
    after = exchanged(state, {2: 0})
    assert any(part.startswith("optim/") for part in state["members"])
    for slot, source in enumerate([0, 1, 0]):
        assert all(map(torch.equal, slot_of(after, slot), slot_of(state, source)))
    for name, tensor in state["schedule"].items():
        assert torch.equal(after["schedule"][name], tensor[[0, 1, 0]])
    assert not torch.equal(slot_of(state, 0)[0], slot_of(state, 2)[0])  # they were told apart


def test_all_else_stays_with_the_slot(training_of):
    training = training_of("a", MEMBERS)
    training.run(2)
    state = training.state()
    after = exchanged(state, {2: 0, 1: 0})
    for name in state.keys() - {"members", "schedule"}:
        assert after[name] is state[name]


def test_a_child_of_its_parent_s_seed_and_values_goes_the_same_way(training_of, tmp_path):
    training = training_of("a", [(0, 0.01), (0, 0.03)])
    training.run(2)
    twins = training_of("b", [(0, 0.01), (0, 0.01)])
    for job in (0, 1):  # the rows so far
        rows = (tmp_path / "a" / str(job) / "metrics.csv").read_bytes()
        (tmp_path / "b" / str(job) / "metrics.csv").write_bytes(rows)
    twins.restore(exchanged(training.state(), {1: 0}))
    twins.run()
    first, second = ((tmp_path / "b" / str(job) / "metrics.csv") for job in (0, 1))
    tables = [path.read_text().splitlines() for path in (first, second)]
    assert tables[0][3:] == tables[1][3:] and len(tables[0]) == 5
    assert tables[0][1:3] != tables[1][1:3]  # what a slot recorded before is its own


def test_a_padding_slot_keeps_what_it_has(training_of):
    training = training_of("a", MEMBERS)
    training.run(1)
    state = training.state() | {"jobs": [0, 1]}  # the third slot is padding
    after = exchanged(state, {1: 0})
    assert all(map(torch.equal, slot_of(after, 2), slot_of(state, 2)))


def test_values_of_keys_are_as_the_group_was_built(training_of):
    """A dropout rate is a buffer, and a child's is its own."""
    training = training_of("a", MEMBERS, "model.dropout=0.5")
    training.run(1)
    other = training_of("b", MEMBERS, "model.dropout=0.25")
    rates = other.group.members.buffers
    other.restore(training.state(), list(rates))
    assert [rate.tolist() for rate in rates.values()] == [[0.25] * 3] * 2
    other.restore(training.state())
    assert [rate.tolist() for rate in rates.values()] == [[0.5] * 3] * 2
