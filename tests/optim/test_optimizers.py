"""Every optimizer, alone and in groups, against torch's own on the same gradients."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from runner.component_keys import keys
from runner.errors import RequestError
from runner.registry import find, names

TORCH = {
    "sgd": torch.optim.SGD,
    "momentum": torch.optim.SGD,
    "torch-sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
    "adadelta": torch.optim.Adadelta,
}
TORCH_KEYS = {"initial_accumulator": "initial_accumulator_value"}
# Groups whose members differ in all that may differ; static keys are equal within a group.
GROUPS: list[tuple[str, list[dict[str, Any]]]] = [
    ("sgd", [{"lr": 0.1}, {"lr": 0.01}]),
    ("sgd", [{"momentum": 0.9}, {"momentum": 0}, {"momentum": 0.5, "weight_decay": 0.1}]),
    ("sgd", [{"momentum": m, "dampening": d} for m, d in ((0.9, 0.3), (0, 0.3), (0, 0), (0.9, 0))]),
    ("sgd", [{"momentum": m, "nesterov": True, "clip_norm": c} for m, c in ((0.9, 2), (0.4, 0.1))]),
    ("momentum", [{}, {"momentum": 0.5, "lr": 0.01}]),
    ("torch-sgd", [{"lr": 0.1}, {"lr": 0.01}]),
    ("torch-sgd", [{"momentum": m, "weight_decay": w} for m, w in ((0.9, 0), (0, 0.1), (0.5, 1))]),
    ("adam", [{"betas": [0.9, 0.999]}, {"betas": [0.5, 0.9], "lr": 0.1}, {"betas": [0.0, 0.0]}]),
    ("adam", [{"weight_decay": w, "eps": e, "clip_norm": 1} for w, e in ((0, 1e-8), (0.3, 0.1))]),
    ("adamw", [{"weight_decay": 0.01}, {"weight_decay": 0}, {"weight_decay": 0.5, "lr": 0.1}]),
    ("rmsprop", [{"alpha": 0.99}, {"alpha": 0.5, "eps": 1e-3, "weight_decay": 0.1}]),
    ("rmsprop", [{"momentum": m, "centered": True} for m in (0, 0.9)]),
    ("rmsprop", [{"momentum": m, "centered": False} for m in (0, 0.9)]),
    ("adagrad", [{"lr_decay": 0}, {"lr_decay": 0.1, "initial_accumulator": 0.5, "lr": 0.1}]),
    ("adagrad", [{"weight_decay": 0.2, "clip_norm": 0.5}, {"weight_decay": 0, "clip_norm": 5}]),
    ("adadelta", [{"rho": 0.9}, {"rho": 0.5, "eps": 1e-3, "weight_decay": 0.1, "lr": 0.3}]),
]
SHAPES = {"weight": (3, 5), "bias": (3,), "scalar": ()}
STEPS = 50
Trail = dict[str, Tensor]


def randoms(seed: int, *lead: int) -> Trail:
    """Normal values of the shapes of the parameters, with leading dimensions."""
    source = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(*lead, *shape, generator=source, dtype=torch.float64)
        for name, shape in SHAPES.items()
    }


def factors() -> Tensor:
    """A learning rate that changes at every step, (T, 1)."""
    return torch.linspace(1, 0.2, STEPS, dtype=torch.float64).unsqueeze(1)


@torch.no_grad()
def train(optimizer, start: Trail, grads: Trail, stretch: int = 20) -> Trail:
    """Take all steps; the tables are made for a stretch of steps at a time."""
    params = {name: value.clone() for name, value in start.items()}
    dtype = params["weight"].dtype
    state = optimizer.init(params)
    lr = optimizer.lr * factors()
    for first in range(0, STEPS, stretch):
        rates = lr[first : first + stretch]
        tables = optimizer.coefficients(rates, first)
        for row in range(len(rates)):
            at = {name: table[row].to(dtype) for name, table in tables.items()}
            now = {name: grad[first + row].clone() for name, grad in grads.items()}
            optimizer.update(params, now, state, at, None)  # these need gradients alone
    return params


def train_torch(name: str, settings: dict[str, Any], start: Trail, grads: Trail) -> Trail:
    """Take all steps with torch's optimizer, for one member."""
    params = {key: torch.nn.Parameter(value.clone()) for key, value in start.items()}
    kwargs = {TORCH_KEYS.get(key, key): value for key, value in settings.items()}
    clip_norm = kwargs.pop("clip_norm", None)
    optimizer = TORCH[name](params.values(), foreach=False, **kwargs)
    for step, factor in enumerate(factors()):
        for key, param in params.items():
            param.grad = grads[key][step].clone()
        if clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(params.values(), clip_norm)
        optimizer.param_groups[0]["lr"] = settings["lr"] * factor.item()
        optimizer.step()
    return {key: param.detach() for key, param in params.items()}


def member(trail: Trail, place: int, axis: int) -> Trail:
    return {name: value.select(axis, place) for name, value in trail.items()}


