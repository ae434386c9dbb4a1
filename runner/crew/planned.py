"""The plan of a group: its runs with their checked configs, and what a plan may say."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from runner.config import Config, keys_of_another_version
from runner.errors import RequestError, named
from runner.guarded_files import MOST_OF_A_TABLE, GuardedError, read_bytes

FOLDER = re.compile(r"\.|[0-9]{1,9}")
OF_A_REQUEST = {"config.yaml", "overrides.yaml", "hydra.yaml"}
NO_PLAN = (AttributeError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True)
class PlannedRun:
    """One run of a group, with all that its files say before it begins.

    Attributes:
        job: Its number in the sweep; 0 for a run on its own.
        folder: Its folder, from the sweep's.
        signature: That of its config: what is asked for now, not what its files may be from.
        config: Its checked config, as plain values.
        overrides: What was asked for, as it is typed.
        replaced: The defaults that it does not have, by dotted name.
        request: The files of ``.hydra/``, name to text.
    """

    job: int
    folder: str
    signature: str
    config: dict[str, Any]
    overrides: list[str]
    replaced: dict[str, Any]
    request: dict[str, str]


@dataclass(frozen=True)
class PlannedGroup:
    """Runs that train together, as their plan was made.

    Attributes:
        runs: In the order of their slots.
        threads: CPU threads of an operation.
        why: How their number came about, for the log.
        stacked: Whether they are computed as a stack, though only one may be left of it.
        shared: Whether all see the examples in one order.
        draws: Whether each run gets its plots.
        predicts: Whether each run keeps its predictions.
        provenance: What the command that planned it has on record of itself; see
            `runner.crew.provenance`.
    """

    runs: tuple[PlannedRun, ...]
    threads: int
    why: str
    stacked: bool
    shared: bool
    draws: bool
    predicts: bool = False
    provenance: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def configs(self) -> dict[int, Config]:
        """The runs' configs by job.

        Raises:
            RequestError: They are of a version that had other keys.
        """
        try:
            configs = {run.job: Config.model_validate(run.config) for run in self.runs}
        except ValidationError as error:
            raise _of_another_version(str(fault["loc"][0]) for fault in error.errors()) from error
        if keys := [key for config in configs.values() for key in keys_of_another_version(config)]:
            raise _of_another_version(keys)
        return configs

    def part(self, jobs: Sequence[int]) -> "PlannedGroup":
        """Return the same of some of its runs: they are computed as before."""
        wanted = {*jobs}
        return replace(self, runs=tuple(run for run in self.runs if run.job in wanted))


def _of_another_version(keys: Iterable[str]) -> RequestError:
    return RequestError(
        "Its plan was made by another version, which had not the same keys "
        f"({', '.join(dict.fromkeys(keys))}): it can't go on, but its command can be given again."
    )


def read_plan(path: Path) -> PlannedGroup:
    """Read a plan, which may be another's.

    Raises:
        RequestError: It is none, or one that leads out of the folder of its sweep.
        OSError: There is none, or it can't be read.
    """
    try:
        found = json.loads(read_bytes(path, MOST_OF_A_TABLE))
        runs = tuple(PlannedRun(**run) for run in found.pop("runs"))
        plan = PlannedGroup(runs, **found)
        _check_kinds(runs)
        inside = all(map(_stays_inside, runs))
    except (GuardedError, *NO_PLAN) as error:
        raise RequestError(f"'{path}' can't be read: {named(error)}.") from error
    if not inside:
        raise RequestError(f"'{path}' names a folder or a file that is none of a run's.")
    return plan


def _check_kinds(runs: Sequence[PlannedRun]) -> None:
    for run in runs:
        kinds = [(run.job, int), (run.folder, str), (run.config, dict), (run.request, dict)]
        if not all(isinstance(value, kind) for value, kind in kinds):
            raise TypeError("a run in it has values of another kind")


def _stays_inside(run: PlannedRun) -> bool:
    """Whether a run's folder is one of its sweep, and its files those of a request."""
    return bool(FOLDER.fullmatch(run.folder)) and set(run.request) <= OF_A_REQUEST
