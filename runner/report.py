"""``python -m runner.report DIR``: redraw a sweep's tables, plots and report, or a run's.

Where the folder holds many sweeps and runs, at any depth, an index of them is written there.
``--latex`` and ``--markdown`` print the table of a sweep's points instead, and write nothing.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from runner.process_end import end_process
from runner.results.cli import Parser, answer


def main(argv: Sequence[str] | None = None) -> int:
    """Write again what can be made from the files of a run or a sweep, or an index of them.

    Args:
        argv: What was typed after the command; ``sys.argv`` where it is None.

    Returns:
        The exit code: 0, or 2 with one sentence where the request was wrong.
    """
    return answer(lambda: _report(argv))


def _report(argv: Sequence[str] | None) -> None:
    parser = Parser(
        "runner.report", description="Redraw a sweep's tables, plots and report from its files."
    )
    parser.add_argument(
        "folder",
        metavar="DIR",
        type=Path,
        help="the folder of a run, of a sweep, or of many of them",
    )
    for form, words in (("latex", "LaTeX (booktabs)"), ("markdown", "Markdown")):
        parser.add_argument(
            f"--{form}", action="store_const", dest="form", const=form,
            help=f"print the summary by point as {words} instead",
        )  # fmt: skip
    asked = parser.parse_args(argv)
    folder: Path = asked.folder
    if asked.form:
        from runner.results.sweep import read_sweep
        from runner.results.typeset import typeset

        print(typeset(read_sweep(folder), asked.form), end="")
        return
    written, told = _redraw(folder)
    for path in written:
        print(os.path.relpath(path))
    for words in told:
        # Beside the list of files, which a program may read.
        print(words, file=sys.stderr)


def _redraw(folder: Path) -> tuple[list[Path], list[str]]:
    """The files written; what the runs' own files do not tell, and how to go on."""
    # Imported late: --help and a wrong request should not wait for pandas and matplotlib.
    from runner.results.per_class import write_per_class, write_sweep_per_class
    from runner.results.plots.draw import draw_run, draw_sweep
    from runner.results.read.go_on import how_to_go_on
    from runner.results.read.runs import is_run, is_sweep
    from runner.results.report import write_report
    from runner.results.report.index import find_all, write_index
    from runner.results.sweep import read_sweep, write_tables

    if folder.is_dir() and not is_sweep(folder) and not is_run(folder) and find_all(folder):
        return [write_index(folder)], []
    sweep = read_sweep(folder)
    told = [*sweep.missing, *map(str, how_to_go_on(folder, sweep.runs))]
    classes = [path for run in sweep.runs for path in write_per_class(run)]
    if sweep.is_single_run:
        drawn = draw_run(sweep.runs[0], told.append)
        return [*classes, *drawn, write_report(sweep)], told
    tables = [*write_tables(sweep), *write_sweep_per_class(sweep), *classes]
    drawn = draw_sweep(sweep, told.append)
    return [*tables, *drawn, write_report(sweep)], told


if __name__ == "__main__":
    end_process(main())
