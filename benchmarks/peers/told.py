"""What a peer is asked for, and what it tells of its work."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

BATCH = {"digits": 32}
USUAL_BATCH = 256
RATE = 0.1


@dataclass(frozen=True)
class Asked:
    """What a peer is asked to do.

    Attributes:
        workload: The network, on Fashion-MNIST; ``digits`` is an MLP on digits.
        epochs: Passes over the training set.
        seed: For weights and order.
        data: Fashion-MNIST's folder as torchvision has it, or a file ``.npz`` of arrays.
        quiet: Whether what a library shows and keeps by default is off.
    """

    workload: str
    epochs: int = 1
    seed: int = 0
    data: Path = Path("data")
    quiet: bool = False

    @classmethod
    def parse(cls, workload: str, words: Sequence[str]) -> "Asked":
        """Read ``key=value``, as it is typed."""
        kinds = {"epochs": int, "seed": int, "data": Path, "quiet": "true".__eq__}
        pairs = [word.split("=", 1) for word in words]
        return cls(workload, **{key: kinds[key](value) for key, value in pairs})

    @property
    def batch(self) -> int:
        """How many examples a step has."""
        return BATCH.get(self.workload, USUAL_BATCH)


class Clock:
    """Times the parts of a process's work, one after the other."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self.since = time.perf_counter()

    def end(self, part: str) -> float:
        """End a part, and return its seconds; what comes next begins now."""
        now = time.perf_counter()
        taken, self.since = now - self.since, now
        self.parts[part] = self.parts.get(part, 0.0) + taken
        return taken


@dataclass(frozen=True)
class Told:
    """What a peer tells.

    Attributes:
        quality: What came of the training: a test accuracy, or what the workload names.
        parameters: How many numbers were trained.
        steps: How many steps were taken.
        packages: What its versions are told of.
        epochs: The seconds of each epoch's training.
        parts: Where the process's seconds went.
        seconds: Of the whole process; who started it knows.
        versions: Of its packages.
    """

    quality: float
    parameters: int
    steps: int
    packages: Sequence[str] = ()
    epochs: Sequence[float] = ()
    parts: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    versions: Mapping[str, str] = field(default_factory=dict)

    def line(self, clock: Clock) -> str:
        """Return what was told, with the clock's parts, as a line of JSON."""
        from benchmarks.rows import versions_of

        versions = versions_of(self.packages)
        return json.dumps(asdict(replace(self, parts=clock.parts, versions=versions)))

    @classmethod
    def read(cls, said: str, seconds: float) -> "Told":
        """Read the last line that a peer said; what no part has is ``other``.

        Args:
            said: All of it.
            seconds: What the whole process took.
        """
        told = cls(**json.loads(said.strip().splitlines()[-1]))
        other = max(0.0, seconds - sum(told.parts.values()))
        return replace(told, seconds=seconds, parts={**told.parts, "other": other})
