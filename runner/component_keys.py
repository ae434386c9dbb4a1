"""The config keys of a component: the keyword-only arguments of its constructor."""

import inspect
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, Field, TypeAdapter

from runner.errors import RequestError
from runner.hyper import PerMember, Sweepable
from runner.registry import find

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


@cache
def keys(component: type) -> dict[str, object]:
    """Return the config keys of a component with their annotations.

    They are the keyword-only arguments of its constructor, which a dataclass has from its fields.

    Raises:
        RequestError: One of them is not annotated.
    """
    parameters = inspect.signature(component).parameters.values()
    keyword_only = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    hints = _annotations(component)
    for name in keyword_only:
        if name not in hints:
            raise RequestError(
                f"{component.__name__} does not say what its key {name} takes; annotate it in the "
                f"constructor, {name}: int for one."
            )
    return {key_of(name): hints[name] for name in keyword_only}


def _annotations(component: type) -> dict[str, object]:
    """Return the annotations of a constructor's arguments, or of the fields that it comes from.

    A dataclass inherits fields from other modules; an annotation that is text means what it says
    where the field is written, which the generated constructor does not know.
    """
    owner = next(cls for cls in component.__mro__ if "__init__" in vars(cls))
    source: object = owner if "__dataclass_fields__" in vars(owner) else vars(owner)["__init__"]
    return get_type_hints(source, include_extras=True)


def key_of(argument: str) -> str:
    """Return the config key of a constructor argument: ``lambda_`` is a Python spelling."""
    return argument.removesuffix("_")


def argument_of(key: str) -> str:
    """Return the constructor argument of a config key."""
    return f"{key}_" if key == "lambda" else key


def schemas_of(group: str, name: str) -> dict[str, dict[str, Any]]:
    """Return the JSON schema of each key of a component."""
    component: type = find(group, name)
    return {key: adapter.json_schema() for key, adapter in adapters(component).items()}


@cache
def adapters(component: type) -> dict[str, TypeAdapter[object]]:
    """Return what knows the type and the range of each key of a component."""
    hints = keys(component).items()
    return {key: TypeAdapter(_as_number(hint), config=STRICT) for key, hint in hints}


def sweepable(group: str, name: str) -> frozenset[str]:
    """Return the keys of a component in which the members of one group may differ."""
    component: type = find(group, name)
    return _marked(component, Sweepable)


def per_member_keys(group: str, name: str) -> frozenset[str]:
    """Return the keys that the component receives as tensors of shape (S,)."""
    component: type = find(group, name)
    return _marked(component, PerMember)


@cache
def _marked(component: type, mark: type) -> frozenset[str]:
    return frozenset(key for key, hint in keys(component).items() if _marks(hint, mark))


def _as_number(hint: Any) -> Any:
    """Replace a tensor of one number per member by the number that the config holds."""
    if get_origin(hint) is Annotated:
        mark = next((mark for mark in hint.__metadata__ if isinstance(mark, PerMember)), None)
        return hint if mark is None else _number(mark)
    if any(_marks(option, PerMember) for option in get_args(hint)):
        options = [_as_number(option) for option in get_args(hint)]
        return options[0] | options[1]
    return hint


def _number(mark: PerMember) -> Any:
    number = Annotated[float, Field(gt=mark.gt, ge=mark.ge, lt=mark.lt, le=mark.le)]
    if mark.length is None:
        return number
    return Annotated[list[number], Field(min_length=mark.length, max_length=mark.length)]


def _marks(hint: object, mark: type) -> bool:
    marked = any(isinstance(data, mark) for data in getattr(hint, "__metadata__", ()))
    return marked or any(_marks(option, mark) for option in get_args(hint))
