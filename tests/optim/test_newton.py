"""Newton's method: one step on a quadratic, whole, diagonal, or by magnitude."""

import pytest
import torch

from runner.errors import RequestError

A = torch.tensor([[3.0, 1.0], [1.0, 2.0]], dtype=torch.float64)
SADDLE = torch.tensor([[1.0, 0.0], [0.0, -2.0]], dtype=torch.float64)


def stepped(optimizer, matrix, start):
    """Take one step on ½ wᵀAw for every member; w lies in two parameters."""

    def objective(params):
        w = torch.cat([params["a"].flatten(1), params["b"].flatten(1)], dim=1)
        return (w @ matrix * w).sum(1) / 2

    params = {"a": start[:, :1].clone(), "b": start[:, 1:].unsqueeze(1).clone()}
    gradient = start @ matrix
    grads = {"a": gradient[:, :1].clone(), "b": gradient[:, 1:].unsqueeze(1).clone()}
    tables = optimizer.coefficients(optimizer.lr.expand(1, -1), 0)
    optimizer.update(params, grads, {}, {name: t[0] for name, t in tables.items()}, objective)
    return torch.cat([params["a"], params["b"].flatten(1)], dim=1)


@pytest.fixture
def start():
    return torch.randn(2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_one_step_of_rate_one_ends_a_quadratic(group, start):
    ended = stepped(group("newton", [{"lr": 1.0}, {"lr": 0.5}]), A, start)
    torch.testing.assert_close(ended[0], torch.zeros(2).double(), rtol=0, atol=1e-14)
    torch.testing.assert_close(ended[1], start[1] / 2)


def test_the_diagonal_divides_each_coordinate_by_its_own_curvature(group, start):
    ended = stepped(group("newton", [{"diagonal": True}] * 2), A, start)
    torch.testing.assert_close(ended, start - start @ A / A.diagonal())


@pytest.mark.parametrize("diagonal", [True, False])
def test_absolute_walks_down_where_the_curvature_is_negative(group, start, diagonal):
    plain = stepped(group("newton", [{"diagonal": diagonal}] * 2), SADDLE, start)
    torch.testing.assert_close(plain, torch.zeros_like(plain), rtol=0, atol=1e-14)  # the saddle
    away = stepped(group("newton", [{"diagonal": diagonal, "absolute": True}] * 2), SADDLE, start)
    torch.testing.assert_close(away, start * torch.tensor([0.0, 2.0]).double(), atol=1e-14, rtol=0)


def test_a_step_can_be_limited(group, start):
    ended = stepped(group("newton", [{"clip_norm": 0.1}, {"clip_norm": 1e9}]), A, start)
    assert (ended - start)[0].norm().item() == pytest.approx(0.1, rel=1e-4)
    torch.testing.assert_close(ended[1], torch.zeros(2).double(), rtol=0, atol=1e-9)


def test_a_sick_member_leaves_the_other_alone(group, start):
    healthy = stepped(group("newton", [{}, {}]), A, start)
    start[0, 0] = float("nan")
    assert torch.equal(stepped(group("newton", [{}, {}]), A, start)[1], healthy[1])


def test_large_models_are_refused(group):
    optimizer = group("newton", [{}])
    assert optimizer.init({"weight": torch.zeros(1, 8, 8)}) == {}
    with pytest.raises(RequestError, match="at most 64 parameters; this one has 65"):
        optimizer.init({"weight": torch.zeros(1, 13, 5)})
