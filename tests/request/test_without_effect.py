"""What would silently change nothing is refused; the same values for a reason are not."""

import pytest

from runner.config import check
from runner.errors import RequestError
from runner.request.without_effect import check_effect

FOLDS = ["dataset.folds=3", "dataset.fold=0"]


@pytest.mark.parametrize(
    ("overrides", "why"),
    [
        (
            ["dataset.shift=label"],
            "dataset.shift=label changes nothing at dataset.shift_strength=0",
        ),
        ([*FOLDS, "dataset.val_fraction=0.1"], "dataset.val_fraction=0.1 has no meaning beside"),
    ],
)
def test_what_has_no_effect_is_refused(composer, overrides, why):
    point = composer.point(overrides)
    with pytest.raises(RequestError, match=why):
        check_effect(point, check(point.resolved))


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        FOLDS,  # digits has a fraction of its own, which folds replace
        [*FOLDS, "dataset.val_fraction=0"],
        ["dataset.val_fraction=0.1"],
        ["dataset.shift=label", "dataset.shift_strength=0.5"],
        ["dataset.shift=label", "dataset.shift_strength=0"],  # where a sweep of strengths starts
        ["experiment=label-shift", "dataset.shift_strength=0"],
    ],
)
def test_what_has_an_effect_or_a_reason_passes(composer, overrides):
    point = composer.point(overrides)
    check_effect(point, check(point.resolved))
