"""The loop: what it minimises, what it records, and how it ends."""

import json
import math

import pytest
import torch
from torch import nn
from torch.optim import SGD, Adam

from runner.component_keys import per_member_keys
from runner.engine.rehearsal import rehearse
from runner.engine.train import Quiet, Training, steps_per_epoch
from runner.registry import names

CLOSE = 1e-10  # see test_same_result
SMALL_SPLITS = ["dataset.train_size=40", "dataset.val_fraction=0.02", "dataset.test_fraction=0.02"]
SHORT = [*SMALL_SPLITS, "batch_size=8"]  # five steps an epoch


# Adam's corrections count steps over both epochs.
@pytest.mark.parametrize(("optim", "rule", "lr"), [("sgd", SGD, 0.1), ("adam", Adam, 0.003)])
def test_the_objective_is_minimised_as_a_plain_loop_would(optim, rule, lr, make_config, build):
    lambda_ = 0.05
    config = make_config(
        *("model=mlp", "model.hidden=[9]", f"optim={optim}", *SHORT),
        *("epochs=2", "device.precision=float64"),
        **{"regularizer.lambda": lambda_, "optim.lr": lr},
    )
    group = build([config])
    params = {name: p[0].clone() for name, p in group.members.params.items()}
    orders = torch.Generator().set_state(group.orders[0].get_state())
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 9), nn.ReLU(), nn.Linear(9, 10)).double()
    model.load_state_dict({name.removeprefix("layers."): p for name, p in params.items()})
    optimizer = rule(model.parameters(), lr=lr)
    inputs, targets = group.data.train.inputs.double() / 16, group.data.train.targets
    for _ in range(2):
        order = torch.randperm(40, generator=orders)
        for rows in order.split(8):
            loss = nn.functional.cross_entropy(model(inputs[rows]), targets[rows])
            penalty = sum(p.square().sum() for p in model.parameters() if p.ndim > 1)
            optimizer.zero_grad()
            (loss + lambda_ / 2 * penalty).backward()
            optimizer.step()
    Training(group, Quiet()).run()
    for name, expected in model.named_parameters():
        # The same sums in the same order of steps: what differs is the grouping of a few terms.
        torch.testing.assert_close(
            group.members.params[f"layers.{name}"][0], expected.detach(), rtol=0, atol=1e-12
        )


