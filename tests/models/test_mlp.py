import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from runner.models.mlp import MLP


def mlp(inputs, outputs, hidden):
    return MLP(
        inputs,
        outputs,
        hidden=hidden,
        activation="relu",
        activate_logits=False,
        init="default",
        init_std=0.01,
        init_bias="auto",
    )


def count(model):
    return sum(p.numel() for p in model.parameters())


def test_parameters_of_the_default(build):
    model = build("mlp", (1, 28, 28), 10)
    # 784 * 256 + 256 = 200,960 and 256 * 10 + 10 = 2,570
    assert count(model) == 200_960 + 2_570 == 203_530


def test_no_hidden_layer_leaves_one_linear_layer():
    model = mlp((1, 28, 28), 10, [])
    assert count(model) == 784 * 10 + 10
    assert [type(layer) for layer in model.layers] == [nn.Flatten, nn.Linear]


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.integers(1, 5),
    st.lists(st.integers(1, 9), max_size=4),
    st.integers(1, 3),
)
def test_any_widths_fit_together(shape, outputs, hidden, batch):
    model = mlp(tuple(shape), outputs, hidden)
    widths = [math.prod(shape), *hidden, outputs]
    assert model(torch.ones(batch, *shape)).shape == (batch, outputs)
    assert count(model) == sum(before * after + after for before, after in pairwise(widths))
    assert sum(isinstance(layer, nn.ReLU) for layer in model.layers) == len(hidden)


@pytest.mark.parametrize(("name", "function"), [("relu", torch.relu), ("sigmoid", torch.sigmoid)])
def test_it_is_the_composition_of_its_layers(name, function, build):
    model = build("mlp", (4,), 3, hidden=[5], activation=name)
    inputs = torch.linspace(-1, 1, 8, dtype=torch.float64).view(2, 4)
    (w1, b1, w2, b2) = model.parameters()
    expected = function(inputs @ w1.T + b1) @ w2.T + b2
    torch.testing.assert_close(model(inputs), expected)


@pytest.mark.parametrize(("name", "function"), [("relu", torch.relu), ("tanh", torch.tanh)])
def test_activated_logits_are_the_activation_of_the_same_logits(name, function, build):
    inputs = torch.linspace(-1, 1, 8, dtype=torch.float64).view(2, 4)
    right, slip = (
        build("mlp", (4,), 3, hidden=[5], activation=name, activate_logits=wanted)
        for wanted in (False, True)
    )
    assert right(inputs).min() < 0
    assert torch.equal(slip(inputs), function(right(inputs)))
    assert slip.state_dict().keys() == right.state_dict().keys()
