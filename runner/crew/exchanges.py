"""The exchanges of a population: who went on with whose weights, and with which values.

``.runner/exchanges/<number>.json`` in the folder of a sweep is written before it is applied, and
applied to a state as it is read: the state on the disk stays as it was saved. Whoever trains a
group, now or after ten crashes, finds here which values are in force at which epoch.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from runner.atomic_write import write_whole
from runner.config import Config
from runner.engine.exchange import exchanged
from runner.engine.saves import State
from runner.folder_lock import HIDDEN
from runner.kept_records import read_record

FOLDER = f"{HIDDEN}/exchanges"


@dataclass(frozen=True)
class Exchange:
    """What was decided after an epoch.

    Attributes:
        number: Its number, from 0.
        epoch: The epoch after which it was.
        metric: The metric of each member that was training, by job.
        parents: Job to the job whose weights it goes on with; the others keep their own.
        values: What each of these trains with from here on, by job and dotted key.
        buffers: The buffers of the model that hold values of keys, not what it has learnt.
    """

    number: int
    epoch: int
    metric: dict[int, float]
    parents: dict[int, int]
    values: dict[int, dict[str, Any]]
    buffers: list[str] = field(default_factory=list)

    def write(self, sweep: Path) -> None:
        """Write it into the folder of the sweep."""
        write_whole(_path(sweep, self.number), json.dumps(asdict(self)).encode(), durable=True)


def read_exchanges(sweep: Path) -> list[Exchange]:
    """Return the exchanges of a sweep, in order; none where it is no population.

    Raises:
        RequestError: A file of one can't be read.
    """
    found: list[Exchange] = []
    while (path := _path(sweep, len(found))).is_file():
        found.append(read_record(path, _exchange))
    return found


def _exchange(told: dict[str, Any]) -> Exchange:
    for name in ("metric", "parents", "values"):
        told[name] = {int(job): value for job, value in told[name].items()}
    return Exchange(**told)


def stop_after(exchanges: Sequence[Exchange], state: State | None) -> int | None:
    """Return the epoch of the first exchange that a state has not come to; None where none is.

    An older save may be all that a crash has left: it is trained on to each exchange in turn.
    """
    epoch = state["epoch"] if state else 0
    return next((one.epoch for one in exchanges if one.epoch > epoch), None)


def in_force(exchanges: Sequence[Exchange], config: Config, job: int, epoch: int) -> Config:
    """Return a run's config with the values that it trains with after an epoch."""
    for one in exchanges:
        if one.epoch <= epoch:
            config = with_values(config, one.values.get(job, {}))
    return config


def with_values(config: Config, values: Mapping[str, Any]) -> Config:
    """Return a config with other values of components' keys, by their dotted names."""
    for key, value in values.items():
        group, _, name = key.partition(".")
        node = getattr(config, group) | {name: value}
        config = config.model_copy(update={group: node})
    return config


def applied(exchanges: Sequence[Exchange], state: State | None) -> State | None:
    """Return a state with the exchange that was decided where it was saved, if one was."""
    if state is None or state["step_in_epoch"]:
        return state
    here = [one.parents for one in exchanges if one.epoch == state["epoch"]]
    return exchanged(state, here[0]) if here else state


def buffers_of_keys(exchanges: Sequence[Exchange]) -> list[str]:
    """Return the buffers that are as a group was built, not as they were saved."""
    return exchanges[-1].buffers if exchanges else []


def _path(sweep: Path, number: int) -> Path:
    return sweep / FOLDER / f"{number}.json"
