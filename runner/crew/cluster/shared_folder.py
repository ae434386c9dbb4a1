"""Whether other machines have the command's folder: a file is read there, and answered."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".runner-probe-"  # as of the other files that are made to find out whether they can be


@contextmanager
def question(folder: Path) -> Iterator[Path]:
    """Put a file with a name of its own where a folder is, or is to be.

    Args:
        folder: That of the sweep; it need not be there yet.

    Yields:
        The file. It is gone after the block, and so is the answer.
    """
    absolute = folder.absolute()
    nearest = next(path for path in (absolute, *absolute.parents) if path.is_dir())
    asked = nearest / f"{PREFIX}{uuid.uuid4().hex}"
    asked.write_text(asked.name, "utf-8")
    try:
        yield asked
    finally:
        for path in (asked, answer_to(asked)):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def answer(asked: str) -> bool:
    """Read the question on another machine, and answer it; return whether that was possible."""
    path = Path(asked)
    try:
        answer_to(path).write_text(path.read_text("utf-8"), "utf-8")
    except OSError:
        return False
    return True


def is_answered(asked: Path) -> bool:
    """Return whether the answer has come back, which is the command's to ask."""
    try:
        return answer_to(asked).read_text("utf-8") == asked.name
    except OSError:
        return False


def answer_to(asked: Path) -> Path:
    """Return the file in which a question is answered."""
    return asked.with_name(f"{asked.name}-answer")
