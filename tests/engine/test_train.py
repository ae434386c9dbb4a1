"""The promise of the engine: the same result however a run is launched."""

import json
import math

import pytest
import torch
from torch import nn

from runner.config import per_member
from runner.engine.train import Training, steps_per_epoch
from runner.registry import names

# Float64 rounding grows over some fifty steps to 1e-13 or so, where nothing amplifies it; models
# with batch normalisation are chaotic, and their solo and stacked products round differently.
CLOSE = 1e-10

TINY_DIGITS = ["dataset=digits", "dataset.val_fraction=0", "dataset.test_fraction=0.02"]
FIFTY_STEPS = ["dataset.train_size=80", "batch_size=8", "epochs=5"]
SHORT = [*TINY_DIGITS, "dataset.val_fraction=0.02", "dataset.train_size=40", "batch_size=8"]
# The smallest settings that keep every part of a model: a new model needs a line of its own.
SMALL = {
    "mlp": ["model.hidden=[12]", *TINY_DIGITS, *FIFTY_STEPS],
    "dropout-mlp": ["model.hidden=[12,8]", *TINY_DIGITS, *FIFTY_STEPS],
    "linreg": ["dataset=linear", "dataset.test_size=30", *FIFTY_STEPS],
    "lenet-bn": [
        *("dataset.resize=16", *TINY_DIGITS),
        *("dataset.train_size=33", "batch_size=8", "epochs=5"),
    ],
    "densenet": [
        *("model.blocks=[2,1]", "model.growth=4", "model.stem=6", "dataset.resize=16"),
        *(*TINY_DIGITS, "dataset.train_size=17", "batch_size=8", "epochs=5"),
    ],
}
# Convolutions stacked on a CPU are slow, and an optimizer never sees which layer a parameter
# belongs to: those models meet the simplest and the most sensitive rule alone.
SLOW, FOR_SLOW = ("lenet-bn", "densenet"), ("sgd", "adam")
PAIRS = [
    (model, optim)
    for model in names("model")
    for optim in (FOR_SLOW if model in SLOW else names("optim"))
]
RATES = {"sgd": 0.05, "adam": 0.003, "adamw": 0.003, "rmsprop": 0.003, "adagrad": 0.02}


def differing(make_config, model, optim, *more, precision="float64"):
    """Three runs that differ in all that a group may hold: seed, lr, λ, and a rate of dropout."""
    lr = RATES.get(optim, 1.0)
    return [
        make_config(
            *(f"model={model}", f"optim={optim}", *SMALL[model], *more),
            *([f"model.dropout={0.1 + 0.2 * i}"] if model == "dropout-mlp" else []),
            **{
                "seed": 7 * i,
                "optim.lr": lr * (1 + i),
                "regularizer.lambda": 0.01 * i,
                "device.precision": precision,
                "device": "cpu",
            },
        )
        for i in range(3)
    ]


@pytest.mark.parametrize(("model", "optim"), PAIRS)
def test_a_member_agrees_with_its_solo_run_at_any_place(
    model, optim, make_config, train, assert_same_run
):
    configs = differing(make_config, model, optim)
    group = train(configs)
    smaller = train([configs[2], configs[1]])
    assert_same_run(smaller, 0, group, 2, within=CLOSE)
    assert_same_run(smaller, 1, group, 1, within=CLOSE)
    for slot in (0, 2):
        assert_same_run(train([configs[slot]]), 0, group, slot, within=CLOSE)


@pytest.mark.parametrize("more", [["optim.momentum=0.9"], ["optim.clip_norm=0.5"]])
def test_momentum_and_clipping_keep_members_apart(more, make_config, train, assert_same_run):
    configs = differing(make_config, "mlp", "sgd", *more)
    assert_same_run(train([configs[1]]), 0, train(configs), 1, within=CLOSE)


