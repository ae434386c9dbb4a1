"""Exchanges of a population: written before they are applied, and applied once."""

import shutil

import pytest

from runner.crew.exchanges import Exchange, in_force, read_exchanges, stop_after, with_values
from runner.engine.checkpoint import load

DIGITS = ["dataset=digits", "dataset.train_size=40", "dataset.test_fraction=0.02"]
DROPOUT = [*DIGITS, "dataset.val_fraction=0.02", "model=dropout-mlp", "model.hidden=[6,5]"]
POINTS = [
    [*DROPOUT, "optim=adam", "batch_size=8", "epochs=6", f"seed={seed}", f"optim.lr={lr}"]
    for seed, lr in ((0, 0.01), (7, 0.03), (3, 0.02))
]
STEPS = 5  # of an epoch
FIRST = Exchange(0, 2, {}, {2: 0}, {2: {"optim.lr": 0.05, "model.dropout": 0.3}})
SECOND = Exchange(1, 4, {}, {0: 2, 1: 2}, {0: {"optim.lr": 0.04}, 1: {"optim.lr": 0.06}})
RATES = {0: [0.01] * 4 + [0.04] * 2, 1: [0.03] * 4 + [0.06] * 2, 2: [0.02] * 2 + [0.05] * 4}


@pytest.fixture
def population(set_out_sweep):
    """Sets three members out; `to` trains them, through the exchanges that it comes to."""

    def population(name):
        sweep = set_out_sweep(name, POINTS, 3)
        (files,) = sweep.groups
        model = sweep.groups[0].plan.configs[0]
        assert model.model["dropout"] != 0.3
        return sweep, files

    return population


@pytest.fixture
def buffers(make_config):
    from runner.build import build_group

    return list(build_group([make_config(*POINTS[0])], []).members.buffers)


def exchange(sweep, one, buffers):
    Exchange(**vars(one) | {"buffers": buffers}).write(sweep.folder)


def climb(sweep, until):
    for files in sweep.groups:
        files.climb(until)
    return sweep.train()


@pytest.fixture
def calm(population, buffers):
    """The population without any disturbance."""
    sweep, _ = population("calm")
    for one in (FIRST, SECOND):
        climb(sweep, one.epoch)
        exchange(sweep, one, buffers)
    climb(sweep, None)
    return sweep


def test_each_member_trains_with_the_values_in_force(calm):
    for job, expected in RATES.items():
        header, *rows = (calm.folder / str(job) / "metrics.csv").read_text().splitlines()
        column = header.split(",").index("lr")
        assert [float(row.split(",")[column]) for row in rows] == expected
    rates = [
        load(calm.folder / str(job) / "checkpoints" / "last.pt")["buffers"] for job in (0, 1, 2)
    ]
    before = calm.groups[0].plan.configs[0].model["dropout"]
    # A child has values of its own, not those that its parent's model holds.
    found = [[rate.item() for rate in own.values()] for own in rates]
    assert found == [pytest.approx(before), pytest.approx(before), pytest.approx([0.3, 0.3])]


def test_a_child_goes_on_from_the_weights_of_its_parent(calm, set_out_sweep):
    """What two members have in common in an epoch shows in the next row."""
    plain = set_out_sweep("plain", POINTS, 3)
    plain.train()
    for job in (0, 1, 2):
        mine, theirs = ((s.folder / str(job) / "metrics.csv") for s in (calm, plain))
        same = [
            one == other
            for one, other in zip(
                mine.read_text().splitlines(), theirs.read_text().splitlines(), strict=True
            )
        ]
        exchanged = 2 if job == 2 else 4
        assert same == [True] * (1 + exchanged) + [False] * (6 - exchanged)


@pytest.mark.parametrize("save", [11, 13, 15])
@pytest.mark.parametrize("after", [0, 1, 4])
def test_killed_between_exchanges_it_ends_as_if_nothing_had_happened(
    population, buffers, calm, save, after
):
    sweep, files = population("killed")
    climb(sweep, 2)
    exchange(sweep, FIRST, buffers)
    files.climb(4)
    sweep.killed(save, save + after)
    climb(sweep, 4)
    exchange(sweep, SECOND, buffers)
    climb(sweep, None)
    assert sweep.ending() == calm.ending()


def test_an_older_save_is_trained_through_each_exchange_in_turn(population, buffers, calm):
    sweep, files = population("older")
    climb(sweep, 1)
    older = files.folder / "older.pt"
    shutil.copy(files.folder / "state.pt", older)
    for one in (FIRST, SECOND):
        climb(sweep, one.epoch)
        exchange(sweep, one, buffers)
    (files.folder / "state.previous.pt").unlink()
    shutil.copy(older, files.folder / "state.pt")
    assert climb(sweep, None).began_at == [epoch * STEPS for epoch in (1, 2, 4)]
    assert sweep.ending() == calm.ending()


def test_without_any_save_it_begins_again(population, buffers, calm):
    sweep, files = population("lost")
    for one in (FIRST, SECOND):
        climb(sweep, one.epoch)
        exchange(sweep, one, buffers)
    for name in ("state.pt", "state.previous.pt"):
        (files.folder / name).unlink()
    assert climb(sweep, None).began_at == [epoch * STEPS for epoch in (0, 2, 4)]
    assert sweep.ending() == calm.ending()


def test_the_parts_of_a_group_apply_what_was_decided_for_the_whole(population, buffers):
    sweep, files = population("parts")
    climb(sweep, 2)
    exchange(sweep, FIRST, buffers)
    files.split([files.plan.part([0, 1]), files.plan.part([2])])
    climb(sweep, None)
    lines = (sweep.folder / "2" / "metrics.csv").read_text().splitlines()
    assert lines[3].split(",")[2] == lines[6].split(",")[2] == "0.05"
    assert all(run["status"] == "ok" for run in sweep.ending())


def test_exchanges_are_read_as_they_were_written(tmp_path):
    for one in (FIRST, SECOND):
        one.write(tmp_path)
    assert read_exchanges(tmp_path) == [FIRST, SECOND]
    assert read_exchanges(tmp_path / "elsewhere") == []


@pytest.mark.parametrize(("epoch", "stop"), [(0, 2), (1, 2), (2, 4), (3, 4), (4, None), (5, None)])
def test_a_state_is_trained_to_the_next_exchange(epoch, stop):
    assert stop_after([FIRST, SECOND], {"epoch": epoch}) == stop
    assert stop_after([FIRST, SECOND], None) == 2


def test_values_hold_from_their_exchange_on(make_config):
    config = make_config(*POINTS[2])
    found = [
        in_force([FIRST, SECOND], config, 2, epoch).optim["lr"] for epoch in (0, 1, 2, 3, 4, 5)
    ]
    assert found == [0.02, 0.02, 0.05, 0.05, 0.05, 0.05]
    assert config.optim["lr"] == 0.02
    assert with_values(config, {}) is config
