import math

import pytest
import torch

from runner.build import load_data
from runner.engine.measure import Tally, evaluate, fetch, of_parameters
from runner.engine.step import predict
from runner.registry import names


def digits(make_config, *more):
    return make_config("dataset.train_size=30", "device.precision=float64", *more)


def test_means_weigh_examples_not_batches(make_config, build):
    group = build([digits(make_config)] * 2)
    tally = Tally(group.metrics)
    logits = torch.eye(10, dtype=torch.float64).expand(2, 10, 10)
    targets = torch.arange(10).expand(2, 10)
    tally.add(torch.full((2, 10), 1.0), logits, targets)
    tally.add(torch.full((2, 2), 7.0), logits[:, :2], targets[:, 2:4])
    means = tally.means()
    assert means["loss"].tolist() == [2.0, 2.0]
    assert means["accuracy"].tolist() == pytest.approx([10 / 12, 10 / 12])


def test_evaluation_is_the_loss_of_the_whole_split_for_each_member(make_config, build):
    group = build([digits(make_config, f"seed={seed}") for seed in (1, 2)])
    test = group.data.test
    assert len(test) > 250  # more than one evaluation batch
    logits = predict(group.members, group.data.prepare(test.inputs, torch.float64))
    measured = evaluate(group, "test")
    for slot in range(2):
        loss = torch.nn.functional.cross_entropy(logits[slot], test.targets)
        hits = (logits[slot].argmax(1) == test.targets).double().mean()
        assert measured["loss"][slot].item() == pytest.approx(loss.item(), rel=1e-12)
        assert measured["accuracy"][slot].item() == pytest.approx(hits.item(), rel=1e-12)


def test_rmse_is_the_root_of_the_mean_over_the_split(make_config, build):
    group = build([make_config("dataset=linear", "model=linreg", "device.precision=float64")])
    test = group.data.test
    error = predict(group.members, test.inputs)[0] - test.targets
    expected = math.sqrt(error.square().mean().item())
    assert evaluate(group, "test")["rmse"].item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seeds", [[1], [1, 2]])
def test_metrics_are_one_sum_over_batches_in_their_order(make_config, build, seeds):
    group = build([make_config("dataset.train_size=30", f"seed={seed}") for seed in seeds])
    test = group.data.test
    hits = torch.zeros(len(seeds))
    for rows in torch.arange(len(test)).split(250):
        logits = predict(group.members, group.data.prepare(test.inputs[rows], torch.float32))
        hits += (logits.argmax(-1) == test.targets[rows]).float().sum(1)
    # The same bits, for metrics.csv promises them: no sum may be taken in another order.
    assert torch.equal(evaluate(group, "test")["accuracy"], hits / len(test))


def test_evaluation_changes_nothing(make_config, build):
    config = make_config("model=lenet-bn", "dataset.resize=16", "dataset.train_size=8")
    group = build([config])
    before = {name: b.clone() for name, b in group.members.buffers.items()}
    evaluate(group, "train")
    assert all(torch.equal(group.members.buffers[name], b) for name, b in before.items())


@pytest.mark.parametrize("model", names("model"))
def test_the_weight_norm_is_over_weights_alone(model, make_config, companions, build):
    group = build([make_config(f"model={model}", *companions("model", model))])
    weights = [
        module.weight
        for module in group.members.model.modules()
        if getattr(module, "weight", None) is not None and module.weight.ndim >= 2
    ]
    if not weights:
        assert "model/weight_norm" not in of_parameters(group)
        return
    expected = math.sqrt(sum(weight.square().sum().item() for weight in weights))
    assert of_parameters(group)["model/weight_norm"].item() == pytest.approx(expected, rel=1e-5)
    for name, param in group.members.params.items():
        if param.ndim == 2:  # biases, and the scales and shifts of normalisation
            group.members.params[name].fill_(1e3)
    assert of_parameters(group)["model/weight_norm"].item() == pytest.approx(expected, rel=1e-5)


def test_fetched_columns_become_a_row_for_each_member():
    columns = {"a": torch.tensor([1.0, 2.0]), "b": torch.tensor([3.0, 4.0])}
    assert fetch(columns) == [{"a": 1.0, "b": 3.0}, {"a": 2.0, "b": 4.0}]


def test_a_split_that_is_missing_is_not_measured(make_config):
    assert set(load_data(make_config("dataset=linear", "model=linreg")).splits) == {"train", "test"}
