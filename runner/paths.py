"""Where the program's own files lie, beside the package or inside a wheel, and a person's own."""

import errno
import os
from pathlib import Path

from runner.errors import RequestError

PACKAGE = Path(__file__).resolve().parent
COMPONENTS = "RUNNER_COMPONENTS"
"""The environment variable that names a folder of components; worker processes inherit it."""


def conf_folder() -> Path:
    """Return the folder of the program's config groups."""
    return _shipped("conf")


def studies_folders() -> list[Path]:
    """Return the folders of studies that exist: of the current folder first, then the program's."""
    folders = [Path.cwd() / "experiments", _shipped("experiments")]
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]


def components_folder() -> Path | None:
    """Return the folder of components of one's own: the one that was named, else ``./components``.

    Returns:
        An absolute path; None where there is no such folder.
    """
    folder = Path(os.environ.get(COMPONENTS) or "components").absolute()
    return folder if folder.is_dir() else None


def component_conf_folders() -> list[tuple[str, Path]]:
    """Return the ``conf/`` of one's own components, and of installed packages that add some.

    Returns:
        Each with the name of its entry point, ``components`` for one's own; a package is found
        without importing it.
    """
    from importlib.metadata import entry_points  # late: it takes as long as a short command
    from importlib.util import find_spec

    own = components_folder()
    folders = [("components", own / "conf")] if own and (own / "conf").is_dir() else []
    for entry_point in entry_points(group="runner.components"):
        spec = find_spec(entry_point.value.partition(":")[0].partition(".")[0])
        for location in (spec.submodule_search_locations or []) if spec else []:
            if (conf := Path(location) / "conf").is_dir():
                folders.append((entry_point.name, conf))
    return folders


def given_folder(text: str) -> Path:
    """Return the folder that a person named, whether or not there is one.

    Raises:
        RequestError: The name is longer than the file system takes.
    """
    try:
        Path(text).lstat()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise RequestError(f"'{text}' is too long for the name of a folder.") from None
    return Path(text)


def nearby(path: Path) -> str:
    """Return a path as a person types it from where one stands."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _shipped(name: str) -> Path:
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name
