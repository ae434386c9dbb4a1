"""What a sweep's folder says of the whole: written when its plan is complete."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from runner.atomic_write import write_whole
from runner.errors import RequestError
from runner.folder_lock import HIDDEN
from runner.guarded_files import read_bytes


@dataclass(frozen=True)
class SweepFile:
    """What holds for all groups of a sweep, or for the one of a run on its own.

    Attributes:
        is_sweep: Whether it is a sweep.
        expect: How each run is meant to end, by job.
        seconds: What training is predicted to take, by group, roughly.
        workers: How many processes train, or ``"auto"``.
        timeout_min: Minutes without a step after which a group is taken for hung; None for none.
        origin: What the results come from; see `runner.crew.origin`.
        cluster: The cluster that trains, and how; None for this machine. See
            `runner.crew.cluster.settings`.
    """

    is_sweep: bool
    expect: list[str]
    seconds: list[float]
    workers: int | str
    timeout_min: float | None
    origin: dict[str, dict[str, str]]
    cluster: dict[str, Any] | None = None

    def write(self, folder: Path) -> None:
        """Write it: the plan of the sweep is complete."""
        text = json.dumps(asdict(self), ensure_ascii=False)
        write_whole(folder / HIDDEN / "sweep.json", text.encode(), durable=True)


def read_sweep_file(folder: Path) -> SweepFile:
    """Read what a sweep's folder, or a run's, says of the whole.

    Raises:
        RequestError: There is none: it is no such folder, or an older one, or its command ended
            before its plan was complete.
    """
    path = folder / HIDDEN / "sweep.json"
    try:
        return SweepFile(**json.loads(read_bytes(path)))
    except FileNotFoundError as error:
        raise RequestError(_why_none(folder)) from error
    except (ValueError, TypeError, OSError, RecursionError) as error:
        raise RequestError(f"'{path}' can't be read: {error}.") from error


def _why_none(folder: Path) -> str:
    if not folder.is_dir():
        return f"There is no folder '{folder}'."
    if (folder / HIDDEN).is_dir():
        return f"Nothing was trained in '{folder}': its command ended before its plan was complete."
    if (folder.parent / HIDDEN / "sweep.json").is_file():
        return f"'{folder}' is a run of a sweep; give the sweep, '{folder.parent}'."
    return (
        f"'{folder}' can't be resumed: it is neither a run nor a sweep, or one from before runs "
        f"could be."
    )
