"""Records in a folder that a command goes on from: as they were written, or refused by name."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from runner.errors import RequestError, named
from runner.guarded_files import MOST_OF_A_TABLE, read_bytes

Kept = TypeVar("Kept")
WRONG = (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What a file that was changed, or is of another version, leads to while it is read."""


def read_record(path: Path, build: Callable[[Any], Kept]) -> Kept:
    """Return what a JSON file holds, which may be another's.

    Args:
        path: The file.
        build: Makes of the values what they stand for.

    Raises:
        RequestError: It is missing, no JSON, or of another kind.
    """
    return _read(path, lambda content: build(json.loads(content)))


def read_entries(path: Path, count: int) -> list[dict[str, Any]]:
    """Return the first lines of a file, each a JSON text.

    Args:
        path: The file.
        count: How many.

    Raises:
        RequestError: It is missing, or one of them is no JSON.
    """
    return _read(path, lambda content: [json.loads(line) for line in content.splitlines()[:count]])


def _read(path: Path, build: Callable[[bytes], Kept]) -> Kept:
    try:
        return build(read_bytes(path, MOST_OF_A_TABLE))
    except WRONG as error:
        raise RequestError(f"'{path}' can't be read: {named(error)}.") from error
