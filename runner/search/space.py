"""The values that a search may choose, with what the keys' own types say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil, isclose, log10
from typing import Any, TypeVar

from runner.component_keys import schemas_of
from runner.config import Config, schemas_of_top_level
from runner.config_keys import as_typed
from runner.errors import RequestError
from runner.registry import SINGLE_CHOICE_GROUPS
from runner.request.dimensions import Dimension
from runner.request.searching import SearchRequest
from runner.request.space import Space

DIGITS = 4  # of a value that is asked for: what a person types again

Value = float | int | str


R = TypeVar("R", bound=Space[Any])


def with_types(request: R, configs: Sequence[Config]) -> R:
    """Return a search whose intervals of whole numbers are known as such.

    Hydra reads ``interval(16,256)`` as two floating-point numbers; the key knows better.

    Args:
        request: What was asked for.
        configs: Those of its samples, checked.

    Raises:
        RequestError: The steps of a range of whole numbers are not whole.
    """
    samples = list(zip(request.samples(), configs, strict=True))

    def typed(dimension: Dimension) -> Dimension:
        having = (config for values, config in samples if request.has(dimension.key, values))
        whole = not dimension.values and _is_whole(dimension.key, next(having))
        return _checked(replace(dimension, whole=True)) if whole else dimension

    return replace(request, dimensions=tuple(map(typed, request.dimensions)))


def _is_whole(key: str, config: Config) -> bool:
    """Whether a key takes whole numbers alone."""
    group, _, name = key.partition(".")
    if group in SINGLE_CHOICE_GROUPS:
        schema = schemas_of(group, getattr(config, group)["name"])[name]
    else:
        schema = schemas_of_top_level()[key]
    kinds = {option.get("type") for option in schema.get("anyOf", [schema])}
    return "integer" in kinds and "number" not in kinds


def _checked(dimension: Dimension) -> Dimension:
    """Refuse what its ends do not tell: that values between them are not whole."""
    if not float(dimension.step or 1).is_integer():
        raise RequestError(
            f"{dimension.key} takes whole numbers, and steps of {dimension.step:g} give others."
        )
    return dimension


def typed(dimension: Dimension, value: Value) -> str:
    """Return a value as a person types it, four significant digits of its interval.

    Args:
        dimension: What it was chosen from.
        value: A choice as it is typed, or a number of the interval.
    """
    if isinstance(value, str):
        return value
    if dimension.whole:
        return str(int(value))
    size = abs(value) if dimension.log else dimension.high - dimension.low
    places = DIGITS - ceil(log10(size))
    return repr(min(max(round(float(value), places), dimension.low), dimension.high))


def read(dimension: Dimension, value: Any) -> Value | None:
    """Return a value of a config as one of the search's; None where it is not among them."""
    if dimension.values:
        return text if (text := as_typed(value)) in dimension.values else None
    if type(value) not in (int, float) or not dimension.low <= value <= dimension.high:
        return None
    step = 1 if dimension.whole and not dimension.step else dimension.step
    if step and not isclose(steps := (value - dimension.low) / step, round(steps), abs_tol=1e-9):
        return None
    return int(value) if dimension.whole else float(value)


def chosen(request: SearchRequest, values: Mapping[str, Value]) -> dict[str, str]:
    """Return the values of a point as they are typed, by key."""
    return {d.key: typed(d, values[d.key]) for d in request.dimensions if d.key in values}
