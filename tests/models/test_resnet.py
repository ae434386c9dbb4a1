import pytest
import torch
from torch import nn

from runner.errors import RequestError
from runner.models.resnet import ResidualBlock


def block_parameters(channels, outputs, changes):
    """Two 3x3 convolutions without bias and their normalisations, and a 1x1 with one."""
    convolutions = 9 * channels * outputs + 9 * outputs * outputs
    return convolutions + 4 * outputs + (channels * outputs + outputs if changes else 0)


def test_parameters_of_the_default(build):
    stem = 1 * 64 * 49 + 2 * 64  # a 7x7 window and its normalisation: 3,264
    first = 2 * block_parameters(64, 64, changes=False)
    later = sum(
        block_parameters(before, after, changes=True)
        + block_parameters(after, after, changes=False)
        for before, after in ((64, 128), (128, 256), (256, 512))
    )
    expected = stem + first + later + 512 * 10 + 10
    assert sum(p.numel() for p in build("resnet", (1, 96, 96), 10).parameters()) == expected
    # 3,264 + 147,968 + (525,440 + 2,099,456 + 8,393,216) + 5,130
    assert expected == 11_174_474


def test_it_has_eighteen_layers_with_weights_between_image_and_logits(build):
    model = build("resnet", (3, 32, 32), 10)
    layers = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert sum(layer.weight[0, 0].numel() > 1 or layer is model.head for layer in layers) == 18
    assert len(layers) == 18 + 3  # a shortcut where each stage but the first begins


def test_a_block_of_zero_weights_passes_its_inputs_on():
    block = ResidualBlock(3, 3, stride=1)
    nn.init.zeros_(block.residual[-1].weight)
    inputs = torch.arange(2 * 3 * 4 * 4, dtype=torch.float32).view(2, 3, 4, 4)
    assert torch.equal(block(inputs), inputs)


def test_a_block_is_the_activated_sum_of_residual_and_shortcut():
    block = ResidualBlock(2, 5, stride=2).eval()
    inputs = torch.randn(3, 2, 7, 6, generator=torch.Generator().manual_seed(0))
    first, first_norm, _, second, second_norm = block.residual
    residual = second_norm(second(torch.relu(first_norm(first(inputs)))))
    shortcut = torch.einsum(
        "oc,bchw->bohw", block.shortcut.weight[:, :, 0, 0], inputs[..., ::2, ::2]
    )
    expected = torch.relu(residual + shortcut + block.shortcut.bias.view(-1, 1, 1))
    assert expected.shape == (3, 5, 4, 3)
    torch.testing.assert_close(block(inputs), expected, rtol=1e-5, atol=1e-5)


def test_every_stage_but_the_first_halves_the_image(build):
    model = build("resnet", (1, 96, 96), 10, widths=[2, 3, 4, 5], blocks=1)
    shapes = []
    for stage in model.stages:
        stage.register_forward_hook(lambda _, args, output: shapes.append(tuple(output.shape[1:])))
    model(torch.zeros(2, 1, 96, 96, dtype=torch.float64))
    assert shapes == [(2, 24, 24), (3, 12, 12), (4, 6, 6), (5, 3, 3)]


def test_a_small_stem_keeps_the_images_size(build):
    model = build("resnet", (1, 28, 28), 10, stem="3x3", widths=[2, 3, 4], blocks=1)
    images = torch.zeros(2, 1, 28, 28, dtype=torch.float64)
    assert model.stem(images).shape == (2, 2, 28, 28)
    assert sum(p.numel() for p in model.stem.parameters()) == 9 * 2 + 2 * 2
    assert model.stages(model.stem(images)).shape == (2, 4, 7, 7)


@pytest.mark.parametrize(
    ("stem", "stages", "smallest"),
    [
        *[("7x7", 1, 1), ("7x7", 2, 5), ("7x7", 3, 9), ("7x7", 4, 17)],
        *[("3x3", 1, 1), ("3x3", 2, 2), ("3x3", 3, 3), ("3x3", 4, 5)],
    ],
)
def test_the_smallest_image_is_the_one_that_every_stage_can_halve(stem, stages, smallest, build):
    keys = {"stem": stem, "widths": [2, 2, 2, 2][:stages], "blocks": 1}
    model = build("resnet", (1, smallest, smallest), 10, **keys)
    sides = []
    for stage in model.stages:
        stage.register_forward_hook(lambda _, args, output: sides.append(args[0].shape[-1]))
    assert model(torch.zeros(2, 1, smallest, smallest, dtype=torch.float64)).shape == (2, 10)
    assert all(side > 1 for side in sides[1:])
    if smallest > 1:
        assert sides[-1] == 2
        with pytest.raises(RequestError, match=f"{smallest}x{smallest}.*have {smallest - 1}x"):
            build("resnet", (1, smallest - 1, smallest), 10, **keys)
