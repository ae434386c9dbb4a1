"""Datasets in MNIST's four files: found, or fetched, then checked and parsed."""

import gzip
import hashlib
import struct
import sys
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import torch

from runner.datasets.data import Split
from runner.datasets.fetch import LARGEST, fetch
from runner.datasets.images import ImageClasses
from runner.datasets.root import check_download, is_named, missing_folders, remove_empty
from runner.errors import RequestError


@dataclass(frozen=True)
class Files:
    """A dataset's files: what they are, where they may lie, and how to tell that they are whole.

    Attributes:
        title: The dataset's name as people write it.
        source: Their folder in the data root, which has the name of torchvision's class.
        system: Where a system package puts the files.
        mirrors: Where the packed files are offered, each URL but for the file's name.
        otherwise: How to get the files without this program's download.
        digests: File name, without ``.gz``, to the SHA-256 of the unpacked content.
    """

    title: str
    source: str
    system: Path
    mirrors: tuple[str, ...]
    otherwise: str
    digests: dict[str, str]

    def places(self, root: Path) -> tuple[Path, ...]:
        """Return the folders that may hold the files, in the order of search."""
        return (root / self.source / "raw", root, self.system)


@dataclass(kw_only=True)
class IdxImages(ImageClasses):
    """Images (1, 28, 28) in the IDX format of MNIST, 60,000 to train on and 10,000 to test on.

    Attributes:
        files: The four files of the dataset.
        root: The folder that holds the files, or that they are downloaded to.
    """

    scale = 1 / 255
    files: ClassVar[Files]

    root: str

    def parts(self) -> tuple[Split, Split | None, Split]:
        """Return the publisher's examples, a part of the training set aside to validate on.

        They are read from files that passed the check.
        """
        root = Path(self.root).expanduser()
        found = locate(self.files, root)
        if found and self.files.system in {path.parent for path in found.values()} - {root}:
            self._check_root(root)
        found = found or download(self.files, root)
        contents = {name: checked(self.files, name, path) for name, path in found.items()}
        return self.with_test_set(parse(contents, "train"), parse(contents, "t10k"))

    def _check_root(self, root: Path) -> None:
        """Refuse to take the system's copy in place of a folder that was named."""
        if is_named(self.root):
            *places, _ = self.files.places(root)
            raise RequestError(
                f"dataset.root={self.root} has no files of {self.files.title}, in "
                f"{' or '.join(map(str, places))}; without dataset.root the copy in "
                f"{self.files.system} is taken."
            )


def locate(files: Files, root: Path) -> dict[str, Path] | None:
    """Find the first folder that holds all the files, each unpacked or as ``.gz``.

    Args:
        files: What is looked for.
        root: The data root.

    Returns:
        File name to path, the unpacked file where there are both; None if no folder has them all.
    """
    for place in files.places(root):
        found = {
            name: path
            for name in files.digests
            for path in (place / f"{name}.gz", place / name)
            if path.is_file()
        }
        if len(found) == len(files.digests):
            return found
    return None


def download(files: Files, root: Path) -> dict[str, Path]:
    """Fetch the files into the data root, and say so first on stderr.

    Args:
        files: What is fetched.
        root: The data root.

    Returns:
        File name to path.

    Raises:
        RequestError: It failed; the sentence tells where the files were looked for, and the ways
            to get them.
    """
    check_download(files.title, root)
    target = files.places(root)[0]
    print(f"Downloading {files.title} from {files.mirrors[0]} to {target}", file=sys.stderr)
    made = missing_folders(target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        return {name: _fetched(files, name, target / f"{name}.gz") for name in files.digests}
    except OSError as error:
        raise RequestError(_missing(files, root, str(error))) from error
    finally:
        remove_empty(made)


def _fetched(files: Files, name: str, path: Path) -> Path:
    """Fetch one file, where it is not there yet."""

    def check(content: bytes, url: str) -> None:
        unpacked(files, name, content, url, files.otherwise)

    if not path.exists():
        fetch([f"{mirror}{path.name}" for mirror in files.mirrors], path, check)
    return path


def checked(files: Files, name: str, path: Path) -> bytes:
    """Read one file, unpack it if need be, and compare its content with its digest.

    Args:
        files: What the file belongs to.
        name: The file's name, without ``.gz``.
        path: Where it was found; nothing is written there.

    Returns:
        The unpacked content.

    Raises:
        RequestError: The file can't be read, or has another content.
    """
    remedy = "replace it, or remove it"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RequestError(
            f"{path} can't be read as {files.title}'s {name} ({error}); {remedy}."
        ) from error
    return unpacked(files, name, content, str(path), remedy)


def unpacked(files: Files, name: str, content: bytes, source: str, remedy: str) -> bytes:
    """Unpack the content of a file if need be, and compare it with its digest.

    Args:
        files: What the file belongs to.
        name: The file's name, without ``.gz``.
        content: What it holds.
        source: Where it comes from; packed where this ends with ``.gz``.
        remedy: What to do where it is wrong.

    Raises:
        RequestError: It is another content, or can't be unpacked; the sentence has the checksum
            that was expected, and the one that was found.
    """
    found = ""
    if source.endswith(".gz"):
        try:
            # No more than it should be: a small file may unpack to more than memory holds.
            content = gzip.GzipFile(fileobj=BytesIO(content)).read(LARGEST)
        except (OSError, EOFError, zlib.error) as error:
            found = f"nothing, as it can't be unpacked ({error})"
    found = found or hashlib.sha256(content).hexdigest()
    if found != files.digests[name]:
        raise RequestError(
            f"{source} is damaged or not {files.title}'s {name}: the SHA-256 of its content should "
            f"be {files.digests[name]} and is {found}; {remedy}."
        )
    return content


def parse(contents: dict[str, bytes], part: str) -> Split:
    """Return one split of MNIST's format.

    Args:
        contents: File name to the checked content of the file.
        part: ``"train"`` or ``"t10k"``.

    Returns:
        Images (N, 1, H, W) uint8 and classes (N,) int64.
    """
    images = _bytes(contents[f"{part}-images-idx3-ubyte"])
    return Split(images.unsqueeze(1), _bytes(contents[f"{part}-labels-idx1-ubyte"]).long())


def _bytes(content: bytes) -> torch.Tensor:
    """Return the uint8 array of a file: its fourth byte counts the sizes, which follow, big-endian.

    Source: the description of the IDX format on MNIST's page.
    """
    dimensions = content[3]
    sizes = struct.unpack_from(f">{dimensions}I", content, offset=4)
    values = torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=4 + 4 * dimensions)
    return values.reshape(sizes)


def _missing(files: Files, root: Path, reason: str) -> str:
    return (
        f"{files.title}'s files ({', '.join(files.digests)}, each as it is or .gz) are together in "
        f"none of {', '.join(map(str, files.places(root)))}, and their download failed ({reason}): "
        f"either start again with a network, which downloads them to "
        f"{files.places(root)[0]}, or {files.otherwise}."
    )
