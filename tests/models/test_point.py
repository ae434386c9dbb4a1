"""The point: its coordinates are its parameters, and its noise reaches the gradient alone."""

import pytest
import torch
from torch.func import functional_call, vmap

from runner.models.point import GradientNoise, PointModel


def test_returns_its_coordinates_once_for_each_input():
    point = PointModel((0,), 0, start=[1, -2.5], noise=0.0)
    assert point(torch.empty(3, 0)).tolist() == [[1, -2.5]] * 3


def test_names_its_coordinates():
    stacked = {"coordinates": torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])}
    named = PointModel((0,), 0, start=[0, 0], noise=0.0).quantities(stacked)
    assert {name: column.tolist() for name, column in named.items()} == {
        "x1": [1, 3, 5],
        "x2": [2, 4, 6],
    }


def noisy_gradient(layer, inputs):
    layer.zero_grad()
    inputs = inputs.requires_grad_()
    (gradient,) = torch.autograd.grad((3 * layer(inputs)).sum(), inputs)
    return gradient


def test_noise_is_normal_and_on_the_way_back_alone():
    layer, inputs = GradientNoise(2.0).train(), torch.zeros(20_000, 1, dtype=torch.float64)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        assert torch.equal(layer(inputs), inputs)
        gradient = noisy_gradient(layer, inputs)
    # The error of a mean of 20,000 draws is 0.014, that of their deviation 0.010: five of each.
    assert gradient.mean().item() == pytest.approx(3, abs=0.07)
    assert gradient.std().item() == pytest.approx(2, abs=0.05)


def test_is_exact_without_noise_and_in_use():
    inputs = torch.ones(4, 2)
    assert torch.equal(noisy_gradient(GradientNoise(0.0).train(), inputs.clone()), 3 * inputs)
    assert torch.equal(noisy_gradient(GradientNoise(5.0).eval(), inputs.clone()), 3 * inputs)


def test_a_draw_of_zero_is_finite():
    layer = GradientNoise(1.0).train()
    layer.noise = torch.zeros(2, 2)
    assert noisy_gradient(layer, torch.ones(2, 2)).isfinite().all()


def test_members_take_their_own_noise_under_vmap():
    layer = GradientNoise(1.0).train()
    noise = torch.rand(3, 1, 2)
    inputs = torch.zeros(3, 1, 2, requires_grad=True)
    deviation = torch.tensor([0.0, 1.0, 2.0])

    def call(inputs, noise, deviation):
        return functional_call(layer, {"noise": noise, "deviation": deviation}, (inputs,))

    (gradient,) = torch.autograd.grad(vmap(call)(inputs, noise, deviation).sum(), inputs)
    expected = 1 + deviation.view(3, 1, 1) * 2**0.5 * torch.erfinv(2 * noise - 1)
    torch.testing.assert_close(gradient, expected)
