"""What a search has done so far, on disk: its rounds, each with its points and its cuts."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from runner.atomic_write import write_whole
from runner.folder_lock import HIDDEN
from runner.kept_records import read_record

FOLDER = f"{HIDDEN}/search"


@dataclass
class Cut:
    """Which points of a round were let go at a rung.

    Attributes:
        until: The epoch of the rung.
        values: The metric of the points that were in the race; None of those that diverged.
        pruned: Those that are out of it: let go, unless they ended by themselves.
    """

    until: int
    values: dict[int, float | None]
    pruned: list[int]


@dataclass
class Round:
    """One round: written before its points are trained, and again after each step of it.

    Attributes:
        number: Its number, from 0.
        first: The number of its first point in the study.
        first_job: The job of the first of its runs.
        first_group: The number of the first of its groups.
        points: The values of each point, by key, as they are typed.
        journal: How many entries the journal has once they were asked for.
        jobs: The runs of each point.
        groups: The groups that they are trained in; none until these are set out.
        cuts: What was let go, by rung.
        let_go: How many it has once those are told that are out of the race; None before.
        told: How many it has once all is told; None before.
        seconds: How long the search had taken by then.
        asking: How many of these seconds it took to ask for the points.
    """

    number: int
    first: int
    first_job: int
    first_group: int
    points: list[dict[str, str]]
    journal: int
    jobs: list[list[int]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    let_go: int | None = None
    told: int | None = None
    seconds: float = 0.0
    asking: float = 0.0

    @property
    def trials(self) -> range:
        """The numbers of its points in the study."""
        return range(self.first, self.first + len(self.points))

    def cut_at(self, until: int) -> Cut | None:
        """Return what was let go at a rung; None where that is not decided."""
        return next((cut for cut in self.cuts if cut.until == until), None)

    @property
    def pruned(self) -> dict[int, Cut]:
        """The points that are out of the race, each with the cut that it fell to."""
        return {number: cut for cut in self.cuts for number in cut.pruned}

    @property
    def out(self) -> set[int]:
        """The points that have nothing left to train: let go, or without a value at a rung."""
        return {
            number
            for cut in self.cuts
            for number, value in cut.values.items()
            if value is None or number in cut.pruned
        }

    @property
    def going(self) -> dict[int, tuple[int, float]]:
        """The points that are trained to the end, with the last rung and their value there."""
        if not self.cuts:
            return {}
        until, values = self.cuts[-1].until, self.cuts[-1].values
        seen = {n: value for n, value in values.items() if value is not None and n not in self.out}
        return {n: (until, value) for n, value in seen.items()}

    def write(self, folder: Path) -> None:
        """Write it into the folder of the search."""
        text = json.dumps(asdict(self))
        write_whole(_path(folder, self.number), text.encode(), durable=True)


def read_rounds(folder: Path) -> list[Round]:
    """Return the rounds of a search, in order.

    Raises:
        RequestError: A file of one can't be read.
    """
    rounds: list[Round] = []
    while (path := _path(folder, len(rounds))).is_file():
        rounds.append(read_record(path, _round))
    return rounds


def _round(found: dict[str, Any]) -> Round:
    cuts = [Cut(**cut | {"values": _numbered(cut["values"])}) for cut in found.pop("cuts")]
    return Round(**found, cuts=cuts)


def _numbered(values: dict[str, float | None]) -> dict[int, float | None]:
    return {int(number): value for number, value in values.items()}


def _path(folder: Path, number: int) -> Path:
    return folder / FOLDER / f"round-{number}.json"