def test_members_of_one_seed_share_their_batches_and_agree_with_solo_runs(
    make_config, train, assert_same_run
):
    one_seed = ("model=dropout-mlp", *SMALL["dropout-mlp"], "device.precision=float64")
    configs = [make_config(*one_seed, **{"optim.lr": lr}) for lr in (0.05, 0.1)]
    assert_same_run(train([configs[1]]), 0, train(configs), 1, within=CLOSE)


@pytest.mark.parametrize("model", names("model"))
def test_float32_gives_the_same_bits_again_at_the_same_width(
    model, make_config, train, assert_same_run
):
    configs = differing(make_config, model, "sgd", "epochs=2", precision="float32")
    assert_same_run(train(configs), 2, train(configs), 2)


# Not so with convolutions: stacked ones are one grouped convolution, whose kernel, and with it
# the order of its sums, depends on the number of groups.
@pytest.mark.parametrize("model", ["linreg", "mlp", "dropout-mlp"])
def test_float32_gives_the_same_bits_at_any_width_from_two(
    model, make_config, train, assert_same_run
):
    three = differing(make_config, model, "sgd", "epochs=3", precision="float32")
    five = [*three, *(config.model_copy(update={"seed": 99}) for config in three[:2])]
    reference = train(three)
    assert_same_run(train(three[:2]), 1, reference, 1)
    assert_same_run(train(five), 2, reference, 2)


def test_the_same_run_again_writes_the_same_bytes(make_config, train):
    config = make_config(*SHORT, "epochs=3")
    first, second = (train([config]).folder(0) / "metrics.csv" for _ in range(2))
    assert first.read_bytes() == second.read_bytes()


def test_training_leaves_the_global_generator_as_it_was(make_config, train):
    before = torch.get_rng_state()
    train(differing(make_config, "dropout-mlp", "sgd", "epochs=1"))
    assert torch.equal(torch.get_rng_state(), before)


def test_dropout_masks_depend_on_the_seed_alone(make_config, build):
    configs = differing(make_config, "dropout-mlp", "sgd")
    group, alone = (Training(build(part), _Silent()) for part in (configs, configs[2:]))
    for _ in range(3):
        together, own = group._noise(8), alone._noise(8)
        assert len(own) == 2  # one for each hidden layer
        for name, noise in own.items():
            assert torch.equal(together[name][2], noise[0])
            assert not torch.equal(together[name][0], noise[0])


def test_the_objective_is_minimised_as_a_plain_loop_would(make_config, build):
    lambda_, lr = 0.05, 0.1
    config = make_config(
        *("model=mlp", "model.hidden=[9]", *SHORT, "epochs=2", "device.precision=float64"),
        **{"regularizer.lambda": lambda_, "optim.lr": lr},
    )
    group = build([config])
    params = {name: p[0].clone() for name, p in group.members.params.items()}
    orders = torch.Generator().set_state(group.streams[0].order.get_state())
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 9), nn.ReLU(), nn.Linear(9, 10)).double()
    model.load_state_dict({name.removeprefix("layers."): p for name, p in params.items()})
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    inputs, targets = group.data.train.inputs.double() / 16, group.data.train.targets
    for _ in range(2):
        order = torch.randperm(40, generator=orders)
        for rows in order.split(8):
            loss = nn.functional.cross_entropy(model(inputs[rows]), targets[rows])
            penalty = sum(p.square().sum() for p in model.parameters() if p.ndim > 1)
            optimizer.zero_grad()
            (loss + lambda_ / 2 * penalty).backward()
            optimizer.step()
    Training(group, _Silent()).run()
    for name, expected in model.named_parameters():
        # The same sums in the same order of steps: what differs is the grouping of a few terms.
        torch.testing.assert_close(
            group.members.params[f"layers.{name}"][0], expected.detach(), rtol=0, atol=1e-12
        )


