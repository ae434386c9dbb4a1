"""What became of a population's members: with which values, and from whom each descends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.config import Config
from runner.crew.exchanges import Exchange, in_force


@dataclass(frozen=True)
class History:
    """The members of a population, from its beginning.

    Attributes:
        keys: Those whose values may change.
        configs: What each member began with, by job.
        exchanges: What was decided, in order; more may be appended.
    """

    keys: Sequence[str]
    configs: Mapping[int, Config]
    exchanges: Sequence[Exchange]

    def values(self, job: int, epoch: int) -> dict[str, Any]:
        """Return the values that a member trains with after an epoch, by key."""
        config = in_force(self.exchanges, self.configs[job], job, epoch)
        return {key: value_of(config, key) for key in self.keys}

    def ancestors(self, job: int, epochs: int) -> list[int]:
        """Return in which member's place the weights of one were in each epoch, the first first."""
        taken = {one.epoch: one.parents for one in self.exchanges}
        found = []
        for epoch in range(epochs, 0, -1):
            found.append(job)
            job = taken.get(epoch - 1, {}).get(job, job)
        return found[::-1]


def value_of(config: Config, key: str) -> Any:
    """Return the value of a component's key."""
    group, _, name = key.partition(".")
    return getattr(config, group)[name]
