"""Peers in processes of their own, and the rows that are made of what they tell."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path

from benchmarks.peers.told import Told
from benchmarks.rows import Row
from benchmarks.timing import command, ratios, spread

Work = Callable[[int], Told]


@dataclass(frozen=True)
class Peer:
    """An implementation beside ours.

    Attributes:
        name: As the page calls it.
        module: In `benchmarks/peers`.
        packages: What it imports.
        words: More that it is asked for.
        aim: How many times ours it should take, in words.
    """

    name: str
    module: str
    packages: tuple[str, ...] = ("torch",)
    words: tuple[str, ...] = ()
    aim: str = ""

    def missing(self) -> str:
        """Return why it can't run here, or nothing."""
        gone = [name for name in self.packages if find_spec(name) is None]
        return f"{' and '.join(gone)} not installed" if gone else ""

    def run(self, workload: str, words: Sequence[object], folder: Path) -> Told:
        """Let it work in a process of its own."""
        line = ("-m", "benchmarks.peers", self.module, workload, *words, *self.words)
        taken, said = command(line, folder)
        return Told.read(said, taken)


@dataclass(frozen=True)
class Comparison:
    """How the rows of one workload are made of what implementations told.

    Attributes:
        workload: As the page calls it.
        quality: What came of the work.
        tolerance: How far a peer's may be from ours; farther away it did not do the same.
        seconds: What is compared.
    """

    workload: str
    quality: str
    tolerance: float
    seconds: Callable[[Told], float] = attrgetter("seconds")

    def our_row(self, told: Sequence[Told], parts: Mapping[str, float] | None = None) -> Row:
        """Return the row of ours; its parts may come from a run of their own."""
        taken = spread([self.seconds(one) for one in told])
        rest = {name: part for name, part in (parts or {}).items() if name != "other"}
        other = max(0.0, taken.median - sum(rest.values()))
        return Row(
            workload=self.workload,
            seconds=taken,
            parts={**rest, "other": other} if parts else {},
            quality=(self.quality, _median(told, "quality")),
        )

    def row(self, peer: Peer, told: Sequence[Told], ours: Sequence[Told]) -> Row:
        """Return the row of a peer: its figure, or why there is none."""
        row = Row(workload=self.workload, implementation=peer.name, aim=peer.aim)
        if why := peer.missing():
            return replace(row, missing=why)
        row = replace(row, versions=told[0].versions)
        if why := fault(told, ours, self.tolerance):
            return replace(row, missing=why)
        theirs = [self.seconds(one) for one in told]
        return replace(
            row,
            seconds=spread(theirs),
            ratio=ratios(theirs, [self.seconds(one) for one in ours]),
            parts=_parts(told),
            quality=(self.quality, _median(told, "quality")),
        )


def fault(peer: Sequence[Told], ours: Sequence[Told], tolerance: float) -> str:
    """Return why a peer does not do the same work as ours, or nothing.

    Args:
        peer: What it told, round by round.
        ours: What ours told of the same work; 0 parameters or steps are not known.
        tolerance: How far apart the medians of their qualities may be.
    """
    for what in ("parameters", "steps"):
        their, our = getattr(peer[0], what), getattr(ours[0], what)
        if our and their and their != our:
            return f"{their:,} {what} where ours has {our:,}: another task"
    their, our = _median(peer, "quality"), _median(ours, "quality")
    if not abs(their - our) <= tolerance:  # so that nan is a fault too
        return f"reached {their:.4g} where ours has {our:.4g}: another result"
    return ""


def _median(told: Sequence[Told], name: str) -> float:
    return statistics.median(getattr(one, name) for one in told)


def _parts(told: Sequence[Told]) -> dict[str, float]:
    names = dict.fromkeys(name for one in told for name in one.parts)
    return {name: statistics.median(one.parts.get(name, 0.0) for one in told) for name in names}
