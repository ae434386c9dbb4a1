"""Every regularizer, against its formula written out for one member."""

from pathlib import Path

import pytest
import torch
import yaml

from runner.component_keys import argument_of, keys
from runner.registry import find, names
from runner.regularizers import penalised

CONF = Path(__file__).parents[1] / "conf" / "regularizer"
LAMBDAS = [0.0, 0.5, 3.0]
RATIOS = [0.25, 0.0, 1.0]


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


COEFFICIENTS = {
    "none": {},
    "l1": {"lambda_": tensor(LAMBDAS)},
    "l2": {"lambda_": tensor(LAMBDAS)},
    "elastic-net": {"lambda_": tensor(LAMBDAS), "l1_ratio": tensor(RATIOS)},
}
FORMULAS = {
    "none": lambda w, place: 0 * w.sum(),
    "l1": lambda w, place: LAMBDAS[place] * w.abs().sum(),
    "l2": lambda w, place: LAMBDAS[place] / 2 * w.pow(2).sum(),
    "elastic-net": lambda w, place: (
        LAMBDAS[place] * (RATIOS[place] * w.abs().sum() + (1 - RATIOS[place]) / 2 * w.pow(2).sum())
    ),
}


def build(name, coefficients):
    static = {"bias": False} if "bias" in keys(find("regularizer", name)) else {}
    return find("regularizer", name)(**coefficients, **static)


def weights(dtype=torch.float64):
    source = torch.Generator().manual_seed(0)
    return [
        torch.randn(3, *shape, generator=source, dtype=dtype, requires_grad=True)
        for shape in ((4, 5), (2, 3, 3, 3))
    ]


@pytest.mark.parametrize("name", names("regularizer"))
def test_yaml_holds_the_constructors_keys(name):
    node = yaml.safe_load((CONF / f"{name}.yaml").read_text())
    assert node.pop("name") == name
    assert node.keys() == keys(find("regularizer", name)).keys()
    assert {argument_of(key) for key in node} - {"bias"} == COEFFICIENTS[name].keys()


@pytest.mark.parametrize("name", names("regularizer"))
def test_value_is_the_formulas(name):
    params = weights()
    penalty = build(name, COEFFICIENTS[name])(params)
    assert penalty.shape == (3,)
    for place in range(3):
        flat = torch.cat([param[place].flatten() for param in params])
        # A sum of 74 squares in another order.
        torch.testing.assert_close(penalty[place], FORMULAS[name](flat, place), rtol=1e-13, atol=0)


@pytest.mark.parametrize("name", sorted(set(names("regularizer")) - {"none"}))
def test_gradient_is_the_formulas(name):
    params = weights()
    grads = torch.autograd.grad(build(name, COEFFICIENTS[name])(params).sum(), params)
    for place in range(3):
        flat = torch.cat([p[place].flatten() for p in params]).detach().requires_grad_()
        (expected,) = torch.autograd.grad(FORMULAS[name](flat, place), flat)
        actual = torch.cat([grad[place].flatten() for grad in grads])
        torch.testing.assert_close(actual, expected, rtol=1e-14, atol=0)


@pytest.mark.parametrize("name", sorted(set(names("regularizer")) - {"none"}))
def test_is_active_where_any_coefficient_is_not_zero(name):
    idle = COEFFICIENTS[name] | {"lambda_": tensor([0.0, 0.0, 0.0])}
    assert build(name, COEFFICIENTS[name]).active
    assert not build(name, idle).active


def test_none_is_never_active():
    assert not build("none", {}).active


@pytest.mark.parametrize("name", names("regularizer"))
def test_keeps_the_dtype_of_the_weights(name):
    assert build(name, COEFFICIENTS[name])(weights(torch.float32)).dtype == torch.float32


@pytest.mark.parametrize("name", names("regularizer"))
def test_selecting_members_equals_the_smaller_group(name):
    rows = [2, 0]
    params = [param[rows] for param in weights()]
    selected = build(name, COEFFICIENTS[name]).select(torch.tensor(rows))
    built = build(name, {key: value[rows] for key, value in COEFFICIENTS[name].items()})
    assert torch.equal(selected(params), built(params))
    assert selected.active == built.active


@pytest.mark.parametrize("name", sorted(set(names("regularizer")) - {"none"}))
def test_a_member_that_is_not_finite_leaves_the_others_alone(name):
    regularizer, params = build(name, COEFFICIENTS[name]), [w.detach() for w in weights()]
    healthy = regularizer(params)
    params[0][1] = float("inf")
    assert torch.equal(regularizer(params)[[0, 2]], healthy[[0, 2]])


def test_weights_are_penalised_and_biases_only_when_asked():
    params = {
        "conv.weight": torch.zeros(2, 4, 3, 3, 3),
        "conv.bias": torch.zeros(2, 4),
        "norm.weight": torch.zeros(2, 4),
        "norm.bias": torch.zeros(2, 4),
        "weight": torch.zeros(2, 1, 4),
        "bias": torch.zeros(2, 1),
        "debias": torch.zeros(2, 1),
    }
    assert penalised(params, bias=False) == ["conv.weight", "weight"]
    assert penalised(params, bias=True) == [
        "conv.weight",
        "conv.bias",
        "norm.bias",
        "weight",
        "bias",
    ]
