import pytest
import torch
from torch import nn

from runner.engine.alike import UnlikeError, check_alike
from runner.engine.members import stack

CPU = torch.device("cpu")


class Scaled(nn.Module):
    """A linear layer, and a plain number that a member may have for itself."""

    def __init__(self, scale):
        super().__init__()
        self.scale = scale
        self.linear = nn.Linear(3, 2)

    def forward(self, x):
        return self.scale * self.linear(x)


class Hidden(Scaled):
    """The same, where no comparison of attributes finds the number."""

    def __init__(self, scale):
        super().__init__(0)
        self.scale_it = lambda x: scale * x

    def forward(self, x):
        return self.scale_it(self.linear(x))


def check(models):
    members = stack(models, lambda params: {}, CPU, torch.float64)
    check_alike(models, members, {}, torch.randn(4, 3, dtype=torch.float64))


@pytest.mark.parametrize("kind", [Scaled, Hidden])
def test_models_of_the_same_plain_values_are_alike(kind):
    check([kind(2.0), kind(2.0), kind(2.0)])


def test_a_plain_value_of_a_members_own_is_named():
    with pytest.raises(UnlikeError, match="differ in 'scale', which is no buffer"):
        check([Scaled(2.0), Scaled(3.0), Scaled(2.0)])


def test_what_attributes_do_not_show_gradients_do():
    with pytest.raises(UnlikeError, match="has another gradient together than alone"):
        check([Hidden(2.0), Hidden(2.0), Hidden(3.0)])


def test_their_own_tensors_are_left_as_they_were():
    models = [Scaled(2.0), Scaled(2.0)]
    before = [model.linear.weight.detach().double() for model in models]
    check(models)
    assert all(torch.equal(m.linear.weight, b) for m, b in zip(models, before, strict=True))
