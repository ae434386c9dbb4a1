"""Components of one's own: the Python files of a folder, imported and kept on record.

The folder is ``./components`` where one stands, or the one that ``--components`` names. Its files
are imported as modules of a package ``components``, so that one may import another. What does not
register anything is not imported of itself: other projects have folders of this name too.
"""

import hashlib
import os
import shutil
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

from runner.errors import ANYONES, RequestError, named
from runner.folder_lock import HIDDEN
from runner.paths import COMPONENTS, components_folder, given_folder, nearby

PACKAGE = "components"
MARK = "register("
FLAG = "--components"

_checksums: dict[str, str] = {}  # of what was imported, at that moment


def import_components(folder: Path) -> None:
    """Import the files of a folder that register components.

    Raises:
        RequestError: One of them can't be imported; the sentence names the file and the line.
    """
    package = ModuleType(PACKAGE)
    package.__path__ = [str(folder)]
    sys.modules[PACKAGE] = package
    _checksums.clear()
    _checksums.update(checksums(folder))
    for path in component_files(folder):
        try:
            import_module(f"{PACKAGE}.{path.stem}")
        except ANYONES as error:
            place = f"{_place(error)}," if _place(error) else nearby(path)
            raise RequestError(f"{place} can't be imported: {_words(error)}.") from error


@contextmanager
def imported_from(folder: Path) -> Iterator[None]:
    """Import the files of a folder instead of those that were imported, for a while."""
    before, known = _take_modules(), dict(_checksums)
    try:
        import_components(folder)
        yield
    finally:
        _take_modules()
        sys.modules.update(before)
        _checksums.clear()
        _checksums.update(known)


def imported_checksums() -> dict[str, str]:
    """Return the checksums of the files as they were imported; see `checksums`."""
    return dict(_checksums)


def _take_modules() -> dict[str, ModuleType]:
    """Take the modules of the package out of those that Python knows."""
    names = [name for name in sys.modules if name.partition(".")[0] == PACKAGE]
    return {name: sys.modules.pop(name) for name in names}


def component_files(folder: Path) -> list[Path]:
    """Return the files of a folder that register components, by name."""
    files = [path for path in sorted(folder.glob("*.py")) if not path.stem.startswith("test_")]
    return [path for path in files if MARK in path.read_text("utf-8", errors="replace")]


def is_own(component: type) -> bool:
    """Whether a component comes from the folder."""
    return component.__module__.partition(".")[0] == PACKAGE


def checksums(folder: Path) -> dict[str, str]:
    """Return a checksum of each Python file of a folder, those that others import included.

    Returns:
        ``components/my_net.py`` to sixteen hexadecimal digits.
    """
    return {
        f"{PACKAGE}/{path.name}": hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
        for path in sorted(folder.glob("*.py"))
    }


def copy_in(folder: Path) -> Path:
    """Return where a run or a sweep keeps its copy of the components."""
    return folder.absolute() / HIDDEN / PACKAGE


def keep_components(target: Path) -> None:
    """Copy the folder's Python files and configs: the record of what runs use, for ever the same.

    Args:
        target: Where they go; what is there is replaced.
    """
    folder = components_folder()
    if folder is None or folder == target:
        return
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in sorted(folder.glob("*.py")):
        shutil.copy(path, target)
    if (conf := folder / "conf").is_dir():
        shutil.copytree(conf, target / "conf")


def take_flag(argv: Sequence[str]) -> list[str]:
    """Take ``--components DIR`` from a command line, and let the folder be the one that is used.

    Returns:
        The other words.

    Raises:
        RequestError: There is no such folder.
    """
    words, rest = iter(argv), []
    for word in words:
        flag, is_joined, value = word.partition("=")
        if flag != FLAG:
            rest.append(word)
            continue
        given = value if is_joined else next(words, "")
        folder = given_folder(given)
        if not given or not folder.is_dir():
            raise RequestError(f"{FLAG} needs a folder that exists, not '{given}'.")
        os.environ[COMPONENTS] = str(folder.absolute())
    return rest


def loaded_sentence() -> str | None:
    """Return what is said at the start where components are loaded; None where there are none."""
    folder = components_folder()
    if folder is None or not (files := component_files(folder)):
        return None
    named = ", ".join(path.name for path in files)
    return f"Components of your own, from {nearby(folder)}: {named}."


def blamed(error: BaseException) -> str:
    """Return an error in words, with the file and line of one's own that it arose in, if any."""
    place = _place(error)
    return f"{_words(error)} ({place})" if place else named(error)


def _words(error: BaseException) -> str:
    # In words of its own a syntax error has its place at the end.
    return f"SyntaxError: {error.msg}" if isinstance(error, SyntaxError) else named(error)


def _place(error: BaseException) -> str | None:
    """The file of one's own, and the line, at which an error arose; None where it did elsewhere."""
    frames = traceback.extract_tb(error.__traceback__)
    passed = [(frame.filename, frame.lineno) for frame in frames]
    if isinstance(error, SyntaxError) and error.filename is not None:
        passed.append((error.filename, error.lineno))
    folders = getattr(sys.modules.get(PACKAGE), "__path__", [])
    own = [
        f"{nearby(Path(name))}, line {line}"
        for name, line in passed
        if any(Path(name).is_relative_to(folder) for folder in folders)
    ]
    return own[-1] if own else None
