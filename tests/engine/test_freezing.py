"""Parameters that `freeze` keeps from changing, alone and in a group."""

import pytest
import torch
from torch import nn

from runner.build import build_group, build_model, load_data
from runner.engine.freezing import freeze
from runner.engine.members import frozen, learnt
from runner.errors import RequestError
from runner.registry import names
from runner.tryout import Trials

SMALL = ["model.hidden=[6,5]", "dataset.train_size=40", "batch_size=8", "epochs=2"]


def test_patterns_choose_by_name(make_config):
    config = make_config(*SMALL, "freeze=[layers.1.*,'*.bias']")
    model = build_model(config, load_data(config))
    assert list(learnt(model)) == ["layers.3.weight", "layers.5.weight"]
    assert list(frozen(model)) == [
        *("layers.1.weight", "layers.1.bias", "layers.3.bias", "layers.5.bias")
    ]


@pytest.mark.parametrize("optim", names("optim"))
def test_what_is_frozen_keeps_its_bits_and_has_no_optimizer_state(optim, make_config, train):
    config = make_config(
        *("dataset.train_size=16", "dataset.resize=4", "model.hidden=[]", "batch_size=8"),
        *(f"optim={optim}", "epochs=1", "regularizer.lambda=0.1", "freeze=['*.weight']"),
    )
    (name,) = (name for name, _ in build_model(config, load_data(config)).named_parameters()
               if name.endswith("weight"))  # fmt: skip
    before = build_group([config], []).members
    after = train([config]).member(0)
    assert torch.equal(after["buffers"][name], before.buffers[name][0])
    parts = {part: tensors for part, tensors in after.items() if part != "buffers"}
    assert all(name not in tensors for tensors in parts.values())
    bias = name.replace("weight", "bias")
    assert not torch.equal(after["params"][bias], before.params[bias][0])


@pytest.mark.parametrize("optim", ["sgd", "adam"])
def test_a_member_with_frozen_parameters_ends_as_it_does_alone(
    optim, differing, train, assert_same_run
):
    configs = differing("lenet-bn", optim, "freeze=['*.0.*']")
    together = train(configs)
    for slot, config in enumerate(configs):
        # float64 rounds at 1e-16, and fifty steps enlarge that
        assert_same_run(together, slot, train([config]), 0, within=1e-10)


def test_running_statistics_of_a_frozen_normalisation_go_on(make_config, train):
    config = make_config("model=lenet-bn", "dataset.resize=16", *SMALL[1:], "freeze=[layers.1.*]")
    before = build_group([config], []).members.buffers
    after = train([config]).member(0)["buffers"]
    assert torch.equal(after["layers.1.weight"], before["layers.1.weight"][0])
    assert not torch.equal(after["layers.1.running_mean"], before["layers.1.running_mean"][0])


def test_a_tied_parameter_is_frozen_by_any_of_its_names():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3), nn.Linear(3, 1))
    model[1].weight = model[0].weight
    freeze(model, ["1.weight"], "model=mine")
    assert list(frozen(model)) == ["0.weight"]


@pytest.mark.parametrize(
    ("patterns", "sentence"),
    [
        (
            "[layer.1.weight]",
            "freeze=[layer.1.weight]: no parameter of model=mlp matches 'layer.1.weight'; "
            "did you mean 'layers.1.weight'? It has layers.1.weight, layers.1.bias, "
            "layers.3.weight, layers.3.bias, layers.5.weight, layers.5.bias.",
        ),
        ("[layer.*]", " matches 'layer.*'; did you mean 'layers.*'? It has {names}."),
        ("[layers.2]", " matches 'layers.2'; did you mean 'layers.*'? It has {names}."),
        ("['layers.0.*']", " matches 'layers.0.*'; did you mean 'layers.1.*'? It has {names}."),
        ("[first]", " matches 'first'; 'layers.1.*' would freeze one layer. It has {names}."),
        ("['*.weight','*.bias']", "leaves model=mlp no parameter to train."),
    ],
)
def test_what_can_not_be_frozen_is_refused_before_anything_is_made(patterns, sentence, make_config):
    config = make_config(*SMALL, f"freeze={patterns}")
    with pytest.raises(RequestError) as refused:
        Trials()(config, load_data(config))
    names = ", ".join(f"layers.{i}.{kind}" for i in (1, 3, 5) for kind in ("weight", "bias"))
    assert str(refused.value).endswith(sentence.format(names=names))


def test_a_model_is_tried_out_anew_where_something_else_is_frozen(make_config):
    trials, data = Trials(), load_data(make_config())
    trials(make_config(*SMALL), data)
    with pytest.raises(RequestError, match="no parameter to train"):
        trials(make_config(*SMALL, "freeze=['*']"), data)


def test_a_model_without_parameters_has_none_to_freeze():
    with pytest.raises(RequestError, match=r"no parameter of model=mine matches 'a'"):
        freeze(nn.Sequential(nn.ReLU()), ["a"], "model=mine")
