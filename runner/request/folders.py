"""Where a request's files will go, checked before anything is written there."""

import os
from pathlib import Path

from omegaconf import DictConfig

from runner.errors import RequestError

USED = (".hydra", "metrics.csv", "summary.json", "multirun.yaml", "sweep.csv")


def folder_of(hydra: DictConfig, *, is_sweep: bool) -> tuple[str, Path]:
    """Return the key that names the folder of a request, and the folder.

    Args:
        hydra: Hydra's part of the config.
        is_sweep: Whether the request is a sweep.
    """
    mode = "sweep" if is_sweep else "run"
    return f"hydra.{mode}.dir", Path(str(hydra[mode].dir))


def check_folder(key: str, folder: Path) -> None:
    """Refuse a folder that holds results already, or that can't be written.

    Two runs in one folder would make one table of both.

    Raises:
        RequestError: The sentence names the key and the folder.
    """
    if any((folder / name).exists() for name in USED):
        raise RequestError(f"{key}={folder} holds results already; name another folder.")
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise RequestError(f"{key}={folder} can't be made: {nearest} is a file.")
    if not os.access(nearest, os.W_OK):
        raise RequestError(f"{key}={folder} can't be made: {nearest} is not writable.")
