"""Checkpoints: states of training as files, their content under checksums."""

import sys
import zipfile
from pathlib import Path
from typing import Any

import torch

from runner.atomic_write import whole_file
from runner.errors import RequestError


def save(path: Path, state: dict[str, Any], previous: Path | None = None) -> None:
    """Write a checkpoint so that a crash leaves the old file or the new one, never half of one.

    Args:
        path: The file; its folder is made if need be.
        state: Nested dictionaries and lists of tensors and plain values.
        previous: Where the file that was there before is kept; None replaces it.

    Raises:
        OSError: The file could not be written, a full disk for instance; what was there stays.
        KeyboardInterrupt: A signal came meanwhile; what was there stays.
    """
    try:
        with whole_file(path, durable=True, previous=previous) as file:
            torch.save(_canonical(state), file)
    except RuntimeError as error:  # what torch makes of a full disk
        if isinstance(fault := error.__context__, KeyboardInterrupt):  # and of a signal
            raise fault from error
        if isinstance(fault, OSError):
            raise OSError(fault.errno, fault.strerror, str(path)) from error
        raise OSError(f"{path} could not be written: {error}") from error


def load(path: Path) -> dict[str, Any]:
    """Read a checkpoint, its checksums verified; nothing in it can run code.

    Raises:
        RequestError: The file is missing or damaged.
    """
    if not path.is_file():
        raise RequestError(f"There is no checkpoint {path}.")
    try:
        # torch writes a checksum for every tensor and verifies none.
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise RequestError(f"The checkpoint {path} is damaged: {error}.") from error
    if damaged is not None:
        raise RequestError(f"The checkpoint {path} is damaged: {damaged} fails its checksum.")
    return state


def _canonical(value: Any) -> Any:
    """Return the same, of which equal content gives equal files.

    Pickle writes a text or a dictionary once for as long as it is one object, and those of a
    restored state are other objects than those of a state that was not.
    """
    if isinstance(value, dict):
        return {_canonical(name): _canonical(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_canonical, value))
    return sys.intern(value) if type(value) is str else value
