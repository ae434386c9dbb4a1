"""Sweeps on the tests' Ray cluster: how they are asked for, and what they are doing."""

from pathlib import Path

from trouble.commands import Started, reached, rows

from runner.crew.watch import read_progress

ON_RAY = "hydra/launcher=ray"
NODE = "hydra.launcher"


def told_workers(**environment: object) -> str:
    """The key that gives Ray's workers an environment; the command's own is not theirs."""
    pairs = ",".join(f"{name}:'{value}'" for name, value in environment.items())
    return f"{NODE}.runtime_env={{env_vars:{{{pairs}}}}}"


def files(folder: Path) -> set[str]:
    """The files of a sweep, but for what is known of its groups and who has the folder."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    hidden = (Path(".runner/groups"), Path(".runner/lock"))
    return {str(path) for path in paths if not any(path.is_relative_to(one) for one in hidden)}


def is_underway(folder: Path, group: str) -> bool:
    """Whether a group of four runs has been saved, and its first run has rows."""
    first = 4 * int(group)
    saved = folder / ".runner" / "groups" / group / "state.pt"
    return saved.is_file() and rows(folder, first) > 0


def await_middle(command: Started, folder: Path, groups: str = "01") -> None:
    """Wait until groups are in the middle of their training."""
    reached(lambda: command.poll() is not None or all(is_underway(folder, g) for g in groups))
    assert command.poll() is None, command.end()


def trainer(folder: Path, group: str) -> int:
    """The process that trains a group."""
    told = read_progress(folder / ".runner" / "groups" / group / "progress.json")
    assert told is not None
    return told.pid
