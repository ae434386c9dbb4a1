"""The line search: every step it takes falls enough, and each member finds its own length."""

import torch

CURVATURES = torch.tensor([0.5, 50.0], dtype=torch.float64)


def objective(params):
    return (params["w"].square() * CURVATURES).sum(1)


def step(optimizer, params):
    grads = {"w": 2 * CURVATURES * params["w"]}
    tables = optimizer.coefficients(optimizer.lr.expand(1, -1), 0)
    optimizer.update(params, grads, {}, {name: t[0] for name, t in tables.items()}, objective)
    return grads["w"]


def test_every_step_meets_armijos_condition(group):
    settings = [{"slope": 0.1}, {"slope": 0.4, "shrink": 0.3}, {"lr": 1e-3}]
    optimizer = group("line-search", settings)
    params = {"w": torch.tensor([[3.0, 1.0]] * 3, dtype=torch.float64)}
    for _ in range(20):
        before, start = objective(params), params["w"].clone()
        gradient = step(optimizer, params)
        length = (start - params["w"])[:, 1] / gradient[:, 1]
        fallen = before - objective(params)
        assert (fallen >= optimizer.slope * length * gradient.square().sum(1) - 1e-15).all()
        torch.testing.assert_close(params["w"], start - length[:, None] * gradient)


def test_the_first_length_is_kept_where_it_falls_enough(group):
    params = {"w": torch.tensor([[3.0, 1.0]], dtype=torch.float64)}
    gradient = step(group("line-search", [{"lr": 1e-3}]), params)
    torch.testing.assert_close(params["w"], torch.tensor([[3.0, 1.0]]).double() - 1e-3 * gradient)


def test_a_sick_member_leaves_the_other_alone(group):
    starts = torch.tensor([[3.0, 1.0], [1.0, 1.0]], dtype=torch.float64)
    optimizer, healthy, sick = (
        group("line-search", [{}, {}]),
        {"w": starts.clone()},
        {"w": starts.clone()},
    )
    sick["w"][0] = float("nan")
    step(optimizer, healthy)
    step(optimizer, sick)
    assert torch.equal(healthy["w"][1], sick["w"][1])
