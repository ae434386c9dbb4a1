"""Configs as plain values: a value put into its place, and interpolations resolved.

OmegaConf does the same in 5 ms a config, and keeps an object for every value: a minute and a
gigabyte for ten thousand points. Whatever is not plainly the same here is left to it.
"""

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from runner.errors import RequestError, first_line

Plain = Mapping[str, Any]
SCALARS = (bool, int, float, str, type(None))
# ${oc.env:RUNNER_DATA_ROOT,data}: what it comes to depends on no other value.
VARIABLE = re.compile(r"\$\{oc\.env:(\w+)(?:,[\w./-]+)?\}", re.ASCII)


def plain_of(config: DictConfig) -> dict[str, Any]:
    """Return a config as plain values, interpolations kept."""
    return OmegaConf.to_container(config, resolve=False)  # type: ignore[return-value]


def with_value(config: Plain, override: Override) -> Plain:
    """Return a config with a value put into its place, as OmegaConf merges it.

    Args:
        config: The config; the new one shares with it what is the same.
        override: The key, and the value.

    Raises:
        RequestError: The value has keys where a list is due, or the reverse.
    """
    path, value = override.key_or_group.split("."), override.value()
    if _is_simple(value) and not isinstance(_at(config, path), Mapping | _Absent):
        return _put(config, path, value)
    return _merged(config, override)


def value_at(config: Plain, key: str) -> Any:
    """Return the value of a key by its dotted name, an interpolation resolved.

    Raises:
        omegaconf.errors.OmegaConfBaseException: It leads nowhere.
    """
    found = _at(config, key.split("."))
    return found if _is_simple(found) else OmegaConf.select(OmegaConf.create(dict(config)), key)


def resolved(config: Plain) -> dict[str, Any]:
    """Return a config with its interpolations replaced by what they come to.

    Raises:
        RequestError: One of them leads nowhere.
    """
    try:
        return dict(_copy(config))
    except (_ReferenceError, OmegaConfBaseException):
        return _all_resolved(config)


def without_value(error: OmegaConfBaseException) -> str:
    """Return a sentence for an interpolation that leads nowhere."""
    where = f"{error.full_key} has" if error.full_key else "A key has"  # that of a list is not told
    return f"{where} no value: {first_line(error)}."


class _Absent:
    """There is no such key."""


class _ReferenceError(Exception):
    """An interpolation that may depend on other values."""


def _is_simple(value: object) -> bool:
    """Whether a value means itself, whatever stands around it."""
    if isinstance(value, list):
        return all(map(_is_simple, value))
    if isinstance(value, str):
        return type(value) is str and "${" not in value and value != "???"
    return isinstance(value, SCALARS)


def _at(config: Plain, path: list[str]) -> object:
    node: Any = config
    for name in path:
        if not isinstance(node, Mapping) or name not in node:
            return _Absent()
        node = node[name]
    return node


def _put(config: Plain, path: list[str], value: object) -> Plain:
    first, *rest = path
    return {**config, first: _put(config[first], rest, value) if rest else value}


def _merged(config: Plain, override: Override) -> Plain:
    whole = OmegaConf.create(dict(config))
    OmegaConf.set_struct(whole, True)
    try:
        OmegaConf.update(whole, override.key_or_group, override.value(), merge=True)
    except (TypeError, ValueError, OmegaConfBaseException) as error:
        raise RequestError(f"{override.input_line} is not the kind of value there.") from error
    return plain_of(whole)


def _copy(node: Any) -> Any:
    """Copy plain values, variables of the environment resolved.

    Raises:
        _ReferenceError: There is an interpolation of another kind.
    """
    if isinstance(node, Mapping):
        return {key: _copy(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_copy(value) for value in node]
    if isinstance(node, str) and "${" in node:
        if not (variable := VARIABLE.fullmatch(node)):
            raise _ReferenceError
        return _variable(node, os.environ.get(variable[1]))
    if node == "???":
        raise _ReferenceError
    return node


@cache
def _variable(text: str, value: str | None) -> Any:
    """Resolve a reference to the environment, anew for each value that the variable has there."""
    return OmegaConf.create({"text": text})["text"]


def _all_resolved(config: Plain) -> dict[str, Any]:
    try:
        whole = OmegaConf.create(dict(config))
        return OmegaConf.to_container(whole, resolve=True)  # type: ignore[return-value]
    except OmegaConfBaseException as error:
        raise RequestError(without_value(error)) from error
