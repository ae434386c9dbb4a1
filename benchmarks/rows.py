"""What was measured, a row for each figure, and the file of a machine that keeps them."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
OURS = "ours"


@dataclass(frozen=True)
class Spread:
    """The median of some measurements, the least and the greatest, and how many there were."""

    median: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure: how long, or how much memory, an implementation took for a workload.

    Attributes:
        workload: What was done.
        implementation: Who did it; `OURS` is what the others of the workload are held against.
        seconds: What it took.
        memory: The most memory that one of its processes had, in MB.
        ratio: Its figure over that of `OURS`, pair by pair: above 1, ours takes less.
        parts: Where the seconds went: import, compose, search, load, compile, train, test, write,
            other.
        quality: What came of it, such as an accuracy; its name, and the number.
        aim: What the figure should be, in words.
        missing: Why there is no figure.
        command: What measured it.
        versions: Of Python and of the packages that matter.
        date: The day, as YYYY-MM-DD.
        benchmark: The name by which ``python -m benchmarks NAME`` measures it again.
    """

    workload: str
    implementation: str = OURS
    seconds: Spread | None = None
    memory: Spread | None = None
    ratio: Spread | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    quality: tuple[str, float] | None = None
    aim: str = ""
    missing: str = ""
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    date: str = ""
    benchmark: str = ""


@dataclass(frozen=True)
class Results:
    """The rows of one machine, named in words."""

    machine: str
    rows: tuple[Row, ...]


def read_results(folder: Path = RESULTS) -> list[Results]:
    """Return what is kept of every machine."""
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def replace_rows(name: str, rows: Sequence[Row], machine: str, folder: Path = RESULTS) -> None:
    """Keep the rows of one benchmark in place of those that the machine's file has of it.

    Args:
        name: The benchmark.
        rows: What was measured now.
        machine: The machine in words; the file is named after it.
        folder: Where the files lie.
    """
    path = folder / f"{re.sub('[^a-z0-9]+', '-', machine.lower()).strip('-')}.json"
    before = _read(path).rows if path.exists() else ()
    kept = [row for row in before if row.benchmark != name]
    _write(path, Results(machine, (*kept, *rows)))


def _read(path: Path) -> Results:
    content = json.loads(path.read_text(encoding="utf-8"))
    return Results(content["machine"], tuple(map(_row, content["rows"])))


def _row(values: Mapping[str, Any]) -> Row:
    spreads = {
        key: Spread(**values[key]) for key in ("seconds", "memory", "ratio") if values.get(key)
    }
    pair = {"quality": tuple(values["quality"])} if values.get("quality") else {}
    return Row(**{**values, **spreads, **pair})


def _write(path: Path, results: Results) -> None:
    """Write the rows in the order of their benchmarks, without what is empty."""
    rows = sorted(results.rows, key=lambda row: row.benchmark)  # stable within a benchmark
    path.parent.mkdir(exist_ok=True)
    content = {"machine": results.machine, "rows": [_filled(row) for row in rows]}
    text = json.dumps(content, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def _filled(row: Row) -> dict[str, Any]:
    values = asdict(row)
    return {f.name: values[f.name] for f in fields(row) if values[f.name] not in (None, "", {})}


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """Return the version of Python and of those packages that are installed."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
