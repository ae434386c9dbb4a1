"""``python -m runner.compare A B …``: compare runs or sweeps."""

import argparse
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import RequestError
from runner.process_end import end_process
from runner.results.cli import Parser, answer

if TYPE_CHECKING:
    from runner.results.search.sides import SearchSide

EXPLANATION = """Compares runs or sweeps with the first of them, which is called A: what differs in
their configurations, and each metric's mean, difference and 95 % interval, paired by point and
seed where both have them. It is printed, and written as a page (comparison.html) with figures, as
Markdown and as CSV. Searches are compared by how soon each was how good, and by what was confirmed
of them; a folder that holds several searches is one side, with a band over them."""
ENDING = """With --on any CSV table will do. Of its columns named there, seed and fold tell
repetitions apart and the others tell points apart; without a seed or fold each row counts as one.
With --rtol or --atol the exit code is 1 where a mean moved for the worse by more than
ATOL + RTOL * |A|. Each run's summary says which way a metric is better; a CSV file's metrics are
judged by name, and where neither tells, a move either way counts."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print and write how runs or sweeps differ from the first of them.

    Args:
        argv: What was typed after the command; ``sys.argv`` where it is None.

    Returns:
        The exit code: 0; 1 where a check was asked for and something moved for the worse; or 2
        with one sentence where the request was wrong, and then nothing is written.
    """
    return answer(lambda: _compare(argv))


def _compare(argv: Sequence[str] | None) -> int:
    asked = _parser().parse_args(argv)
    if len(asked.paths) < 2:
        raise RequestError("Give two or more runs or sweeps to compare: folders, or CSV files.")
    # Imported late: --help and a wrong request should not wait for pandas and matplotlib.
    from runner.results.compare.check import Tolerance, check_section, regressions
    from runner.results.compare.comparison import compare
    from runner.results.compare.load import ReadOptions, read_side
    from runner.results.compare.text import sections
    from runner.results.compare.write import check_output_folder, new_folder, write_comparison
    from runner.results.search.sides import read_sides
    from runner.results.text_tables import as_text

    folder = asked.out or new_folder()
    check_output_folder(folder)
    if searches := read_sides(asked.paths):
        return _compare_searches(searches, folder, asked)
    options = ReadOptions(asked.on, asked.metric)
    comparison = compare([read_side(path, options) for path in asked.paths], asked.metric)
    wanted = asked.rtol is not None or asked.atol is not None
    tolerance = Tolerance(asked.rtol or 0.0, asked.atol or 0.0)
    worse = regressions(comparison, tolerance) if wanted else []
    more = [check_section(worse, tolerance)] if wanted else []
    files = write_comparison(comparison, folder, more)
    print("\n".join(as_text([*sections(comparison), *more])))
    _say_files(folder, files)
    return int(bool(worse))


def _compare_searches(
    sides: "Sequence[SearchSide]", folder: Path, asked: argparse.Namespace
) -> int:
    """Print and write how soon some searches were how good."""
    from runner.results.search.comparison import search_sections
    from runner.results.search.write_comparison import write_searches
    from runner.results.text_tables import as_text

    options = {
        "--on": asked.on,
        "--metric": asked.metric,
        "--rtol": asked.rtol,
        "--atol": asked.atol,
    }
    if given := [name for name, value in options.items() if value not in (None, ())]:
        raise RequestError(
            f"{given[0]} is for sweeps: searches are compared by the metric that decided. A search "
            "is compared as a sweep by its sweep.csv."
        )
    files = write_searches(sides, folder)
    print("\n".join(as_text(search_sections(sides))))
    _say_files(folder, files)
    return 0


def _say_files(folder: Path, files: Sequence[Path]) -> None:
    names = ", ".join(str(file.relative_to(folder)) for file in files)
    print(f"\nfiles: {os.path.relpath(folder)}\n       {names}")


def _parser() -> Parser:
    parser = Parser("runner.compare", description=EXPLANATION, epilog=ENDING)
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="run, sweep, search, or CSV file")
    add("--on", type=_names, default=(), metavar="KEY[,KEY]", help="pair rows by these columns")
    add("--metric", type=_names, default=(), metavar="NAME[,NAME]", help="compare these alone")
    add("--out", type=Path, metavar="DIR", help="write here, not to outputs/comparisons/…")
    add("--rtol", type=_tolerance, metavar="X", help="check: tolerated part of A's mean")
    add("--atol", type=_tolerance, metavar="X", help="check: tolerated move")
    return parser


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if not all(names):
        raise argparse.ArgumentTypeError(f"'{text}' has an empty name; write them as a,b")
    return names


def _tolerance(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of 0 or more")
    return number


if __name__ == "__main__":
    end_process(main())
