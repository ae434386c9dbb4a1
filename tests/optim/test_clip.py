import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from runner.optim.clip import clip_


def gradients(members: int) -> dict[str, Tensor]:
    source = torch.Generator().manual_seed(0)
    shapes = {"weight": (4, 3), "bias": (4,), "scalar": ()}
    return {
        name: torch.randn(members, *shape, generator=source, dtype=torch.float64)
        for name, shape in shapes.items()
    }


def clipped(grads: dict[str, Tensor], clip_norms: list[float]) -> dict[str, Tensor]:
    copies = {name: grad.clone() for name, grad in grads.items()}
    clip_(copies, torch.tensor(clip_norms, dtype=torch.float64))
    return copies


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=4))
def test_equals_torch_for_each_member(clip_norms):
    grads = gradients(len(clip_norms))
    result = clipped(grads, clip_norms)
    for place, clip_norm in enumerate(clip_norms):
        params = [torch.nn.Parameter(torch.zeros_like(grad[place])) for grad in grads.values()]
        for param, grad in zip(params, grads.values(), strict=True):
            param.grad = grad[place].clone()
        torch.nn.utils.clip_grad_norm_(params, clip_norm)
        for name, param in zip(grads, params, strict=True):
            torch.testing.assert_close(result[name][place], param.grad, rtol=1e-13, atol=0)


def test_a_small_gradient_keeps_its_bits():
    grads = gradients(2)
    result = clipped(grads, [1e3, 1e3])
    assert all(torch.equal(result[name], grads[name]) for name in grads)


def test_a_zero_gradient_stays_zero():
    grads = {"weight": torch.zeros(2, 3, 3, dtype=torch.float64)}
    assert torch.equal(clipped(grads, [1.0, 1.0])["weight"], grads["weight"])


@pytest.mark.parametrize("poison", [float("nan"), float("inf")])
def test_a_gradient_that_is_not_finite_touches_no_other_member(poison):
    grads = gradients(3)
    spoilt = {name: grad.clone() for name, grad in grads.items()}
    spoilt["bias"][1, 0] = poison
    healthy, sick = clipped(grads, [0.1] * 3), clipped(spoilt, [0.1] * 3)
    for place in (0, 2):
        assert all(torch.equal(healthy[name][place], sick[name][place]) for name in grads)
