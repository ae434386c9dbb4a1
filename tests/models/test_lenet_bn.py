import pytest
import torch
from torch import nn

from runner.errors import RequestError


def count(model):
    return sum(p.numel() for p in model.parameters())


def test_parameters_on_28_pixels(build):
    convolutions = 1 * 6 * 25 + 6 * 16 * 25  # 150 + 2,400: 5x5 windows, no bias
    linear = 16 * 4 * 4 * 120 + 120 * 84  # 28 - 4 = 24, 12, 8, 4: 30,720 + 10,080, no bias
    norms = 2 * (6 + 16 + 120 + 84)  # a scale and a shift per channel
    assert count(build("lenet-bn", (1, 28, 28), 10)) == (
        convolutions + linear + norms + (84 * 10 + 10)
    )
    assert convolutions + linear + norms + 850 == 44_652


def test_parameters_on_colour_and_an_oblong(build):
    # 32: 28, 14, 10, 5; 20: 16, 8, 4, 2
    expected = 3 * 6 * 25 + 6 * 16 * 25 + 16 * 5 * 2 * 120 + 120 * 84 + 452 + 84 * 4 + 4
    assert count(build("lenet-bn", (3, 32, 20), 4)) == expected


def test_layers_come_in_the_order_of_the_book(build):
    kinds = [type(layer) for layer in build("lenet-bn", (1, 28, 28), 10).layers]
    convolution = [nn.Conv2d, nn.BatchNorm2d, nn.Sigmoid, nn.MaxPool2d]
    linear = [nn.Linear, nn.BatchNorm1d, nn.Sigmoid]
    assert kinds == [*convolution, *convolution, nn.Flatten, *linear, *linear, nn.Linear]


def test_16_pixels_are_enough(build):
    inputs = torch.zeros(2, 1, 16, 16, dtype=torch.float64)
    assert build("lenet-bn", (1, 16, 16), 10)(inputs).shape == (2, 10)


@pytest.mark.parametrize("shape", [(1, 15, 16), (1, 16, 15), (1, 8, 8)])
def test_smaller_images_are_refused_in_a_sentence(shape, build):
    with pytest.raises(RequestError, match=rf"16x16.*{shape[1]}x{shape[2]}"):
        build("lenet-bn", shape, 10)
