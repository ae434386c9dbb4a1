import pytest
import torch

from runner.errors import RequestError
from runner.models.densenet import DenseBlock


def block_parameters(channels, convolutions, growth):
    """Each convolution: a scale and a shift per channel that enters, 3x3 windows, no bias."""
    return sum(
        2 * (channels + i * growth) + 9 * (channels + i * growth) * growth
        for i in range(convolutions)
    )


def test_parameters_of_the_default(build):
    stem = 1 * 64 * 49 + 2 * 64  # a 7x7 window and its normalisation
    # Channels: 64 + 4 * 32 = 192, halved 96; 224, 112; 240, 120; 120 + 128 = 248 at the end.
    blocks = sum(block_parameters(channels, 4, 32) for channels in (64, 96, 112, 120))
    transitions = sum(2 * c + c * c // 2 for c in (192, 224, 240))  # a norm and a 1x1 window
    end = 2 * 248 + 248 * 10 + 10
    model = build("densenet", (1, 96, 96), 10)
    assert sum(p.numel() for p in model.parameters()) == stem + blocks + transitions + end
    # 3,264 + (129,920 + 167,040 + 185,600 + 194,880) + (18,816 + 25,536 + 29,280) + 2,986
    assert stem + blocks + transitions + end == 757_322


def test_the_parameters_do_not_depend_on_the_size_of_the_images(build):
    small, large = (build("densenet", (1, side, side), 10, blocks=[1, 2]) for side in (32, 96))
    assert {k: v.shape for k, v in small.state_dict().items()} == {
        k: v.shape for k, v in large.state_dict().items()
    }


def test_a_block_passes_its_inputs_on_before_what_it_adds():
    inputs = torch.arange(2 * 3 * 5 * 5, dtype=torch.float32).view(2, 3, 5, 5)
    outputs = DenseBlock(3, convolutions=4, growth=2)(inputs)
    assert outputs.shape == (2, 3 + 4 * 2, 5, 5)
    assert torch.equal(outputs[:, :3], inputs)


def test_blocks_halve_the_image_between_them(build):
    model = build("densenet", (1, 96, 96), 10, blocks=[1, 1, 1, 1], growth=2, stem=4)
    sides = []
    for block in (m for m in model.modules() if isinstance(m, DenseBlock)):
        block.register_forward_hook(lambda _, args, output: sides.append(output.shape[-1]))
    model(torch.zeros(2, 1, 96, 96, dtype=torch.float64))
    assert sides == [24, 12, 6, 3]


@pytest.mark.parametrize(("blocks", "smallest"), [([1], 1), ([1, 1], 5), ([1, 1, 1, 1], 29)])
def test_the_smallest_image_is_what_the_halvings_leave_a_pixel_of(blocks, smallest, build):
    keys = {"blocks": blocks, "growth": 2, "stem": 4}
    model = build("densenet", (1, smallest, smallest), 10, **keys)
    assert model(torch.zeros(2, 1, smallest, smallest, dtype=torch.float64)).shape == (2, 10)
    if smallest > 1:
        with pytest.raises(RequestError, match=f"{smallest}x{smallest}.*have {smallest - 1}x"):
            build("densenet", (1, smallest - 1, smallest), 10, **keys)
