import pytest
import torch
from torch import nn

from runner.errors import RequestError


def count(model):
    return sum(p.numel() for p in model.parameters())


def test_parameters_on_28_pixels(build):
    convolutions = (1 * 25 + 1) * 6 + (6 * 25 + 1) * 16  # 156 + 2,416: 5x5 windows and a bias
    # 28 - 4 = 24, 12, 8, 4: 30,840 + 10,164 + 850
    linear = (16 * 4 * 4 + 1) * 120 + (120 + 1) * 84 + (84 + 1) * 10
    assert count(build("lenet", (1, 28, 28), 10)) == convolutions + linear == 44_426


def test_parameters_on_colour_and_an_oblong(build):
    # 32: 28, 14, 10, 5; 20: 16, 8, 4, 2
    expected = (3 * 25 + 1) * 6 + 2_416 + (16 * 5 * 2 + 1) * 120 + 10_164 + 85 * 4
    assert count(build("lenet", (3, 32, 20), 4)) == expected


def test_it_is_lenet_bn_without_the_normalisation(build):
    plain, normalised = (build(name, (1, 28, 28), 10).layers for name in ("lenet", "lenet-bn"))
    norms = (nn.BatchNorm1d, nn.BatchNorm2d)
    rest = [type(layer) for layer in normalised if not isinstance(layer, norms)]
    assert [type(layer) for layer in plain] == rest
    assert rest.count(nn.Sigmoid) == 4


def test_it_begins_within_the_bounds_of_xavier(build):
    model = build("lenet", (1, 28, 28), 10)
    for layer in (m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d)):
        window = layer.weight[0, 0].numel()  # 25 of a convolution, 1 of a linear layer
        outputs, inputs = layer.weight.shape[:2]
        bound = (6 / ((inputs + outputs) * window)) ** 0.5
        # Of 150 draws or more, all lie within and the largest within 10 %, but for 1 in 1e6.
        assert 0.9 * bound < layer.weight.abs().max() <= bound
        assert not layer.bias.any()


def test_16_pixels_are_enough(build):
    inputs = torch.zeros(1, 1, 16, 16, dtype=torch.float64)
    assert build("lenet", (1, 16, 16), 10)(inputs).shape == (1, 10)


@pytest.mark.parametrize("shape", [(1, 15, 16), (1, 16, 15), (1, 8, 8)])
def test_smaller_images_are_refused_in_a_sentence(shape, build):
    with pytest.raises(RequestError, match=rf"model=lenet .*16x16.*{shape[1]}x{shape[2]}"):
        build("lenet", shape, 10)
