"""Data that was not trained on, read into what a trained model takes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from runner.datasets.data import Preparation
from runner.datasets.encoding import encode_new
from runner.datasets.image_files import SUFFIXES, Channels, decode, image_files
from runner.datasets.table_file import Table, of_frame, read_table
from runner.errors import RequestError

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[Any]


def as_examples(source: Any, shape: Sequence[int | None], takes: str) -> Tensor:
    """Return an array of examples as a tensor; grey images may come without their channel.

    Args:
        source: A tensor, or what numpy makes an array of.
        shape: Of an example, None for a side of any length.
        takes: What is accepted, in words.

    Returns:
        (B, …) numbers.

    Raises:
        RequestError: It is no array of numbers.
    """
    examples = source if isinstance(source, Tensor) else _numbers(source, takes)
    if examples.ndim == 0:
        raise RequestError(f"This model takes {takes}, not a single number.")
    grey = len(shape) == 3 and shape[0] == 1 and examples.ndim == 3
    return examples[:, None] if grey else examples


def read_new(
    source: Any, preparation: Preparation, takes: str
) -> tuple[str, Sequence[object], Tensor]:
    """Read examples as the dataset of a run stored its own.

    Args:
        source: A table (a file, a pandas frame, a dict of columns) whose columns go by their
            names, for runs on tables; a folder of images, or one image, for runs on images; or an
            array of examples (one that ``.npy`` holds too), see `as_examples`.
        preparation: What the run's checkpoint says of its data.
        takes: What is accepted, in words.

    Returns:
        What an example is called, ``"row"`` or ``"file"``; the number of each row from 1, or the
        name of each file; and the examples, (B, …).

    Raises:
        RequestError: The source can't be read, or is not what the run's data were.
    """
    if not isinstance(source, str | Path):
        return _in_memory(source, preparation, takes)
    path = Path(source).expanduser()
    if path.suffix.lower() == ".npy":
        return _numbered(as_examples(_loaded(path), preparation["shape"], takes))
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        return _images(path, preparation)
    _check_kind(str(path), preparation, table=True)
    return _rows(read_table(path), preparation)


def _in_memory(
    source: Any, preparation: Preparation, takes: str
) -> tuple[str, Sequence[object], Tensor]:
    if isinstance(source, Mapping) or hasattr(source, "columns"):  # a pandas frame
        kind = "the dict" if isinstance(source, Mapping) else "the frame"
        _check_kind(kind, preparation, table=True)
        return _rows(of_frame(_frame(source), kind), preparation)
    return _numbered(as_examples(source, preparation["shape"], takes))


def _frame(source: Any) -> "pd.DataFrame":
    import pandas as pd  # here alone

    try:
        return pd.DataFrame(source)
    except ValueError as error:  # numbers instead of lists, or lists of different lengths
        raise RequestError(
            "The dict is no table: give each column a list of its values, all of one length."
        ) from error


def _numbered(examples: Tensor) -> tuple[str, Sequence[object], Tensor]:
    return "row", range(1, len(examples) + 1), examples


def _rows(table: Table, preparation: Preparation) -> tuple[str, Sequence[object], Tensor]:
    encoding = preparation.get("encoding")
    if encoding is None:
        raise RequestError(
            f"{table.source} is a table, and the run does not know its columns by name; give an "
            f"array of shape (B, {preparation['shape'][0]}), a file .npy for one."
        )
    return _numbered(encode_new(table, encoding))


def _images(path: Path, preparation: Preparation) -> tuple[str, Sequence[object], Tensor]:
    _check_kind(str(path), preparation, table=False)
    files = image_files(path) if path.is_dir() else [path]
    if not files:
        raise RequestError(f"{path} has no images ({', '.join(SUFFIXES)}).")
    channels, high, wide = preparation.get("stored", preparation["shape"])
    if channels not in (1, 3):
        raise RequestError(
            f"The run's images have {channels} channels, and those of a file 1 or 3."
        )
    known: Channels = 1 if channels == 1 else 3
    pixels = torch.from_numpy(decode(files, known, (high, wide)))
    factor = 1 / (255 * preparation["scale"])  # digits go to 16, not to 255
    names = [str(file.relative_to(path)) if path.is_dir() else str(file) for file in files]
    return "file", names, pixels if factor == 1 else pixels * factor


def _numbers(source: Any, takes: str) -> Tensor:
    try:
        array = np.array(source)
    except ValueError as error:
        raise RequestError(f"This model takes {takes}, not rows of several lengths.") from error
    if array.dtype.kind not in "biuf":
        what = f"values of type {array.dtype.name}" if array.ndim else f"a {type(source).__name__}"
        raise RequestError(f"This model takes {takes}, not {what}.")
    return torch.from_numpy(array)


def _loaded(path: Path) -> Array:
    try:
        array: Array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise RequestError(f"{path} can't be read as an array: {reason}.") from error
    return array


def _check_kind(source: str, preparation: Preparation, *, table: bool) -> None:
    """Refuse images for a run on tables, and the other way round."""
    images = len(preparation["shape"]) == 3
    if table and images:
        raise RequestError(
            f"{source} is no folder of images, no image ({', '.join(SUFFIXES)}) and no array "
            "(.npy), and the run was trained on images."
        )
    if not table and not images:
        raise RequestError(f"{source} has images, and the run was trained on rows of a table.")
