"""Where the program's own files lie: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def conf_folder() -> Path:
    """Return the folder of the program's config groups."""
    return _shipped("conf")


def studies_folders() -> list[Path]:
    """Return the folders of studies that exist: of the current folder first, then the program's."""
    folders = [Path.cwd() / "experiments", _shipped("experiments")]
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]


def _shipped(name: str) -> Path:
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name
