"""What a folder is: a run, a sweep, a folder of them at any depth, or none of these."""

import re
from collections.abc import Iterator
from pathlib import Path

from runner.results.labels import counted

JOB = re.compile(r"[0-9]{1,9}")
RUN_FILES = ("summary.json", "metrics.csv", ".hydra")


def is_run(folder: Path) -> bool:
    """Whether a folder holds any file of a run."""
    return any((folder / name).exists() for name in RUN_FILES)


def is_sweep(folder: Path) -> bool:
    """Whether a folder holds numbered runs, or says that it was to hold some."""
    return (folder / "multirun.yaml").exists() or any(map(is_run, job_folders(folder)))


def is_job(folder: Path) -> bool:
    """Whether a folder has a number for its name, as the runs of a sweep have."""
    return bool(JOB.fullmatch(folder.name))


def job_folders(folder: Path) -> list[Path]:
    """The numbered folders in the folder of a sweep, in order of their numbers; no links."""
    numbered = [
        path
        for path in folder.iterdir()
        if is_job(path) and path.is_dir() and not path.is_symlink()
    ]
    return sorted(numbered, key=lambda path: int(path.name))


def runs_and_sweeps(folder: Path) -> Iterator[Path]:
    """The folders of sweeps, and of runs on their own; neither is looked into.

    Args:
        folder: Where to look; hidden folders and links are left out.
    """
    left = [folder]
    while left:  # a stack of calls would not be deep enough for any tree
        for path in left.pop().iterdir():
            if path.is_symlink() or not path.is_dir() or path.name.startswith("."):
                continue
            if is_sweep(path) or is_run(path):
                yield path
            else:
                left.append(path)


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
