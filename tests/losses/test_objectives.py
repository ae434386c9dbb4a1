"""Functions to minimise: their values, their minima, their gradients."""

import math

import pytest
import torch

from runner.losses.base import OBJECTIVE
from runner.losses.objectives import DoubleWell, Himmelblau, Objective, Quadratic
from runner.registry import find, names

MADE = {
    "quadratic": {"curvatures": [1.0, 2.0]},
    "wave": {"frequency": 0.15},
    "cosh": {"scale": 0.5},
    "himmelblau": {},
    "double-well": {},
}
VALUES = [
    ("quadratic", [3.0, -1.0], 11.0),
    ("wave", [10.0], 10 * math.cos(1.5 * math.pi)),
    ("cosh", [2.0], math.cosh(1.0)),
    ("himmelblau", [0.0, 0.0], 170.0),
    ("double-well", [-0.5, 3.0], 16.25),
]


def made(name) -> Objective:
    return find("loss", name)(**MADE[name])


def test_every_objective_is_tried_here():
    objectives = {name for name in names("loss") if find("loss", name).tasks == OBJECTIVE}
    assert objectives == MADE.keys() == {name for name, *_ in VALUES}


@pytest.mark.parametrize(("name", "point", "value"), VALUES)
def test_has_the_value_of_its_formula(name, point, value):
    objective = made(name)
    assert objective.dimensions == len(point)
    points = torch.tensor(point, dtype=torch.float64).expand(3, 1, -1)
    values = objective(points, points[..., :0])
    assert values.shape == (3, 1)
    torch.testing.assert_close(values, torch.full_like(values, value))


@pytest.mark.parametrize(
    "minimum", [(3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)]
)
def test_himmelblaus_minima_are_where_they_are_said_to_be(minimum):
    value = Himmelblau().value(torch.tensor(minimum, dtype=torch.float64))
    assert value.item() == pytest.approx(0, abs=1e-8)  # six decimals, squared twice


def test_gradients_pass_through_to_the_coordinates():
    points = torch.tensor([[[3.0, -1.0]]], requires_grad=True)
    Quadratic(curvatures=[1.0, 2.0])(points, points[..., :0]).sum().backward()
    assert points.grad.tolist() == [[[6.0, -4.0]]]


def hessian(objective, point):
    at = torch.tensor(point, dtype=torch.float64)
    return torch.autograd.functional.hessian(objective.value, at).tolist()


def test_the_double_well_has_its_saddle_and_its_minima_where_it_says():
    objective = DoubleWell()
    for point, value, curvatures in [
        ((0.0, 0.0), 0.25, [[2, 0], [0, -1]]),
        ((0.0, -1.0), 0.0, [[2, 0], [0, 2]]),
        ((0.0, 1.0), 0.0, [[2, 0], [0, 2]]),
    ]:
        at = torch.tensor(point, dtype=torch.float64, requires_grad=True)
        found = objective.value(at)
        assert found.item() == value
        assert torch.autograd.grad(found, at)[0].tolist() == [0, 0]
        assert hessian(objective, point) == curvatures


def test_a_negative_curvature_makes_a_saddle_of_the_quadratic():
    assert hessian(Quadratic(curvatures=[1.0, -1.0]), (0.0, 0.0)) == [[2, 0], [0, -2]]