class TestDivergence:
    def configs(self, make_config, lr):
        configs = differing(make_config, "mlp", "sgd", "epochs=4", precision="float32")
        return [configs[0], _with_lr(configs[1], lr), configs[2]]

    def test_a_diverged_member_leaves_and_keeps_its_row(self, make_config, train):
        trained = train(self.configs(make_config, 1e30))
        assert [recorder.status for recorder in trained.recorders] == ["ok", "diverged", "ok"]
        assert len(trained.group) == 2
        (row,) = trained.metrics(1)
        assert row["train/loss"] == "nan"
        summary = json.loads((trained.folder(1) / "summary.json").read_text())
        assert summary["status"] == "diverged"
        assert summary["reason"] == "The loss was not finite in epoch 1."
        assert (trained.folder(1) / "checkpoints" / "last.pt").is_file()

    def test_the_others_keep_their_bits_up_to_that_epoch_and_after(self, make_config, train):
        diverging = train(self.configs(make_config, 1e30))
        healthy = train(self.configs(make_config, 0.1))
        for slot in (0, 2):
            # Two slots are left after the first epoch, and from two on a width changes no bit.
            assert diverging.metrics(slot) == healthy.metrics(slot)
        left = diverging.group.members
        for name, param in healthy.group.members.params.items():
            assert torch.equal(left.params[name], param[[0, 2]])

    def test_a_last_member_left_over_agrees_with_its_solo_run(self, make_config, train):
        good, bad, _ = differing(make_config, "mlp", "sgd", "regularizer.lambda=0.01")
        bad = _with_lr(bad, 1e300)
        group = train([bad, good])
        assert [recorder.status for recorder in group.recorders] == ["diverged", "ok"]
        alone = train([good])
        for name, param in alone.group.members.params.items():
            torch.testing.assert_close(group.group.members.params[name], param, rtol=0, atol=CLOSE)
        assert group.metrics(1) == alone.metrics(0)

    def test_a_group_that_diverges_whole_ends(self, make_config, train):
        configs = [_with_lr(config, 1e30) for config in self.configs(make_config, 1e30)]
        trained = train(configs)
        assert {recorder.status for recorder in trained.recorders} == {"diverged"}
        assert len(trained.rows) == 1

    def test_an_infinite_loss_is_written_nan_too(self, make_config, train):
        two_steps = ("dataset=linear", "dataset.train_size=40", "batch_size=20")
        trained = train([make_config("model=linreg", *two_steps, **{"optim.lr": 1e30})])
        assert trained.recorders[0].status == "diverged"
        assert math.isinf(trained.rows[-1][0]["train/loss"])
        assert trained.metrics(0)[-1]["train/loss"] == "nan"


class TestRows:
    def test_one_dense_row_an_epoch_with_columns_in_order(self, make_config, train):
        rows = train([make_config(*SHORT, "epochs=3")]).metrics(0)
        splits = [f"{s}/{m}" for s in ("train", "val", "test") for m in ("loss", "accuracy")]
        assert list(rows[0]) == ["epoch", "step", "lr", *splits, "weight_norm"]
        assert [row["epoch"] for row in rows] == ["1", "2", "3"]
        assert [row["step"] for row in rows] == ["5", "10", "15"]
        assert all(value for row in rows for value in row.values())

    def test_regression_reports_rmse_and_no_split_that_is_missing(self, make_config, train):
        (row,) = train([make_config("model=linreg", "dataset=linear", epochs=1)]).metrics(0)
        splits = ["train/loss", "train/rmse", "test/loss", "test/rmse"]
        assert list(row) == ["epoch", "step", "lr", *splits, "weight_norm"]

    def test_the_schedule_shows_for_each_member(self, make_config, train):
        swept = {"schedule": "step", "schedule.every": 2, "epochs": 4}
        configs = [
            make_config(*SHORT, **swept, **{"optim.lr": lr, "schedule.factor": factor})
            for lr, factor in ((0.1, 0.5), (0.2, 0.25))
        ]
        trained = train(configs)
        assert [float(row["lr"]) for row in trained.metrics(0)] == [0.1, 0.1, 0.05, 0.05]
        assert [float(row["lr"]) for row in trained.metrics(1)] == [0.2, 0.2, 0.05, 0.05]

    def test_train_columns_are_means_over_the_batches_as_trained_on(self, make_config, build):
        group = build([make_config(*SHORT, "epochs=1", "device.precision=float64")])
        training = Training(group, _Silent())
        seen = [
            (losses.mean(1), (logits.argmax(-1) == targets).double().mean(1))
            for losses, logits, targets in training._steps()
        ]
        (again,) = _rows(build([make_config(*SHORT, "epochs=1", "device.precision=float64")]))
        assert again["train/loss"] == pytest.approx(sum(loss.item() for loss, _ in seen) / 5)
        assert again["train/accuracy"] == pytest.approx(sum(hit.item() for _, hit in seen) / 5)

    def test_eval_train_measures_after_the_epoch_and_changes_nothing_else(self, make_config, train):
        on_the_fly, after = (
            train([make_config(*SHORT, "epochs=2", eval_train=flag)]) for flag in ("false", "true")
        )
        pairs = zip(on_the_fly.curve(0), after.curve(0), strict=True)
        for fly_row, after_row in pairs:
            changed = {name for name in fly_row if fly_row[name] != after_row[name]}
            assert "train/loss" in changed
            assert changed <= {"train/loss", "train/accuracy"}
            assert after_row["train/loss"] < fly_row["train/loss"]


