import pytest
import torch
from torch import nn

from runner.models.scratch_linear import ScratchLinear


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (7, 3), (784, 256), (256, 10)])
def test_one_seed_gives_the_weights_of_the_library(inputs, outputs, bias):
    layers = []
    for kind in (ScratchLinear, nn.Linear):
        with torch.random.fork_rng():
            torch.manual_seed(3)
            layers.append(kind(inputs, outputs, bias=bias).state_dict())
    ours, theirs = layers
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_it_is_the_affine_function():
    layer = ScratchLinear(2, 1, bias=True)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[2.0, -3.0]]))
        layer.bias.fill_(4)
    assert layer(torch.tensor([[1.0, 1.0], [0.0, 2.0]])).tolist() == [[3.0], [-2.0]]