class TestDivergence:
    def configs(self, differing, lr):
        configs = differing("mlp", "sgd", "epochs=4", precision="float32")
        return [configs[0], _with_lr(configs[1], lr), configs[2]]

    def test_a_diverged_member_leaves_and_keeps_its_row(self, differing, train):
        trained = train(self.configs(differing, 1e30))
        assert [recorder.status for recorder in trained.recorders] == ["ok", "diverged", "ok"]
        assert len(trained.group) == 2
        (row,) = trained.metrics(1)
        assert row["train/loss"] == "nan"
        summary = json.loads((trained.folder(1) / "summary.json").read_text())
        assert summary["status"] == "diverged"
        assert summary["reason"] == "The loss was not finite in epoch 1."
        assert (trained.folder(1) / "checkpoints" / "last.pt").is_file()

    def test_the_others_keep_their_bits_up_to_that_epoch_and_after(self, differing, train):
        diverging = train(self.configs(differing, 1e30))
        healthy = train(self.configs(differing, 0.1))
        for slot in (0, 2):
            # Two slots are left after the first epoch, and from two on a width changes no bit.
            assert diverging.metrics(slot) == healthy.metrics(slot)
        left = diverging.group.members
        for name, param in healthy.group.members.params.items():
            assert torch.equal(left.params[name], param[[0, 2]])

    def test_a_last_member_left_over_keeps_its_bits(self, differing, train):
        good, bad, _ = self.configs(differing, 0.1)
        diverging, healthy = train([_with_lr(bad, 1e30), good]), train([bad, good])
        assert diverging.metrics(1) == healthy.metrics(1)
        assert len(diverging.group) == 1
        for name, param in healthy.group.members.params.items():
            assert torch.equal(diverging.group.members.params[name][0], param[1])

    def test_members_left_with_one_seed_keep_their_bits(self, differing, train):
        good, bad, _ = self.configs(differing, 0.1)
        twin = _with_lr(good, 0.05)
        diverging, healthy = train([good, _with_lr(bad, 1e30), twin]), train([good, bad, twin])
        for slot in (0, 2):
            assert diverging.metrics(slot) == healthy.metrics(slot)

    def test_a_last_member_left_over_agrees_with_its_solo_run(self, differing, train):
        good, bad, _ = differing("mlp", "sgd", "regularizer.lambda=0.01")
        bad = _with_lr(bad, 1e300)
        group = train([bad, good])
        assert [recorder.status for recorder in group.recorders] == ["diverged", "ok"]
        alone = train([good])
        for name, param in alone.group.members.params.items():
            torch.testing.assert_close(group.group.members.params[name], param, rtol=0, atol=CLOSE)
        assert group.metrics(1) == alone.metrics(0)

    def test_a_checkpoint_holds_its_own_members_state_after_others_left(self, differing, train):
        good, bad, other = differing("mlp", "sgd", "epochs=1")
        group, alone = train([_with_lr(bad, 1e300), good, other]), train([other])
        saved, expected = (
            torch.load(trained.folder(slot) / "checkpoints" / "last.pt", weights_only=True)
            for trained, slot in ((group, 2), (alone, 0))
        )
        assert group.recorders[0].status == "diverged"
        assert torch.equal(saved["order_at_epoch_start"], expected["order_at_epoch_start"])
        assert saved.pop("data") == expected.pop("data")
        # Layers that draw from the global generators never train in a group.
        assert not saved.pop("global") and expected.pop("global")
        torch.testing.assert_close(saved, expected, rtol=CLOSE, atol=CLOSE)

    def test_a_group_that_diverges_whole_ends(self, differing, train):
        configs = [_with_lr(config, 1e30) for config in self.configs(differing, 1e30)]
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
        assert list(rows[0]) == ["epoch", "step", "lr", *splits, "model/weight_norm"]
        assert [row["epoch"] for row in rows] == ["1", "2", "3"]
        assert [row["step"] for row in rows] == ["5", "10", "15"]
        assert all(value for row in rows for value in row.values())

    def test_regression_reports_rmse_r2_and_no_split_that_is_missing(self, make_config, train):
        (row,) = train([make_config("model=linreg", "dataset=linear", epochs=1)]).metrics(0)
        measured = ("loss", "rmse", "r2")
        splits = [f"{split}/{name}" for split in ("train", "test") for name in measured]
        named = ["w1", "w2", "b", "sparsity", "w1_error", "w2_error", "b_error"]
        columns = [f"model/{name}" for name in named]
        assert list(row) == ["epoch", "step", "lr", *splits, "model/weight_norm", *columns]
        for name, true in (("w1", 2), ("w2", -3.4), ("b", 4.2)):
            error = abs(float(row[f"model/{name}"]) - true)
            assert float(row[f"model/{name}_error"]) == pytest.approx(error, abs=1e-6)

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
        training = Training(group, Quiet())
        seen = [
            (taken.losses.mean(1), (taken.logits.argmax(-1) == taken.targets).double().mean(1))
            for _, taken in training.steps(training.take)
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


class _Interrupts(Quiet):
    """Interrupts the training at a step, as a signal would."""

    def __init__(self, at):
        self.left = at

    def step(self):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def test_an_interruption_before_the_first_step_is_saved_too(make_config, build, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    group = build([make_config(*SHORT)])
    training = Training(group, Quiet())
    monkeypatch.setattr(training, "_learning_rates", interrupt)
    with pytest.raises(KeyboardInterrupt):
        training.run()
    assert group.recorders[0].status == "interrupted"
    saved = torch.load(group.recorders[0].folder / "checkpoints" / "last.pt", weights_only=True)
    assert (saved["step"], saved["epoch"]) == (0, 0)


@pytest.mark.parametrize("step", [1, 13])
def test_an_interruption_saves_every_member_and_goes_on_up(step, differing, build):
    group = build(differing("mlp", "sgd"))
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

    class Looks(Quiet):
        def interrupted(self):
            pass

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
    training = Training(group, Quiet())
    rehearsed = rehearse(training, 12)
    assert training.steps_done == 12
    assert rehearsed.step > 0 and rehearsed.once >= 0


def test_every_optimizer_can_differ_in_its_learning_rate():
    assert all("lr" in per_member_keys("optim", optim) for optim in names("optim"))


def _with_lr(config, lr):
    return config.model_copy(update={"optim": config.optim | {"lr": lr}})


def _rows(group):
    seen = []

    class Keeps(Quiet):
        def interrupted(self):
            pass

        def epoch(self, rows):
            seen.extend(rows)

    Training(group, Keeps()).run()
    return seen
