"""Points for a person: a table that is neither cut nor broken where a terminal is narrow."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from runner.results.labels import last_parts
from runner.sweep.console import width_of

INDENT = "  "


class Point(NamedTuple):
    """A point of a sweep, a search or a population.

    Attributes:
        values: Its values by key, without those that it lacks.
        told: What is told of it.
        name: What it is called, such as its number; often nothing.
    """

    values: Mapping[str, str]
    told: Sequence[str]
    name: str = ""


@dataclass(frozen=True)
class PointTable:
    """Points in rows, the keys by the last parts of their names, or a block each, as there is room.

    Attributes:
        keys: The keys that tell the points apart.
        told: The headings of what is told of each.
        points: The points, in their order.
        called: The heading of their names; nothing where they have none.
    """

    keys: Sequence[str]
    told: Sequence[str]
    points: Sequence[Point]
    called: str = ""

    def show(self, out: Console) -> None:
        """Print the points in the first form that there is room for."""
        for keys in (self.keys, last_parts(self.keys)):
            table = self._table(keys)
            if width_of(table, out) <= out.width:
                out.print(table)
                return
        for point in self.points:
            for line in self._block(point, out.width):
                out.print(Text(line), soft_wrap=True)

    def _table(self, keys: Sequence[str]) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in (*self._if_called(self.called), *keys, *self.told):
            table.add_column(Text(heading), justify="right")
        for point in self.points:
            values = (point.values.get(key, "") for key in self.keys)
            table.add_row(*map(Text, (*self._if_called(point.name), *values, *point.told)))
        return table

    def _block(self, point: Point, width: int) -> Iterator[str]:
        name = self._if_called(f"{self.called} {point.name}:")
        values = [f"{key}={point.values[key]}" for key in self.keys if key in point.values]
        yield from _filled([*name, *values], width)
        told = zip(self.told, point.told, strict=True)
        yield from _filled([f"{heading}: {words}" for heading, words in told], width, INDENT)

    def _if_called(self, words: str) -> list[str]:
        return [words] if self.called else []


def _filled(items: Sequence[str], width: int, first: str = "") -> Iterator[str]:
    """Yield lines of some items, the later ones indented; no item is broken, however long."""
    line = first
    for item in items:
        if line.strip() and len(line) + len(item) > width:
            yield line.rstrip()
            line = INDENT
        line += f"{item}  "
    yield line.rstrip()
