"""A file fetched from its publisher: resumed where a connection breaks, once for all processes."""

import os
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError, URLError

from runner.atomic_write import PART
from runner.errors import RequestError, named
from runner.file_lock import lock, wait_for

TIMEOUT_SECONDS = 30  # without a byte
WAITS = (0.5, 1.0, 2.0)  # seconds before each further try that follows one without a byte
LARGEST = 200_000_000  # bytes; the largest file of any dataset here has a seventh of it
CHUNK = 1 << 16
COMPLETE = 416  # what is asked for begins where the file ends
PASSING = (408, 429)  # of the answers that say that the request is wrong, those that may pass

Check = Callable[[bytes, str], None]


def fetch(urls: Sequence[str], path: Path, check: Check) -> bytes:
    """Fetch a file from the first place that has it, and keep it only if it is right.

    What came of it stays in a file beside it when the program is stopped or gives up, and the next
    start goes on from there. Whoever writes that file has it locked; another process waits, and
    takes what it finds.

    Args:
        urls: Where it is offered.
        path: Where it goes; its folder is there.
        check: Called with the content and the URL; it raises a `RequestError` where it is wrong.

    Returns:
        The content.

    Raises:
        RequestError: As by ``check``: nobody offers the right content.
        OSError: It can't be had, or not be written.
    """
    with _part_of(path) as part:
        if part is None:
            return path.read_bytes()
        content = _from_first(urls, part, check)
        Path(part.name).replace(path)  # while it is locked
        return content


@contextmanager
def _part_of(path: Path) -> Iterator[BinaryIO | None]:
    """Open what has come of a file, for this process alone; None where another has fetched it."""
    name = path.with_name(f".{path.name}{PART}")
    while True:
        with name.open("a+b") as part:
            _wait_for(part, path)
            if path.exists():
                _remove_empty(name)
                yield None
            elif not _is_still(part, name):
                continue
            else:
                try:
                    yield part
                finally:
                    _remove_empty(name)
            return


def _wait_for(part: BinaryIO, path: Path) -> None:
    try:
        lock(part)
    except BlockingIOError:
        print(f"Another process is downloading {path}; waiting for it.", file=sys.stderr)
        wait_for(part)


def _is_still(part: BinaryIO, name: Path) -> bool:
    """Whether a file has the name under which it was opened: it may be gone once it is locked."""
    try:
        return os.path.samestat(os.fstat(part.fileno()), name.stat())
    except FileNotFoundError:
        return False


def _remove_empty(name: Path) -> None:
    if name.exists() and not name.stat().st_size:
        name.unlink()


def _from_first(urls: Sequence[str], part: BinaryIO, check: Check) -> bytes:
    faults: list[Exception] = []
    for url in urls:
        try:
            return _whole(url, part, check)
        except (OSError, HTTPException, RequestError) as error:
            faults.append(error)
    wrong = [fault for fault in faults if isinstance(fault, RequestError)]
    if wrong:
        raise wrong[0]
    size = part.seek(0, os.SEEK_END)
    kept = f"; the {size:,} bytes that came are kept for the next start" if size else ""
    raise OSError("; ".join(dict.fromkeys(map(_words, faults))) + kept)


def _whole(url: str, part: BinaryIO, check: Check) -> bytes:
    """Fetch what is missing of a file, and all of it where what was there before is wrong."""
    was_begun = part.seek(0, os.SEEK_END) > 0
    _fetch_rest(url, part)
    try:
        return _checked(url, part, check)
    except RequestError:
        part.truncate(0)
        if not was_begun:
            raise
    _fetch_rest(url, part)
    try:
        return _checked(url, part, check)
    except RequestError:
        part.truncate(0)
        raise


def _checked(url: str, part: BinaryIO, check: Check) -> bytes:
    part.flush()
    part.seek(0)
    content = part.read()
    check(content, url)
    return content


def _fetch_rest(url: str, part: BinaryIO) -> None:
    """Append what is missing of a file; tries that bring something are not counted.

    Raises:
        OSError: Nobody answers, or several tries brought nothing.
    """
    waits = iter(WAITS)
    while True:
        before = part.seek(0, os.SEEK_END)
        try:
            _append(url, part)
            return
        except (OSError, HTTPException) as error:
            if not _may_pass(error):
                raise
            if part.seek(0, os.SEEK_END) > before:
                waits = iter(WAITS)
                continue
            if (wait := next(waits, None)) is None:
                raise
            time.sleep(wait)


def _may_pass(error: Exception) -> bool:
    """Whether to try again: not where nobody is there, or the file is not."""
    if isinstance(error, HTTPError):
        return error.code >= 500 or error.code in PASSING
    is_absent = isinstance(error, URLError) and not isinstance(error.reason, TimeoutError)
    return not is_absent and not isinstance(error, _TooLargeError)


def _append(url: str, part: BinaryIO) -> None:
    """Ask once for what is missing of a file, and append what comes.

    Raises:
        OSError: It is not all.
    """
    size = part.seek(0, os.SEEK_END)
    request = urllib.request.Request(url, headers={"Range": f"bytes={size}-"} if size else {})
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
    except HTTPError as error:
        error.close()
        if error.code == COMPLETE and size:
            return
        raise
    with answer:
        if size and not _goes_on(answer, size):
            part.truncate(0)
        _copy(answer, part)


def _goes_on(answer: HTTPResponse, size: int) -> bool:
    """Whether an answer begins where the file ends; a server may send all of it again."""
    return answer.status == 206 and answer.headers.get("Content-Range", "").startswith(
        f"bytes {size}-"
    )


def _copy(answer: HTTPResponse, part: BinaryIO) -> None:
    told = answer.headers.get("Content-Length")
    came = 0
    while chunk := answer.read1(CHUNK):
        part.write(chunk)
        came += len(chunk)
        if part.tell() > LARGEST:
            part.truncate(0)
            raise _TooLargeError(f"it is longer than {LARGEST:,} bytes")
    if told is not None and came < int(told):
        raise ConnectionError(f"the connection ended after {came:,} of {int(told):,} bytes")


class _TooLargeError(OSError):
    """What comes is none of the files of a dataset."""


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or named(error)
