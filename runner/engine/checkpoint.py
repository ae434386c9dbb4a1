"""Checkpoints: states of training as files, their content under checksums."""

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from runner.atomic_write import whole_file
from runner.errors import RequestError, first_line
from runner.guarded_files import check_file, why_unread
from runner.machine import memory


def save(
    path: Path,
    state: dict[str, Any],
    previous: Path | None = None,
    within: Path | None = None,
) -> None:
    """Write a checkpoint so that a crash leaves the old file or the new one, never half of one.

    Args:
        path: The file; its folder is made if need be.
        state: Nested dictionaries and lists of tensors and plain values.
        previous: Where the file that was there before is kept; None replaces it.
        within: A folder that was made before, and is not made again.

    Raises:
        FileNotFoundError: That folder was removed.
        OSError: The file could not be written, a full disk for instance; what was there stays.
        KeyboardInterrupt: A signal came meanwhile; what was there stays.
    """
    try:
        with whole_file(path, durable=True, previous=previous, within=within) as file:
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
        RequestError: The file is missing, damaged, or not as a checkpoint is written.
    """
    try:
        check_file(path, memory() or sys.maxsize)
    except FileNotFoundError as error:
        raise RequestError(f"There is no checkpoint {path}.") from error
    except OSError as error:
        raise RequestError(f"The checkpoint {path} {why_unread(error)}.") from error
    try:
        _check_archive(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:  # what torch says of it advises to run the code
        raise RequestError(
            f"The checkpoint {path} is damaged: it holds more than tensors and plain values, which "
            "is not loaded since it could run code."
        ) from error
    except Exception as error:
        raise RequestError(f"The checkpoint {path} is damaged: {first_line(error)}.") from error
    if not isinstance(state, dict) or not all(map(_is_whole, _tensors(state))):
        raise RequestError(f"The checkpoint {path} is damaged: its tensors are not all there.")
    return state


def _check_archive(path: Path) -> None:
    """Verify the checksums, which torch writes for every tensor and does not look at.

    Raises:
        ValueError: One is wrong; or a part is packed, as torch packs none: it may become anything.
    """
    with zipfile.ZipFile(path) as archive:
        if any(part.compress_type != zipfile.ZIP_STORED for part in archive.infolist()):
            raise ValueError("it is compressed")
        if (damaged := archive.testzip()) is not None:
            raise ValueError(f"{damaged} fails its checksum")


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _tensors(part)


def _is_whole(tensor: torch.Tensor) -> bool:
    """Whether each element lies in the file: a tensor of 10¹² of them may be one number."""
    if tensor.layout != torch.strided or tensor.device.type != "cpu":
        return False
    return tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()


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
