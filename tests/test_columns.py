"""Which columns are measured, which are swept keys, and what old tables called them."""

import pytest

from runner import columns


@pytest.mark.parametrize(
    "name",
    ["train/loss", "best/val/loss", "model/w1", "gradient_norm/layers.0.weight", "model/w1_error"],
)
def test_a_measured_name_has_a_slash(name):
    assert columns.is_metric(name)
    assert not columns.is_swept_key(name)


@pytest.mark.parametrize("name", ["optim.lr", "model", "regularizer.lambda", "dataset.fold", "x"])
def test_a_swept_key_has_none(name):
    assert columns.is_swept_key(name)
    assert not columns.is_metric(name)


@pytest.mark.parametrize("name", [*columns.RUN, *columns.PROGRESS, *columns.OF_TABLES])
def test_the_programs_own_columns_are_neither(name):
    assert not columns.is_swept_key(name)
    assert not columns.is_metric(name)


@pytest.mark.parametrize(
    ("name", "split", "measure"),
    [
        ("train/loss", "train", "loss"),
        ("best/val/accuracy", "val", "accuracy"),
        ("gradient_norm/layers.0.weight", "gradient_norm", "layers.0.weight"),
        ("lr", "lr", "lr"),
    ],
)
def test_a_metric_is_a_split_and_a_measure(name, split, measure):
    assert (columns.split_of(name), columns.measure_of(name)) == (split, measure)


def test_what_counts_is_no_metric():
    assert [n for n in ("epoch", "lr", "job", "rmse", "test/loss") if columns.is_counter(n)] == [
        "epoch", "lr", "job"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "best", "last", "loss"),
    [
        ("best/test/accuracy", True, "test/accuracy", "best/test/loss"),
        ("val/loss", False, "val/loss", "val/loss"),
        ("rmse", False, "rmse", "loss"),
    ],
)
def test_a_metric_has_a_last_epoch_and_a_loss_beside_it(name, best, last, loss):
    assert columns.is_best(name) == best
    assert columns.of_last_epoch(name) == last
    assert columns.loss_beside(name) == loss


def test_columns_of_before_are_renamed():
    old = ["epoch", "step", "lr", "train/loss", "weight_norm", "w1", "gradient_norm.out.weight"]
    new = ["model/weight_norm", "model/w1", "gradient_norm/out.weight"]
    assert columns.renamed(old) == [*old[:4], *new]


def test_swept_keys_of_before_keep_their_names():
    sweep = ["job", "status", "seed", "optim.lr", "epoch", "step", "lr", "test/loss", "weight_norm"]
    tail = ["best_epoch", "best/val/loss", "best/weight_norm", "signature", "run_dir"]
    assert columns.renamed([*sweep, *tail]) == [*sweep[:-1], "model/weight_norm", *tail]
    summary = ["optim.lr", "train/loss_mean", "weight_norm_mean", "runs", "failed"]
    assert columns.renamed(summary) == [*summary[:2], "model/weight_norm_mean", *summary[3:]]


def test_columns_of_today_stay_as_they_are():
    now = ["job", "optim.lr", "epoch", "step", "lr", "train/loss", "model/w1", "signature"]
    assert columns.renamed(now) == now
