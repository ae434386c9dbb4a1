"""Values that were asked for and would change nothing, found in a point's overrides and config."""

from collections.abc import Callable

from runner.config import Config
from runner.errors import RequestError
from runner.request.points import RequestedRun


def check_effect(point: RequestedRun, config: Config) -> None:
    """Refuse what was asked for and would silently do nothing.

    Args:
        point: What was asked for.
        config: The same, composed and checked.

    Raises:
        RequestError: One sentence for each.
    """
    asked = {override.partition("=")[0] for override in point.overrides}
    if faults := [fault for rule in RULES if (fault := rule(asked, config))]:
        raise RequestError(*faults)


def _shift_without_strength(asked: set[str], config: Config) -> str | None:
    """A shift whose strength nobody gave; 0 that was given is where a sweep of strengths starts."""
    shift, strength = config.dataset.get("shift"), config.dataset.get("shift_strength")
    if shift is None or strength != 0 or "dataset.shift_strength" in asked:
        return None
    return (
        f"dataset.shift={shift} changes nothing at dataset.shift_strength=0; give a strength above "
        "0 and up to 1."
    )


def _fraction_beside_folds(asked: set[str], config: Config) -> str | None:
    folds, fraction = config.dataset.get("folds"), config.dataset.get("val_fraction")
    if folds is None or "dataset.val_fraction" not in asked or not fraction:
        return None
    return (
        f"dataset.val_fraction={fraction:g} has no meaning beside dataset.folds={folds}, where one "
        "fold is the validation split: leave one of them out."
    )


RULES: tuple[Callable[[set[str], Config], str | None], ...] = (
    _shift_without_strength,
    _fraction_beside_folds,
)
