"""Each image is transformed by its own random numbers, and by nothing else."""

from itertools import permutations
from typing import get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn.functional import interpolate, pad
from torchvision.transforms.functional import crop, hflip, resize, rotate, vflip

from runner.datasets.augment import (
    ANGLE,
    DRAWS,
    FLIP,
    FLIP_VERTICAL,
    LEFT,
    OFFSET_LEFT,
    OFFSET_TOP,
    SIDE,
    TOP,
    TURN,
    WINDOW,
    Augmentation,
    augment,
    check_augment,
    check_square,
)
from runner.errors import RequestError

KINDS = get_args(Augmentation)
PAIRS = [("flip", "rotate"), ("rotate", "crop"), ("quarter-turn", "resize-crop")]
SOME = [*((kind,) for kind in KINDS), *PAIRS, KINDS]
# Neither flipped, nor turned, nor rotated, nor cropped. A resize-crop is never still.
STILL = {FLIP: 0.5, FLIP_VERTICAL: 0.5, TURN: 0.0, ANGLE: 0.5, WINDOW: 0.0}
some_kinds = pytest.mark.parametrize("kinds", SOME, ids="-".join)
still_kinds = pytest.mark.parametrize(
    "kinds", [kinds for kinds in SOME if "resize-crop" not in kinds], ids="-".join
)


def digits(count: int = 40) -> Tensor:
    """Real digits in float64, with an empty border of 4 pixels, so that nothing leaves them."""
    images = torch.from_numpy(load_digits().images[:count]).unsqueeze(1) / 16
    return pad(images, (4, 4, 4, 4))


