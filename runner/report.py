"""``python -m runner.report DIR``: redraw a sweep's tables and plots, or a run's plots."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from runner.results.door import Parser, answer


def main(argv: Sequence[str] | None = None) -> int:
    """Write again what can be made from the files of a run or a sweep.

    Args:
        argv: What was typed after the command; ``sys.argv`` where it is None.

    Returns:
        The exit code: 0, or 2 with one sentence where the request was wrong.
    """
    return answer(lambda: _report(argv))


def _report(argv: Sequence[str] | None) -> None:
    parser = Parser(
        "runner.report", description="Redraw a sweep's tables and plots from its files."
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="the folder of a run or a sweep")
    folder: Path = parser.parse_args(argv).folder
    for path in _redraw(folder):
        print(os.path.relpath(path))


def _redraw(folder: Path) -> list[Path]:
    # Imported late: --help and a wrong request should not wait for pandas and matplotlib.
    from runner.results.files import is_sweep, read_runs
    from runner.results.plots.draw import draw_run, draw_sweep
    from runner.results.tables import write_tables

    read_runs(folder)
    if not is_sweep(folder):
        return draw_run(folder)
    tables = write_tables(folder)
    written = [folder / name for name in ("sweep.csv", "summary.csv", "curves.csv")]
    return [*written, *draw_sweep(folder, tables)]


if __name__ == "__main__":
    sys.exit(main())
