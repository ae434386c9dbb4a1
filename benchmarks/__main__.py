"""Measures what this machine can: ``python -m benchmarks [NAME …]``.

    python -m benchmarks              # all that take minutes
    python -m benchmarks mlp digits   # some
    python -m benchmarks --list       # their names, and how long each takes
    python -m benchmarks --page       # docs/benchmarks.md again, from what is kept

Each benchmark's rows replace those that `benchmarks/results/<machine>.json` has of it, as soon as
it is done; docs/benchmarks.md and the README's table are written anew at the end. The peers need
``pip install -e '.[bench]'``; one that is missing has a row that says so. Measure on a machine that
does nothing else.
"""

import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches

from benchmarks.catalogue import CATALOGUE, Benchmark
from benchmarks.page import as_text, write_page, write_readme
from benchmarks.rows import Row, replace_rows, versions_of
from runner.machine import machine


def main(argv: Sequence[str]) -> int:
    """Measure what is asked for.

    Returns:
        0, or 1 where a benchmark failed, or 2 where there is none of that name.
    """
    if argv in (["--list"], ["--help"], ["-h"]):
        return _list()
    names = list(argv) or [name for name, one in CATALOGUE.items() if one.quick]
    if argv == ["--page"]:
        names = []
    for name in names:
        if name not in CATALOGUE:
            return _unknown(name)
    failed = [name for name in names if not _measure(CATALOGUE[name])]
    if failed:
        print(f"failed: {', '.join(failed)}; their rows are as they were.", file=sys.stderr)
    print(f"wrote {write_page()} and the table of {write_readme()}")
    return int(bool(failed))


def _measure(benchmark: Benchmark) -> bool:
    """Measure one, keep its rows, and say them; whether it was done."""
    print(f"{benchmark.name}: {benchmark.about}; about {benchmark.minutes:g} min", flush=True)
    began, rows = time.perf_counter(), list[Row]()
    try:
        for row in benchmark.measure():
            rows.append(_signed(row, benchmark.name))
            print(f"  {as_text(rows[-1])}", flush=True)
    except Exception:
        traceback.print_exc()
        return False
    replace_rows(benchmark.name, rows, machine())
    print(f"  ({(time.perf_counter() - began) / 60:.1f} min)", flush=True)
    return True


def _signed(row: Row, name: str) -> Row:
    """Add how, with what and when a row was measured."""
    return replace(
        row,
        benchmark=name,
        command=row.command or f"python -m benchmarks {name}",
        versions={**versions_of(["torch", "numpy"]), **row.versions},
        date=f"{date.today():%Y-%m-%d}",
    )


def _list() -> int:
    for benchmark in CATALOGUE.values():
        asked = "" if benchmark.quick else ", when asked for"
        print(f"{benchmark.name:18} {benchmark.about} ({benchmark.minutes:g} min{asked})")
    return 0


def _unknown(name: str) -> int:
    near = get_close_matches(name, CATALOGUE, 1)
    meant = f"; did you mean {near[0]}?" if near else "."
    print(f"There is no benchmark {name}, only {', '.join(CATALOGUE)}{meant}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
