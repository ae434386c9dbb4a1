"""The page of all figures: docs/benchmarks.md, from `benchmarks/page.md` and what is kept.

A line ``{{name}}`` of `page.md` becomes the tables of that benchmark; its other lines stay. So the
words are changed there, and the figures by measuring. The table of the README is made of some of
the same rows.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.rows import OURS, RESULTS, Results, Row, Spread, read_results

README = Path(__file__).parents[1] / "README.md"
IN_README = ("mlp", "weight-decay", "regressions", "digits")
"""Whose comparisons with other programs the README shows: of whole commands, and of epochs."""
BETWEEN = re.compile(r"(<!-- figures: python -m benchmarks -->\n).*?(<!-- end -->)", re.DOTALL)
TEMPLATE = Path(__file__).with_name("page.md")
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
PARTS = ("import", "compose", "search", "load", "compile", "train", "test", "write", "other")


def write_page(folder: Path = RESULTS, page: Path = PAGE) -> Path:
    """Write the page from the files of a folder, and return where it is."""
    page.write_text(page_of(read_results(folder)), encoding="utf-8")
    return page


def write_readme(folder: Path = RESULTS, readme: Path = README) -> Path:
    """Write the README's table from the files of a folder, and return where it is."""
    words = readme.read_text(encoding="utf-8")
    readme.write_text(readme_of(read_results(folder), words), encoding="utf-8")
    return readme


def readme_of(results: Sequence[Results], words: str) -> str:
    """Return the README with its table: each peer's time over ours.

    Args:
        results: What is kept of each machine; the first that has a benchmark is shown.
        words: The README.
    """
    told = "\n".join(_beside_peers(results))
    return BETWEEN.sub(lambda found: f"{found[1]}{told}\n{found[2]}", words)


def _beside_peers(results: Sequence[Results]) -> Iterator[str]:
    rows, machines = list[tuple[str, ...]](), dict[str, None]()
    for name in IN_README:
        for machine in results:
            if found := [row for row in machine.rows if row.benchmark == name and row.seconds]:
                rows += _short_rows(found)
                machines[machine.machine] = None
                break
    if rows:
        yield _table(("work", "beside", "seconds", "ours", "times ours"), rows)
        yield ""
        yield (
            f"The same work by this program and by others, on {'; '.join(machines)}: medians; "
            "above 1, this program is the faster. How each was measured, and what is slower than "
            "it is meant to be: **[docs/benchmarks.md](docs/benchmarks.md)**."
        )


def _short_rows(rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    """Of each workload that others did with the same result: who, seconds, ours, the ratio."""
    ours = {row.workload: row for row in rows if row.implementation == OURS}
    before = ""
    for row in rows:
        if (
            row.quality
            and row.ratio
            and row.seconds
            and (own := ours.get(row.workload))
            and own.seconds
        ):
            work = row.workload if row.workload != before else ""
            before = row.workload
            seconds = [f"{_short(one.seconds.median)} s" for one in (row, own) if one.seconds]
            yield (work, row.implementation, *seconds, _short(row.ratio.median))


def page_of(results: Sequence[Results], template: str | None = None) -> str:
    """Return the page.

    Args:
        results: What is kept of each machine.
        template: The words; those of `page.md` where nothing is given.
    """
    words = TEMPLATE.read_text(encoding="utf-8") if template is None else template
    return re.sub(r"\{\{([\w-]+)\}\}", lambda found: _section(found[1], results), words)


def _section(name: str, results: Sequence[Results]) -> str:
    told = []
    for machine in results:
        if rows := [row for row in machine.rows if row.benchmark == name]:
            told.append("\n\n".join(_tables(rows, machine.machine)))
    return "\n\n".join(told) or f"`python -m benchmarks {name}`: not measured yet."


def _tables(rows: Sequence[Row], machine: str) -> Iterator[str]:
    yield _measured_with(rows, machine)
    yield from _table_of_measured(rows)


def _measured_with(rows: Sequence[Row], machine: str) -> str:
    packages = {name: version for row in rows for name, version in row.versions.items()}
    versions = ", ".join(f"{name} {version}" for name, version in packages.items())
    dates = sorted({row.date for row in rows})
    days = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    commands = ", ".join(dict.fromkeys(f"`{row.command}`" for row in rows))
    return f"{commands}; {days}; {machine}; {versions}."


def _table_of_measured(rows: Sequence[Row]) -> Iterator[str]:
    head = ("workload", "implementation", "took", "times ours", "aim", "result")
    held = {row.workload for row in rows if row.ratio}
    pairs = zip(rows, [None, *rows[:-1]], strict=True)
    yield _table(head, [_cells(row, before, row.workload in held) for row, before in pairs])
    if timed := [row for row in rows if row.parts]:
        parts = [part for part in PARTS if any(part in row.parts for row in timed)]
        cells = [
            (row.workload, row.implementation, *(_part(row, part) for part in parts))
            for row in timed
        ]
        yield _table(("where the seconds went", "", *parts), cells)


def _cells(row: Row, before: Row | None, held: bool) -> tuple[str, ...]:
    """Return a row's cells; where others are held against ours, ours is 1."""
    again = before is not None and before.workload == row.workload
    quality = f"{row.quality[0]} {row.quality[1]:.3g}" if row.quality else ""
    return (
        "" if again else row.workload,
        row.implementation,
        row.missing or _taken(row),
        "1" if held and row.implementation == OURS else _ratio(row),
        row.aim,
        quality,
    )


def _ratio(row: Row) -> str:
    return _spread(row.ratio, 1, "") if row.ratio else ""


def _taken(row: Row) -> str:
    return _spread(row.memory, 1, " MB") if row.memory else _seconds(row.seconds)


def _seconds(taken: Spread | None) -> str:
    if taken is None:
        return ""
    small = 0 < taken.median < 0.1
    return _spread(taken, 1000, " ms") if small else _spread(taken, 1, " s")


def _spread(of: Spread, scale: float, unit: str) -> str:
    middle, low, high = (f"{_short(scale * x)}" for x in (of.median, of.low, of.high))
    return f"{middle}{unit} ({low} to {high}, {of.count})" if of.count > 1 else f"{middle}{unit}"


def _short(number: float) -> str:
    """Return three digits, and never powers of ten."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _part(row: Row, part: str) -> str:
    return f"{row.parts[part]:.2f}" if part in row.parts else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_text(row: Row) -> str:
    """Return a row as a line for a terminal."""
    ratio = f", {_ratio(row)} times ours" if row.ratio else ""
    quality = f", {row.quality[0]} {row.quality[1]:.3g}" if row.quality else ""
    figure = row.missing or f"{_taken(row)}{ratio}{quality}"
    return f"{row.workload}: {row.implementation}: {figure}"
