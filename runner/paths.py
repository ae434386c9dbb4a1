"""Where the program's own files lie, beside the package or inside a wheel, and a person's own."""

import os
from pathlib import Path

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


def _shipped(name: str) -> Path:
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name
