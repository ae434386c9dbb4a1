"""YAML and JSON of run folders, which may be others': plain values, bounded and inert."""

import json
import re
from collections.abc import Iterable
from typing import Any

import yaml

from runner.printable import printable

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LIKE_ALIAS = re.compile(r"(?:^|[\s\[{,])\*\S")
DEEPEST = 40  # records nest four deep; the parsers end the process, or take hours, at thousands
LARGEST = 2**128  # a seed has at most so many bits; no float holds a number of 400 digits
BRACKETS = re.compile(r"[][{}]")
BLOCKS = re.compile(rf"^(?:[ ?:-]|!\S* |&\S* ){{{DEEPEST}}}", re.MULTILINE)
BEGINS = (
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
)
ENDS = (yaml.BlockEndToken, yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken)


class ValuesError(ValueError):
    """A text holds no plain values; the message says why, to follow ``can't be read:``."""


def load_yaml(text: str) -> Any:
    """Return what a YAML text says: text, numbers, truth values, nothing, lists and mappings.

    Raises:
        ValuesError: It is no YAML, nests too deep, holds a number of hundreds of digits or another
            kind of value, or has aliases: a few lines of them may stand for more than fits in
            memory, and no file of this program's has any.
    """
    try:
        check_tokens(text)
        found = yaml.load(text, LOADER)
    except ValuesError:
        raise
    except yaml.MarkedYAMLError as error:
        raise ValuesError(f"it is no YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValuesError(f"it is no YAML: {' '.join(str(error).split())}") from error
    return _plain(found)


def load_json(text: str | bytes) -> Any:
    """Return what a JSON text says.

    Raises:
        ValuesError: It is no JSON, nests too deep, or holds a number of hundreds of digits.
    """
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise ValuesError("it nests too deep") from error
    except ValueError as error:
        raise ValuesError(f"it is no JSON: {error}") from error
    return _plain(found)


def load_mapping(text: str | bytes) -> dict[str, Any]:
    """Return what a JSON text says of names; nothing where it can't be read, or is something else.

    For records whose absence says as much.
    """
    try:
        found = load_json(text)
    except ValuesError:
        return {}
    return found if isinstance(found, dict) else {}


def check_tokens(text: str) -> None:
    """Refuse aliases and depth before anything is built; most texts can have neither.

    Raises:
        ValuesError: The text has aliases, or nests too deep.
        yaml.YAMLError: It is no YAML, as far as it was looked at.
    """
    if not (LIKE_ALIAS.search(text) or BLOCKS.search(text) or _nests(BRACKETS.findall(text))):
        return
    depth = 0
    for token in yaml.scan(text, LOADER):
        if isinstance(token, yaml.AliasToken):
            raise ValuesError("it has aliases (*), which are not read")
        depth += isinstance(token, BEGINS) - isinstance(token, ENDS)
        if depth > DEEPEST:
            raise ValuesError("it nests too deep")


def _nests(brackets: Iterable[str]) -> bool:
    """Whether brackets, those within text among them, are open beyond the deepest."""
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST:
            return True
    return False


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a value whose texts are inert, having looked at all that is in it."""
    if depth > DEEPEST:
        raise ValuesError("it nests too deep")
    if isinstance(value, dict):
        return {_name(name): _plain(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ValuesError("it holds a number of too many digits")
    if not isinstance(value, int | float | None):
        raise ValuesError(f"it holds a {type(value).__name__}")
    return value


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise ValuesError(f"a name in it is no text: {name}")
    return printable(name)
