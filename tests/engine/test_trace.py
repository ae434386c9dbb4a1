"""Looks at the training set within an epoch."""

import pytest

SMALL = ("dataset=linear", "model=linreg", "dataset.train_size=100")


def looks(trained, slot=0):
    head, *lines = (trained.folder(slot) / "trace.csv").read_text().splitlines()
    return [dict(zip(head.split(","), map(float, line.split(",")), strict=True)) for line in lines]


@pytest.mark.parametrize(
    ("batch_size", "examples"),
    [
        (1, [0, 30, 60, 90, 120, 150, 180]),
        (20, [0, 40, 60, 100, 120, 160, 180]),
        (100, [0, 100, 200]),
    ],
)
def test_looks_whenever_so_many_examples_more_were_seen(make_config, train, batch_size, examples):
    trained = train([make_config(*SMALL, "epochs=2", batch_size=batch_size, trace_every=30)])
    rows = looks(trained)
    assert [row["examples"] for row in rows] == examples
    assert [row["epoch"] for row in rows] == [count / 100 for count in examples]
    seconds = [row["seconds"] for row in rows]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0


def test_is_of_the_whole_training_set_as_it_stands(make_config, train):
    config = make_config(*SMALL, "epochs=2", batch_size=10, trace_every=100, eval_train="true")
    trained = train([config])
    ends = [float(row["train/loss"]) for row in trained.metrics(0)]
    start, *rest = (row["train/loss"] for row in looks(trained))
    assert rest == pytest.approx(ends)
    assert start > rest[0]


def test_changes_nothing_and_is_not_there_unless_asked_for(make_config, train):
    dropout = ("model=dropout-mlp", "model.hidden=[8,6]", "dataset.train_size=60", "epochs=2")
    plain, traced = (train([make_config(*dropout, **more)]) for more in ({}, {"trace_every": 7}))
    assert plain.metrics(0) == traced.metrics(0)
    assert not (plain.folder(0) / "trace.csv").exists()


def test_every_member_has_its_own(make_config, train):
    configs = [make_config(*SMALL, "epochs=1", trace_every=50, seed=seed) for seed in range(3)]
    trained = train(configs)
    firsts = [looks(trained, slot)[0]["train/loss"] for slot in range(3)]
    assert len(set(firsts)) == 3
    assert looks(train(configs[2:]))[0]["train/loss"] == pytest.approx(firsts[2], rel=1e-5)
