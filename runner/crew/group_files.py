"""The groups of a sweep as files: whoever has the folder and a group's name can train it.

``.runner/groups/<name>/`` in the folder of a sweep, or of a run on its own, holds of each group:

- ``plan.json``: its runs with their checked configs, its threads, and why they train together;
- ``state.pt`` and ``state.previous.pt``: its last two saves, see `runner.engine.saves`;
- ``progress.json``: how far it is, see `runner.crew.watch`;
- ``output.log``: what was printed while it trained;
- ``death.json``: what ended it before its time;
- ``split.json``: the names of the parts that took its place;
- ``rung.json``: the epoch after which it is to pause, where a search decides who goes on;
- ``paused.json``: the epoch after which it paused;
- ``done.json``: the signatures of its runs. There is nothing left to do.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from runner.atomic_write import write_whole
from runner.columns import UNFINISHED
from runner.crew.planned import PlannedGroup, PlannedRun, read_plan
from runner.engine.saves import NAMES as SAVES
from runner.file_lock import wait_for
from runner.folder_lock import HIDDEN
from runner.guarded_files import MOST_OF_A_LIST, read_bytes

WHOLE = re.compile(r"[0-9]{1,9}")
PART = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})+")


@dataclass(frozen=True)
class Death:
    """What ended a group before its time.

    Attributes:
        kind: ``exception``, ``memory``, ``unlike`` (its models can't be stacked), ``disk``,
            ``exit`` (its process ended), ``signal``, ``killed`` (its process or its machine was
            lost), ``cancelled``, ``machine`` (it can't be trained there: another version, other
            data) or ``timeout``.
        reason: One sentence for the tables.
        details: The traceback, for the log.
    """

    kind: str
    reason: str
    details: str = ""


class GroupFiles:
    """The files of one group.

    Args:
        sweep: The folder of the sweep, or of the run on its own.
        name: ``"3"`` for the fourth group of the plan, ``"3.0"`` for its first part.
    """

    def __init__(self, sweep: Path, name: str) -> None:
        self.sweep, self.name = sweep, name
        self.folder = sweep / HIDDEN / "groups" / name

    @cached_property
    def plan(self) -> PlannedGroup:
        """The group as it was planned.

        Raises:
            RequestError: It is no plan, or one that leads out of the folder of its sweep.
        """
        return read_plan(self.folder / "plan.json")

    def write(self, plan: PlannedGroup) -> None:
        """Write the plan of the group; what is known of it from before is forgotten."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # Not by asdict(), which copies every value of every config.
        own = {one.name: getattr(plan, one.name) for one in fields(plan)}
        self._write("plan.json", own | {"runs": [vars(run) for run in plan.runs]})
        self.__dict__.pop("plan", None)

    def run_folder(self, run: PlannedRun) -> Path:
        """Return the folder of one of its runs."""
        return self.sweep / run.folder

    def folders(self) -> Iterator[Path]:
        """Yield its own folder, and all those of its runs that anything is written to."""
        yield self.folder
        for run in self.plan.runs:
            folder = self.run_folder(run)
            yield from (folder / name for name in ("", ".hydra", "checkpoints", "plots"))

    def summary(self, run: PlannedRun) -> dict[str, Any]:
        """Return what a run's summary says; nothing where it has none."""
        return _read(self.run_folder(run) / "summary.json")

    def status(self, run: PlannedRun) -> str | None:
        """Return how a run ended; None where it has not, or was asked for more since."""
        summary = self.summary(run)
        if summary.get("signature") != run.signature:
            return None
        status = summary["status"]
        return None if status in UNFINISHED else str(status)

    def unfinished(self) -> list[int]:
        """Return the jobs of the runs that have not ended."""
        return [run.job for run in self.plan.runs if self.status(run) is None]

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        done = _read(self.folder / "done.json").get("signatures")
        return done is not None and done == [run.signature for run in self.plan.runs]

    def finish(self) -> None:
        """Say that all its runs have ended."""
        self._write("done.json", {"signatures": [run.signature for run in self.plan.runs]})

    def climb(self, until: int | None, *, alone: bool = False) -> None:
        """Say how far it is to go; where that was said already, it stays as it was.

        Args:
            until: The epoch after which it is to pause; None for not at all.
            alone: Whether its only run that is left is computed alone from here on, no longer as
                one of a stack: in half the time where a step is short, with other last bits.
        """
        if _read(self.folder / "rung.json").get("until", 0) != until:
            self._write("rung.json", {"until": until, "alone": alone})

    @property
    def until(self) -> int | None:
        """The epoch after which it is to pause; None for not at all."""
        until: int | None = _read(self.folder / "rung.json").get("until")
        return until

    @property
    def is_alone(self) -> bool:
        """Whether its only run that is left is computed alone; see `climb`."""
        return bool(_read(self.folder / "rung.json").get("alone", False))

    def pause(self, seconds: float) -> None:
        """Say that its runs are trained to where it is to pause, but for those that have ended.

        Args:
            seconds: How long it has trained, in all.
        """
        self._write("paused.json", {"after": self.until, "seconds": seconds})

    @property
    def seconds(self) -> float:
        """How long it had trained when it paused last; 0 before."""
        return float(_read(self.folder / "paused.json").get("seconds", 0.0))

    @property
    def rests(self) -> bool:
        """Whether nothing is left to do, or nothing before somebody says how far it is to go on."""
        until = self.until
        paused = until is not None and _read(self.folder / "paused.json").get("after") == until
        return paused or self.is_done

    def reopen(self) -> None:
        """Take back that it is done."""
        (self.folder / "done.json").unlink(missing_ok=True)

    def split(self, parts: Sequence[PlannedGroup]) -> list[str]:
        """Put parts into the group's place, and return their names."""
        names = [f"{self.name}.{number}" for number in range(len(parts))]
        for name, part in zip(names, parts, strict=True):
            files = GroupFiles(self.sweep, name)
            files.write(part)
            files.climb(self.until, alone=self.is_alone)
        self._write("split.json", {"into": names})  # last: from now on the parts count
        return names

    def parts(self) -> "list[GroupFiles]":
        """Return the parts that took its place; none where it was not split."""
        into = _read(self.folder / "split.json").get("into", [])
        names = [name for name in into if isinstance(name, str) and PART.fullmatch(name)]
        return [GroupFiles(self.sweep, name) for name in names if name.startswith(f"{self.name}.")]

    def save_folders(self) -> Iterator[Path]:
        """Yield where saves of it may lie: its own, then those of what it was a part of."""
        name = self.name
        while name:
            yield self.folder.with_name(name)
            name = name.rpartition(".")[0]

    @property
    def has_save(self) -> bool:
        """Whether it can go on from where it, or what it was a part of, was saved."""
        return any((folder / name).is_file() for folder in self.save_folders() for name in SAVES)

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Wait until nobody else trains the group: a worker may outlive its command by a step."""
        with (self.folder / "owner").open("wb") as file:
            wait_for(file)
            yield

    @property
    def progress(self) -> Path:
        """The file that tells how far it is; see `runner.crew.watch`."""
        return self.folder / "progress.json"

    def die(self, death: Death) -> None:
        """Write down what ended it."""
        self._write("death.json", asdict(death))

    def death(self) -> Death | None:
        """Return what ended it, as it was able to write down, and forget it."""
        found = _read(self.folder / "death.json")
        (self.folder / "death.json").unlink(missing_ok=True)
        return Death(**found) if found else None

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, ensure_ascii=False)
        write_whole(self.folder / name, text.encode(), durable=True, within=self.folder)


def all_groups(sweep: Path) -> list[GroupFiles]:
    """Return a sweep's groups in the order of its plan, parts in the place of what was split."""
    names = [
        path.name for path in (sweep / HIDDEN / "groups").glob("*") if WHOLE.fullmatch(path.name)
    ]
    planned = [GroupFiles(sweep, name) for name in sorted(names, key=int)]
    return [leaf for files in planned for leaf in leaves(files)]


def leaves(files: GroupFiles) -> list[GroupFiles]:
    """Return a group, or the parts that train in its place."""
    return [leaf for part in files.parts() for leaf in leaves(part)] or [files]


def _read(path: Path) -> dict[str, Any]:
    """Return what a JSON file says; nothing where there is none, or none that is whole."""
    try:
        found = json.loads(read_bytes(path, MOST_OF_A_LIST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
