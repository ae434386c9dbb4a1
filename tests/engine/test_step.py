import pytest
import torch

from runner.engine.step import Step, predict
from runner.engine.train import Training


@pytest.fixture
def configs(make_config):
    return [
        make_config(
            *("model=dropout-mlp", "model.hidden=[6]", f"model.dropout={rate}", f"seed={seed}"),
            *("dataset.train_size=20", "device.precision=float64", "epochs=1"),
            **{"regularizer.lambda": 0.1 * seed},
        )
        for seed, rate in enumerate((0.1, 0.3, 0.5))
    ]


def one_step(group, noise, inputs, targets, *, shared, lr=0.1):
    step = Step(group.members, group.loss, group.regularizer, group.optimizer)
    at = {"lr": torch.full((len(group),), lr, dtype=torch.float64)}
    group.members.model.train()
    return step(inputs, targets, noise, at, shared=shared)


def batch(group, examples=4):
    inputs = group.data.prepare(group.data.train.inputs[:examples], torch.float64)
    targets = group.data.train.targets[:examples].expand(len(group), examples)
    noise = torch.rand(
        (len(group), examples, 6), dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    )
    return inputs, targets, {"layers.3.noise": noise}


def test_losses_and_logits_are_from_before_the_update(configs, build):
    group = build(configs)
    inputs, targets, noise = batch(group)
    losses, logits = one_step(group, noise, inputs, targets, shared=True, lr=1e6)
    assert losses.shape == (3, 4)
    assert logits.shape == (3, 4, 10)
    assert losses.max() < 10


def test_a_batch_shared_by_all_is_the_same_as_a_copy_for_each(configs, build):
    shared, copied = build(configs), build(configs)
    inputs, targets, noise = batch(shared)
    one_step(shared, noise, inputs, targets, shared=True)
    one_step(copied, noise, inputs.expand(3, *inputs.shape), targets, shared=False)
    # One product or three: the same sums, rounded differently.
    torch.testing.assert_close(shared.members.params, copied.members.params, rtol=0, atol=1e-14)


def test_a_step_changes_parameters_in_place_and_nothing_in_the_model(configs, build):
    group = build(configs)
    pointers = {name: p.data_ptr() for name, p in group.members.params.items()}
    own = [p.clone() for p in group.members.model.parameters()]
    before = {name: p.clone() for name, p in group.members.params.items()}
    one_step(group, batch(group)[2], *batch(group)[:2], shared=True)
    for name, param in group.members.params.items():
        assert param.data_ptr() == pointers[name]
        assert not torch.equal(param, before[name])
    assert all(map(torch.equal, own, group.members.model.parameters()))


def test_a_nan_in_one_member_stays_in_it(configs, build):
    ill, well = build(configs), build(configs)
    next(iter(ill.members.params.values()))[1] = torch.nan
    for group in (ill, well):
        one_step(group, batch(group)[2], *batch(group)[:2], shared=True)
    for name, param in ill.members.params.items():
        assert param[1].isnan().any()
        assert torch.equal(param[[0, 2]], well.members.params[name][[0, 2]])


@pytest.mark.parametrize("members", [1, 3])
def test_predictions_take_no_noise_and_leave_no_gradient(configs, build, members):
    group = build(configs[:members])
    inputs, *_ = batch(group)
    first, second = predict(group.members, inputs), predict(group.members, inputs)
    assert torch.equal(first, second)
    assert first.shape == (members, 4, 10)
    assert not first.requires_grad


@pytest.mark.parametrize("members", [1, 2])
def test_running_statistics_follow_the_batches_in_training_alone(make_config, build, members):
    group = build(
        [
            make_config(
                *("model=lenet-bn", "dataset.resize=16", "dataset.train_size=16"),
                *("batch_size=8", "device.precision=float64", f"seed={seed}"),
            )
            for seed in range(members)
        ]
    )
    training = Training(group, None)
    steps = list(training.steps(training.take))
    counts = group.members.buffers["layers.1.num_batches_tracked"]
    assert counts.tolist() == [len(steps)] * members
    mean = group.members.buffers["layers.1.running_mean"].clone()
    assert mean.abs().sum(1).min() > 0
    predict(group.members, group.data.prepare(group.data.train.inputs, torch.float64))
    assert torch.equal(mean, group.members.buffers["layers.1.running_mean"])
