"""What a folder is: a run, a sweep, a folder of them at any depth, or none of these."""

from collections.abc import Iterator
from pathlib import Path

from runner.results.labels import counted

RUN_FILES = ("summary.json", "metrics.csv", ".hydra")


def is_run(folder: Path) -> bool:
    """Whether a folder holds any file of a run."""
    return any((folder / name).exists() for name in RUN_FILES)


def is_sweep(folder: Path) -> bool:
    """Whether a folder holds numbered runs, or says that it was to hold some."""
    return (folder / "multirun.yaml").exists() or any(map(is_run, job_folders(folder)))


def job_folders(folder: Path) -> list[Path]:
    """The numbered folders in the folder of a sweep, in order of their numbers."""
    numbered = [path for path in folder.iterdir() if path.name.isdigit() and path.is_dir()]
    return sorted(numbered, key=lambda path: int(path.name))


def runs_and_sweeps(folder: Path) -> Iterator[Path]:
    """The folders of sweeps, and of runs on their own; neither is looked into.

    Args:
        folder: Where to look; hidden folders and links are left out.
    """
    for path in folder.iterdir():
        if path.is_symlink() or not path.is_dir() or path.name.startswith("."):
            continue
        if is_sweep(path) or is_run(path):
            yield path
        else:
            yield from runs_and_sweeps(path)


def why_none(path: Path) -> str:
    """What to say of a place that is neither a run nor a sweep: what it is, and what to name.

    Args:
        path: What was named instead: a file, a folder, or nothing that there is.

    Returns:
        One sentence.
    """
    if path.is_file():
        return _of_file(path)
    if not path.is_dir():
        return f"There is no folder '{path}'."
    found = sorted(runs_and_sweeps(path))
    if not found:
        return (
            f"'{path}' is neither a run (summary.json, metrics.csv) nor a sweep "
            "(numbered runs, multirun.yaml), nor a folder that holds any."
        )
    sweeps = [place for place in found if is_sweep(place)]
    # Folders are named by their time: the last is the newest.
    example = (sweeps or found)[-1]
    held = counted(len(sweeps), "sweep") if sweeps else counted(len(found), "run")
    alone = "" if sweeps else " and no sweep"
    return f"'{path}' holds {held}{alone}; name one of them, such as '{example}'."


def _of_file(path: Path) -> str:
    parent = path.parent
    if is_sweep(parent) or is_run(parent):
        kind = "sweep" if is_sweep(parent) else "run"
        return f"'{path}' is a file; give the folder of its {kind}, '{parent}'."
    return f"'{path}' is a file; give the folder of a run or of a sweep."