class _Silent:
    def step(self):
        pass

    def epoch(self, rows):
        pass


class _Interrupts(_Silent):
    """Interrupts the training at a step, as a signal would."""

    def __init__(self, at):
        self.left = at

    def step(self):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.mark.parametrize("step", [1, 13])
def test_an_interruption_saves_every_member_and_goes_on_up(step, make_config, build):
    group = build(differing(make_config, "mlp", "sgd"))
    with pytest.raises(KeyboardInterrupt):
        Training(group, _Interrupts(step)).run()
    for recorder in group.recorders:
        assert recorder.status == "interrupted"
        saved = torch.load(recorder.folder / "checkpoints" / "last.pt", weights_only=True)
        assert (saved["step"], saved["epoch"]) == (step, step // 10)


def test_checkpoints_come_as_often_as_asked(make_config, build):
    group = build([make_config(*SHORT, "epochs=3", checkpoint_every=2)])
    saved = group.recorders[0].folder / "checkpoints" / "last.pt"
    seen = []

    class Looks(_Silent):
        def epoch(self, rows):
            seen.append(saved.is_file() and torch.load(saved, weights_only=True)["epoch"])

    Training(group, Looks()).run()
    assert seen == [False, 2, 2]
    assert torch.load(saved, weights_only=True)["epoch"] == 3


def test_the_best_checkpoint_is_of_the_best_epoch(make_config, train):
    trained = train([make_config(*SHORT, "epochs=8", "optim.lr=1")])
    losses = [row["val/loss"] for row in trained.curve(0)]
    best = torch.load(trained.folder(0) / "checkpoints" / "best.pt", weights_only=True)
    assert best["epoch"] == 1 + losses.index(min(losses))


def test_without_a_validation_split_there_is_no_best(make_config, train):
    trained = train([make_config("model=linreg", "dataset=linear", epochs=1)])
    assert not (trained.folder(0) / "checkpoints" / "best.pt").exists()


def test_a_rehearsal_takes_the_steps_it_is_asked_for_though_an_epoch_is_shorter(make_config, build):
    group = build([make_config(*SHORT)])
    assert steps_per_epoch(group) == 5
    assert len(Training(group, _Silent()).rehearse(12)) == 12


def test_every_optimizer_can_differ_in_its_learning_rate():
    assert all("lr" in per_member("optim", optim) for optim in names("optim"))


def _with_lr(config, lr):
    return config.model_copy(update={"optim": config.optim | {"lr": lr}})


def _rows(group):
    seen = []

    class Keeps(_Silent):
        def epoch(self, rows):
            seen.extend(rows)

    Training(group, Keeps()).run()
    return seen