def draws(count: int, fixed: dict[int, float] | None = None, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    uniform = torch.rand(count, DRAWS, generator=generator, dtype=torch.float64)
    for column, value in (fixed or {}).items():
        uniform[:, column] = value
    return uniform


def sloping(height: int, width: int) -> Tensor:
    """Two images that are the places of their own pixels, counted from the middle."""
    rows = torch.arange(height, dtype=torch.float64) - (height - 1) / 2
    columns = torch.arange(width, dtype=torch.float64) - (width - 1) / 2
    return torch.stack(torch.meshgrid(rows, columns, indexing="ij")).unsqueeze(1)


@some_kinds
def test_an_image_is_the_same_alone_and_anywhere_in_a_batch(kinds: tuple[str, ...]) -> None:
    images, uniform = digits(), draws(40)
    together = augment(images, kinds, uniform)
    order = torch.randperm(40, generator=torch.Generator().manual_seed(1))
    shuffled = augment(images[order], kinds, uniform[order])
    torch.testing.assert_close(shuffled, together[order], atol=1e-12, rtol=0)
    for row in (0, 17, 39):
        alone = augment(images[row : row + 1], kinds, uniform[row : row + 1])
        torch.testing.assert_close(alone[0], together[row], atol=1e-12, rtol=0)


@some_kinds
def test_the_same_numbers_give_the_same_bits_and_leave_the_images(kinds: tuple[str, ...]) -> None:
    images, uniform = digits(), draws(40)
    before = images.clone()
    assert torch.equal(augment(images, kinds, uniform), augment(images, kinds, uniform))
    assert torch.equal(images, before)


@some_kinds
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shape_and_dtype_are_kept_and_values_stay_in_their_range(
    kinds: tuple[str, ...], dtype: torch.dtype
) -> None:
    cut = 0 if "quarter-turn" in kinds else 2  # others need no square
    images = digits().to(dtype)[..., cut:, :].expand(-1, 3, -1, -1)
    changed = augment(images, kinds, draws(40))
    assert (changed.shape, changed.dtype) == (images.shape, dtype)
    # Interpolation weights add up to 1 within rounding.
    assert changed.min() >= -1e-6 and changed.max() <= 1 + 1e-6
    assert not torch.equal(changed, images)


def test_no_kind_changes_nothing() -> None:
    images = digits()
    assert augment(images, (), draws(40)) is images


@still_kinds
def test_draws_that_mean_no_change_change_nothing(kinds: tuple[str, ...]) -> None:
    images = digits()
    # Places are computed from -1 to 1 and back to pixels, so rounding remains.
    torch.testing.assert_close(augment(images, kinds, draws(40, STILL)), images, atol=1e-12, rtol=0)


def test_half_of_the_images_are_flipped_exactly() -> None:
    images, uniform = digits(200), draws(200)
    flipped = uniform[:, FLIP] < 0.5
    changed = augment(images, ("flip",), uniform)
    assert torch.equal(changed[flipped], images[flipped].flip(-1))
    assert torch.equal(changed[~flipped], images[~flipped])
    # Of 200 fair throws fewer than 70 or more than 130 come once in 40,000 times.
    assert 70 <= flipped.sum() <= 130


def test_half_of_the_images_are_flipped_up_and_down_exactly_and_on_their_own() -> None:
    images, uniform = digits(200), draws(200)
    up, across = uniform[:, FLIP_VERTICAL] < 0.5, uniform[:, FLIP] < 0.5
    changed = augment(images, ("flip-vertical",), uniform)
    assert torch.equal(changed[up], vflip(images[up]))
    assert torch.equal(changed[~up], images[~up])
    assert 70 <= up.sum() <= 130  # as above
    # Of 200 images a quarter each; fewer than 25 of any come once in 100,000 times.
    assert min((up & across).sum(), (up & ~across).sum(), (~up & across).sum()) >= 25
    both = augment(images, ("flip", "flip-vertical"), uniform)
    assert torch.equal(both[up & across], vflip(hflip(images[up & across])))


@pytest.mark.parametrize(("low", "degrees"), [(0.0, 0), (0.25, 90), (0.5, 180), (0.75, 270)])
def test_quarter_turns_are_those_of_torchvision_to_the_bit(low: float, degrees: int) -> None:
    images = digits()
    for draw in (low, low + 0.2499, 1.0 if degrees == 270 else low):
        changed = augment(images, ("quarter-turn",), draws(40, {TURN: draw}))
        assert torch.equal(changed, rotate(images, degrees))


def test_quarter_turns_need_square_images() -> None:
    check_square(("quarter-turn",), (1, 8, 8))
    check_square(("flip",), (1, 8, 6))
    with pytest.raises(RequestError, match=r"needs square images .* 8 by 6 pixels; dataset.resize"):
        check_square(("flip", "quarter-turn"), (1, 8, 6))


@pytest.mark.parametrize(("draw", "degrees"), [(0.0, -15.0), (0.75, 7.5), (1.0, 15.0)])
def test_rotation_is_the_one_of_torchvision(draw: float, degrees: float) -> None:
    images = digits()
    changed = augment(images, ("rotate",), draws(40, {ANGLE: draw}))
    expected = rotate(images, degrees, interpolation=rotate_mode(), fill=[0.0])
    # Both interpolate bilinearly in float64; torchvision computes its angles in Python.
    torch.testing.assert_close(changed, expected, atol=1e-10, rtol=0)


def rotate_mode() -> object:
    from torchvision.transforms import InterpolationMode

    return InterpolationMode.BILINEAR


def test_angles_spread_evenly_over_both_sides() -> None:
    places = sloping(9, 9)[:1].expand(500, -1, -1, -1)
    changed = augment(places, ("rotate",), draws(500))[:, 0]
    # A rotated slope rises along the columns by the sine, along the rows by the cosine.
    across, down = changed[:, 4, 5] - changed[:, 4, 4], changed[:, 5, 4] - changed[:, 4, 4]
    angles = torch.rad2deg(torch.atan2(across, down))
    assert angles.abs().max() <= 15
    # The mean of 500 has the deviation 30/sqrt(12*500) = 0.39: four of them.
    assert angles.mean().abs() < 1.6
    assert angles.min() < -14 and angles.max() > 14


@pytest.mark.parametrize(("height", "width"), [(40, 40), (40, 20), (21, 40)])
def test_a_rotation_does_not_shear_an_image_that_is_not_square(height: int, width: int) -> None:
    places = sloping(height, width)
    rows, columns = augment(places, ("rotate",), draws(2, {ANGLE: 1.0}))[:, 0]
    angle = torch.deg2rad(torch.tensor(15.0, dtype=torch.float64))
    expected_rows = angle.cos() * places[0, 0] + angle.sin() * places[1, 0]
    expected_columns = angle.cos() * places[1, 0] - angle.sin() * places[0, 0]
    # A slope is interpolated exactly; away from the border, beyond which it goes on flat.
    middle = (slice(height // 2 - 4, height // 2 + 4), slice(width // 2 - 4, width // 2 + 4))
    torch.testing.assert_close(rows[middle], expected_rows[middle], atol=1e-10, rtol=0)
    torch.testing.assert_close(columns[middle], expected_columns[middle], atol=1e-10, rtol=0)


@pytest.mark.parametrize(
    ("left", "top", "window"),
    [
        (0.0, 0.0, (slice(0, 8), slice(0, 8))),
        (1.0, 0.0, (slice(0, 8), slice(2, 10))),
        (0.5, 1.0, (slice(2, 10), slice(1, 9))),
    ],
)
def test_the_smallest_crop_is_a_slice_resized(
    left: float, top: float, window: tuple[slice, slice]
) -> None:
    images = digits()[..., 3:-3, 3:-3]
    assert images.shape[-1] * SIDE == 8
    changed = augment(images, ("crop",), draws(40, {WINDOW: 1.0, LEFT: left, TOP: top}))
    expected = interpolate(images[..., *window], size=10, mode="bilinear")
    # The same places within the window; at its edge a slice repeats its own outermost pixel, where
    # a crop sees the image go on. Of 10 new pixels the first and last lie there.
    inner = (..., slice(1, -1), slice(1, -1))
    torch.testing.assert_close(changed[inner], expected[inner], atol=1e-10, rtol=0)


def test_a_crop_stays_within_the_image() -> None:
    places = sloping(20, 20)[1:].expand(500, -1, -1, -1)
    columns = augment(places, ("crop",), draws(500))[:, 0, 10]
    # Along a row a slope shows which part of the side is seen; its ends are clipped by the border.
    side = (columns[:, 18] - columns[:, 1]) / 17
    assert side.min() >= SIDE - 1e-9 and side.max() <= 1 + 1e-9
    middle = columns[:, 9:11].mean(1)
    assert (middle.abs() <= (1 - side) * 10 + 1e-9).all()
    assert middle.min() < -1 and middle.max() > 1


@pytest.mark.parametrize(
    ("side", "enlarged"), [(28, 32), (8, 9), (96, 110)], ids=["28 of 32", "8 of 9", "96 of 110"]
)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.999999, 1.0])
def test_a_resize_crop_is_torchvisions_resize_and_crop(
    side: int, enlarged: int, share: float
) -> None:
    images = interpolate(digits(4)[..., 4:-4, 4:-4], size=(side, side), mode="bilinear")
    places = enlarged - side + 1
    left, top = min(int(share * places), places - 1), places - 1
    changed = augment(images, ("resize-crop",), draws(4, {OFFSET_LEFT: share, OFFSET_TOP: 1.0}))
    expected = crop(resize(images, [enlarged, enlarged]), top, left, side, side)
    # Both interpolate bilinearly in float64; places go from -1 to 1 here, in pixels there.
    torch.testing.assert_close(changed, expected, atol=1e-12, rtol=0)


def test_every_window_of_a_resize_crop_is_as_likely() -> None:
    places = sloping(28, 28)[1:].expand(5000, -1, -1, -1)
    middle = augment(places, ("resize-crop",), draws(5000))[:, 0, 14, 13:15].mean(1)
    # One pixel of the enlarged image is 7/8 of an old one.
    starts, counts = (middle * 8 / 7).round().unique(return_counts=True)
    assert starts.tolist() == [-2, -1, 0, 1, 2]
    # Of 5,000 a fifth each, with the deviation 28: five of them.
    assert (counts - 1000).abs().max() <= 140


def test_an_image_that_is_not_square_is_enlarged_by_its_own_sides() -> None:
    images = interpolate(digits(4), size=(28, 21), mode="bilinear")
    changed = augment(images, ("resize-crop",), draws(4, {OFFSET_LEFT: 0.0, OFFSET_TOP: 0.5}))
    expected = crop(resize(images, [32, 24]), 2, 0, 28, 21)
    torch.testing.assert_close(changed, expected, atol=1e-12, rtol=0)  # as above


def test_a_crop_of_a_resized_image_is_cropped_again() -> None:
    images, uniform = digits(), draws(40)
    one_by_one = images
    for kind in ("crop", "resize-crop"):
        one_by_one = augment(one_by_one, (kind,), uniform)
    together = augment(images, ("crop", "resize-crop"), uniform)
    # One interpolation in place of two: sharper, so alike and not equal. Another window of a
    # strongly cropped digit differs by about 0.1 on average.
    assert (together - one_by_one).abs().mean() < 0.03


def test_standardising_may_come_before_or_after() -> None:
    images, uniform = digits()[..., 4:-4, 4:-4], draws(40)
    after = (augment(images, KINDS, uniform) - 0.3) / 0.35
    before = augment((images - 0.3) / 0.35, KINDS, uniform)
    torch.testing.assert_close(before, after, atol=1e-12, rtol=0)


def test_another_kind_leaves_the_draws_of_the_others() -> None:
    images, uniform = digits(), draws(40)
    exact = ("flip", "flip-vertical", "quarter-turn", "rotate")
    for count in range(2, 5):
        one_by_one = images
        for kind in exact[:count]:
            one_by_one = augment(one_by_one, (kind,), uniform)
        assert torch.equal(augment(images, exact[:count], uniform), one_by_one)


def test_the_order_of_the_kinds_does_not_matter() -> None:
    images, uniform = digits(), draws(40)
    expected = augment(images, KINDS, uniform)
    others = (KINDS[::-1], *permutations(KINDS[2:] + KINDS[:2], 6))
    assert all(torch.equal(augment(images, k, uniform), expected) for k in others[::60])


@given(st.lists(st.sampled_from(KINDS), max_size=4))
def test_a_kind_may_be_named_once(kinds: list[Augmentation]) -> None:
    if len(set(kinds)) == len(kinds):
        check_augment(kinds)
        return
    with pytest.raises(RequestError, match="more than once; allowed: each kind at most once"):
        check_augment(kinds)


@pytest.mark.parametrize("value", [["blur"], "flip", None, [True]])
def test_unknown_kinds_are_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(list[Augmentation]).validate_python(value, strict=True)