def assert_same(actual: Trail, expected: Trail, **tolerance: float) -> None:
    for name in SHAPES:
        torch.testing.assert_close(actual[name], expected[name], **tolerance)


@pytest.mark.parametrize("name", names("optim"))
def test_has_a_reference_and_a_group_or_tests_of_its_own(name):
    in_a_group = any(name == case for case, _ in GROUPS)
    own_tests = Path(__file__).with_name(f"test_{name.replace('-', '_')}.py")
    assert (name in TORCH and in_a_group) or own_tests.exists()


@pytest.mark.parametrize("name", names("optim"))
def test_yaml_holds_the_constructors_keys(name, optim_defaults):
    assert optim_defaults(name).keys() == keys(find("optim", name)).keys()


@pytest.mark.parametrize(("name", "members"), GROUPS)
def test_each_member_of_a_group_equals_torch(name, members, group, optim_defaults):
    start, grads = randoms(0, len(members)), randoms(1, STEPS, len(members))
    trained = train(group(name, members), start, grads)
    for place, settings in enumerate(members):
        expected = train_torch(
            name, optim_defaults(name) | settings, member(start, place, 0), member(grads, place, 1)
        )
        # Both round in float64; the order of a few products differs, and 50 steps add up.
        assert_same(member(trained, place, 0), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("name", "members"), GROUPS)
def test_one_member_in_float32_equals_torch(name, members, group, optim_defaults):
    start, grads = ({k: v.float() for k, v in randoms(*a).items()} for a in ((0, 1), (1, STEPS, 1)))
    for settings in members:
        trained = train(group(name, [settings]), start, grads)
        whole = optim_defaults(name) | settings
        expected = train_torch(name, whole, member(start, 0, 0), member(grads, 0, 1))
        # Each of 50 steps may round the other way, by 6e-8 of the parameter.
        assert_same(member(trained, 0, 0), expected, rtol=3e-6, atol=3e-6)


@pytest.mark.parametrize(("name", "members"), GROUPS)
def test_selecting_members_equals_the_smaller_group(name, members, group):
    rows = torch.tensor([len(members) - 1, 0])
    start, grads = randoms(0, 2), randoms(1, STEPS, 2)
    selected = train(group(name, members).select(rows), start, grads)
    built = train(group(name, [members[row] for row in rows]), start, grads)
    assert_same(selected, built, rtol=0, atol=1e-14)  # idle terms are added as zeros


@pytest.mark.parametrize(("name", "members"), GROUPS)
def test_the_stretch_of_the_tables_does_not_matter(name, members, group):
    start, grads = randoms(0, len(members)), randoms(1, STEPS, len(members))
    short, long = (train(group(name, members), start, grads, stretch) for stretch in (1, STEPS))
    assert_same(short, long, rtol=0, atol=0)


@pytest.mark.parametrize(("name", "members"), GROUPS)
@pytest.mark.parametrize("poison", [float("nan"), float("inf"), 1e300])
def test_a_diverging_member_leaves_the_others_alone(name, members, poison, group):
    start, grads = randoms(0, len(members)), randoms(1, STEPS, len(members))
    spoilt = {key: grad.clone() for key, grad in grads.items()}
    spoilt["weight"][3, 0] = poison
    healthy, sick = (train(group(name, members), start, each) for each in (grads, spoilt))
    rest = slice(1, None)
    assert_same(
        {k: v[rest] for k, v in sick.items()},
        {k: v[rest] for k, v in healthy.items()},
        atol=0,
        rtol=0,
    )
    assert any(not torch.equal(healthy[key][0], sick[key][0]) for key in SHAPES)


@pytest.mark.parametrize(("name", "members"), GROUPS)
def test_tables_are_float64_of_steps_by_members(name, members, group):
    optimizer = group(name, members)
    tables = optimizer.coefficients(optimizer.lr.expand(7, -1), 3)
    assert {(t.shape, t.dtype) for t in tables.values()} == {((7, len(members)), torch.float64)}


def test_what_no_member_uses_is_not_kept(group):
    params = randoms(0, 2)
    assert group("sgd", [{}, {}]).init(params) == {}
    assert group("rmsprop", [{}, {}]).init(params).keys() == {"square"}
    assert group("torch-sgd", [{}, {}]).init(params) == {}
    plain = group("sgd", [{}, {}])
    assert plain.coefficients(plain.lr.expand(1, -1), 0).keys() == {"lr"}


@pytest.mark.parametrize("name", names("optim"))
def test_state_has_the_shapes_of_the_parameters(name, group):
    params = randoms(0, 3)
    for tensors in group(name, [{}] * 3).init(params).values():
        assert {k: v.shape for k, v in tensors.items()} == {k: v.shape for k, v in params.items()}


@pytest.mark.parametrize("wrong", [{"momentum": 0}, {"momentum": 0.9, "dampening": 0.1}])
def test_nesterov_needs_plain_momentum(wrong, group):
    members = [{"nesterov": True, "momentum": 0.9}, {"nesterov": True, **wrong}]
    with pytest.raises(RequestError, match="nesterov"):
        group("sgd", members)
