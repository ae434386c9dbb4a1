"""Datasets in MNIST's four files: found, or fetched by torchvision, then checked and parsed."""

import gzip
import hashlib
import struct
import sys
import zlib
from contextlib import nullcontext, redirect_stderr
from dataclasses import dataclass
from http.client import HTTPException
from io import StringIO
from pathlib import Path
from typing import ClassVar

import torch

from runner.datasets.data import Split
from runner.datasets.images import ImageClasses
from runner.datasets.root import check_download, is_named, missing_folders, remove_empty
from runner.errors import RequestError


@dataclass(frozen=True)
class Files:
    """A dataset's files: what they are, where they may lie, and how to tell that they are whole.

    Attributes:
        title: The dataset's name as people write it.
        source: The name of torchvision's class, and so of its folder in the data root.
        system: Where a system package puts the files.
        otherwise: How to get the files without this program's download.
        digests: File name, without ``.gz``, to the SHA-256 of the unpacked content.
    """

    title: str
    source: str
    system: Path
    otherwise: str
    digests: dict[str, str]

    def places(self, root: Path) -> tuple[Path, ...]:
        """Return the folders that may hold the files, in the order of search."""
        return (root / self.source / "raw", root, self.system)


@dataclass(kw_only=True)
class TorchvisionImages(ImageClasses):
    """Images (1, 28, 28) in MNIST's file format, 60,000 to train on and 10,000 to test on.

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
    """Let torchvision fetch the files into the data root, and say so first on stderr.

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
    import torchvision.datasets  # over a second, needed here alone

    publisher = getattr(torchvision.datasets, files.source)
    target = root / files.source / "raw"
    print(f"Downloading {files.title} from {publisher.mirrors[0]} to {target}", file=sys.stderr)
    # torchvision draws progress bars, which fill a log with carriage returns.
    quiet = nullcontext() if sys.stderr.isatty() else redirect_stderr(StringIO())
    made = missing_folders(target)
    reason = "its files are incomplete"
    try:
        with quiet:
            publisher(str(root), download=True)
    except (OSError, RuntimeError, HTTPException) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
    found = locate(files, root)
    if found is None:
        remove_empty(made)
        raise RequestError(_missing(files, root, reason))
    return found


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
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise RequestError(
            f"{path} can't be read as {files.title}'s {name} ({error}); replace it, or remove it."
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != files.digests[name]:
        raise RequestError(
            f"{path} is damaged or not {files.title}'s {name}: the SHA-256 of its content should "
            f"be {files.digests[name]} and is {digest}; replace it, or remove it."
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
