"""A file in the data root: found there, or downloaded from its publisher, and checked."""

import hashlib
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from runner.datasets.fetch import fetch
from runner.errors import RequestError


@dataclass(frozen=True)
class RootFile:
    """A dataset's file: what it is, who publishes it, and how to tell that it is whole.

    Attributes:
        title: The dataset's name as people write it.
        name: The file's name in the data root.
        url: Where its publisher offers it.
        page: The publisher's page about it, for people.
        digest: The SHA-256 of its content.
    """

    title: str
    name: str
    url: str
    page: str
    digest: str


_forbidden: list[bool] = []


def forbid_downloads() -> None:
    """Let this process download nothing: where a cluster trains, the command has the data."""
    _forbidden.append(True)


def check_download(title: str, place: Path) -> None:
    """Refuse a download where it is forbidden.

    Args:
        title: What would be downloaded.
        place: Where it was looked for.

    Raises:
        RequestError: It is.
    """
    if _forbidden:
        raise RequestError(
            f"{title} is not in {place.absolute()}, and the machines of a cluster download "
            "nothing: put it there, or let dataset.root or RUNNER_DATA_ROOT name a folder that "
            "all of them have."
        )


def is_named(root: str) -> bool:
    """Whether a data root was asked for: it is neither the environment's nor the program's own."""
    return root not in (os.environ.get("RUNNER_DATA_ROOT"), "data")


def obtain(file: RootFile, root: Path) -> bytes:
    """Return a file's content from the data root, downloaded to there if it is not there yet.

    Raises:
        RequestError: It can't be read or downloaded, or has another content.
    """
    path = root / file.name
    if not path.exists():
        return _download(file, path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RequestError(f"{path} can't be read ({error}); replace it, or remove it.") from error
    _check(file, content, path)
    return content


def missing_folders(folder: Path) -> list[Path]:
    """Return those of a folder and its parents that don't exist, the innermost first."""
    return [place for place in (folder, *folder.parents) if not place.exists()]


def remove_empty(folders: list[Path]) -> None:
    """Remove the folders that are empty, in the given order."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _download(file: RootFile, path: Path) -> bytes:
    """Fetch a file, say so first on stderr, and keep it only if it is right."""
    check_download(file.title, path.parent)
    print(f"Downloading {file.title} from {file.url} to {path}", file=sys.stderr)
    made = missing_folders(path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return fetch([file.url], path, lambda content, url: _check(file, content, url))
    except OSError as error:
        raise RequestError(_missing(file, path, str(error))) from error
    finally:
        remove_empty(made)


def _check(file: RootFile, content: bytes, source: Path | str) -> None:
    digest = hashlib.sha256(content).hexdigest()
    if digest != file.digest:
        remedy = f"get it from {file.page}" if source == file.url else "replace it, or remove it"
        raise RequestError(
            f"{source} is damaged or not {file.title}'s {file.name}: the SHA-256 of its content "
            f"should be {file.digest} and is {digest}; {remedy}."
        )


def _missing(file: RootFile, path: Path, reason: str) -> str:
    return (
        f"{file.title}'s file {file.name} is not in {path.parent}, and its download from "
        f"{file.url} failed ({reason}): either start again with a network, which downloads it to "
        f"{path}, or get the file from {file.page} on another machine and put it there (or in a "
        "folder that dataset.root or RUNNER_DATA_ROOT names)."
    )
