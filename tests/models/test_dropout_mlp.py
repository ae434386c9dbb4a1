from typing import get_type_hints

import pytest
import torch
from pydantic import ConfigDict, TypeAdapter, ValidationError
from torch import nn

from runner.errors import RequestError
from runner.hyper import SWEEPABLE
from runner.models.dropout_mlp import DropoutMLP
from runner.models.noise import Dropout

HINT = get_type_hints(DropoutMLP.__init__, include_extras=True)["dropout"]
DROPOUT = TypeAdapter(HINT, config=ConfigDict(strict=True, allow_inf_nan=False))


def rates(model):
    return [layer.rate.item() for layer in model.layers if isinstance(layer, Dropout)]


def test_parameters_of_the_default(build):
    model = build("dropout-mlp", (1, 28, 28), 10)
    # 784 * 256 + 256 = 200,960; 256 * 256 + 256 = 65,792; 256 * 10 + 10 = 2,570
    assert sum(p.numel() for p in model.parameters()) == 200_960 + 65_792 + 2_570 == 269_322


def test_dropout_follows_the_activations(build):
    layers = build("dropout-mlp", (4,), 2).layers
    hidden = [nn.Linear, nn.ReLU, Dropout]
    assert [type(layer) for layer in layers] == [nn.Flatten, *hidden, *hidden, nn.Linear]


def test_one_rate_per_layer(build):
    # The rates are float32 numbers.
    assert rates(build("dropout-mlp", (4,), 2)) == pytest.approx([0.2, 0.5], rel=1e-7)


@pytest.mark.parametrize("hidden", [[], [3], [3, 4, 5]])
def test_one_number_is_the_rate_of_every_layer(hidden, build):
    model = build("dropout-mlp", (4,), 2, hidden=hidden, dropout=0.25)
    assert rates(model) == [0.25] * len(hidden)


@pytest.mark.parametrize(("dropout", "hidden"), [([0.1], [3, 4]), ([0.1, 0.2], [3]), ([], [3])])
def test_a_list_of_another_length_is_refused_with_both_lengths(dropout, hidden, build):
    with pytest.raises(RequestError) as refusal:
        build("dropout-mlp", (4,), 2, hidden=hidden, dropout=dropout)
    (sentence,) = refusal.value.sentences
    assert f"model.dropout has length {len(dropout)} " in sentence
    assert f"model.hidden has length {len(hidden)}:" in sentence


@pytest.mark.parametrize("value", [0, 0.5, 0.999, [0.2, 0.5], [0], []])
def test_rates_in_range_pass_unchanged(value):
    assert DROPOUT.validate_python(value) == value


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (1.5, ()),
        (1, ()),
        (-0.1, ()),
        (True, ()),
        ("0.5", ()),
        (None, ()),
        (float("nan"), ()),
        ([0.2, 1.5], (1,)),
        ([True], (0,)),
    ],
)
def test_a_wrong_rate_is_one_fault_at_its_place(value, where):
    with pytest.raises(ValidationError) as refusal:
        DROPOUT.validate_python(value)
    (fault,) = refusal.value.errors()
    assert fault["loc"] == where
    assert "number" in fault["msg"] or "less than" in fault["msg"] or "greater" in fault["msg"]


def test_the_range_is_in_the_schema():
    number, several = DROPOUT.json_schema()["anyOf"]
    assert (number["minimum"], number["exclusiveMaximum"]) == (0, 1)
    assert several["items"] == number


def test_the_rates_are_sweepable():
    assert SWEEPABLE in HINT.__metadata__


def test_members_of_a_group_may_differ_in_rate(build):
    thin, thick = (build("dropout-mlp", (4,), 2, dropout=rate) for rate in (0.0, 0.9))
    inputs = torch.ones(3, 4, dtype=torch.float64)
    assert set(thin.state_dict()) == set(thick.state_dict())
    assert torch.equal(thin(inputs), thick.eval()(inputs))


@pytest.mark.parametrize(("name", "function"), [("relu", torch.relu), ("tanh", torch.tanh)])
def test_activated_logits_are_the_activation_of_the_same_logits(name, function, build):
    inputs = torch.linspace(-1, 1, 8, dtype=torch.float64).view(2, 4)
    right, slip = (
        build("dropout-mlp", (4,), 10, activation=name, activate_logits=wanted).eval()
        for wanted in (False, True)
    )
    assert right(inputs).min() < 0
    assert torch.equal(slip(inputs), function(right(inputs)))
    assert slip.state_dict().keys() == right.state_dict().keys()


def test_no_dropout_follows_activated_logits(build):
    model = build("dropout-mlp", (4,), 2, activate_logits=True)
    assert [type(layer) for layer in model.layers][-2:] == [nn.Linear, nn.ReLU]
