"""``python -m runner.runs [FILTER …]``: list runs and sweeps, find them again, remove them."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import RequestError
from runner.process_end import end_process
from runner.results.cli import Parser, answer

if TYPE_CHECKING:
    from runner.results.find.entries import Entry
    from runner.results.find.filters import Filter

OUTPUTS = Path("outputs")
EXPLANATION = """Lists runs and sweeps, the newest first: when each began, how it ended, the metric
that chose its best epoch (of a sweep, the mean over the runs of its best point), its name and tags,
its folder, and what differs from the defaults."""
ENDING = """Filters, all of which must hold; quote < and > for the shell:
  optim.lr=0.1  model=mlp  'optim.lr<0.1'    a key of the configuration
  'val/accuracy>0.9'                         a metric, of the best epoch if there is one
  name='base*'  tag=exam  status=diverged    its label, one of its tags, how it ended
  since=7d  since=2026-11-01                 begun in the last 7 days (m, h, d, w), or since
A sweep is found if any of its runs is, and is shown with these runs alone. Examples:
  runner runs tag=exam since=7d --best val/loss
  runner runs tag=exam 'val/loss>0.3' --remove"""


def main(argv: Sequence[str] | None = None) -> int:
    """List, find or remove runs and sweeps.

    Args:
        argv: What was typed after the command; ``sys.argv`` where it is None.

    Returns:
        The exit code: 0; 1 where something could not be removed; 2 with one sentence where the
        request was wrong.
    """
    return answer(lambda: _runs(argv))


def _runs(argv: Sequence[str] | None) -> int:
    asked = _parser().parse_intermixed_args(argv)
    # Imported late: --help and a wrong request need nothing of it.
    from runner.results.find.entries import find_entries
    from runner.results.find.filters import matching, moment, parse
    from runner.results.find.listing import as_csv, lines, ranked

    filters = parse(asked.filters)
    _check_flags(asked)
    before = moment(asked.older_than) if asked.older_than else None
    if not asked.folder.is_dir() and asked.folder != OUTPUTS:
        raise RequestError(f"There is no folder '{asked.folder}'.")
    everything = find_entries(asked.folder)
    found = [e for e in matching(everything, filters) if before is None or e.started < before]
    if asked.remove:
        return _remove(found, everything, filters, asked)
    if asked.all:
        found = [run for entry in found for run in entry.each_run()]
    shown = ranked(found, asked.best) if asked.best else found
    if asked.csv:
        print(as_csv(shown, asked.best), end="")
        return 0
    for entry in shown:
        print(*lines(entry, asked.best), sep="\n")
    if len(shown) < len(found):
        print(f"{len(found) - len(shown)} more have no {asked.best}.")
    if not found:
        _say_none(everything, filters, asked)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "runner.runs",
        description=EXPLANATION,
        epilog=ENDING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("filters", nargs="*", metavar="FILTER", help="what to find; everything without one")
    add(
        "--in", dest="folder", type=Path, default=OUTPUTS, metavar="DIR", help="look here (outputs)"
    )
    add("--best", metavar="METRIC", help="the best first, by a metric of the val split")
    add("--older-than", metavar="AGE", help="begun longer ago: 30d, or before a date")
    add("--all", action="store_true", help="each run of a sweep by itself")
    add("--csv", action="store_true", help="as a table")
    add("--remove", action="store_true", help="remove what was found, after a question")
    add("--yes", action="store_true", help="with --remove: without the question")
    return parser


def _check_flags(asked: argparse.Namespace) -> None:
    if asked.yes and not asked.remove:
        raise RequestError("--yes belongs to --remove.")
    for flag in ("all", "csv", "best") if asked.remove else ():
        if getattr(asked, flag):
            why = "; what to remove is said by filters, such as 'val/loss>0.3'" * (flag == "best")
            raise RequestError(f"--{flag} has no meaning with --remove{why}.")


def _say_none(
    everything: "Sequence[Entry]", filters: "Sequence[Filter]", asked: argparse.Namespace
) -> None:
    from runner.results.find.filters import unknown_labels

    if everything:
        print(f"Of {_counts(everything)} in '{asked.folder}' none matches.")
        for sentence in unknown_labels(everything, filters):
            print(sentence)
    else:
        print(f"There are no runs in '{asked.folder}' yet; python -m runner makes one.")


def _counts(entries: "Sequence[Entry]") -> str:
    from runner.results.labels import counted

    sweeps = sum(entry.is_sweep for entry in entries)
    counts = {"run": len(entries) - sweeps, "sweep": sweeps}
    return " and ".join(counted(number, word) for word, number in counts.items() if number)


def _remove(
    found: "Sequence[Entry]",
    everything: "Sequence[Entry]",
    filters: "Sequence[Filter]",
    asked: argparse.Namespace,
) -> int:
    from runner.results.find.listing import lines
    from runner.results.find.remove import removable, remove

    going, told = removable(found, everything)
    if told and not going:
        raise RequestError(f"Nothing was removed: {told[0]}", *told[1:])
    for entry in going:
        print(*lines(entry), sep="\n")
    print(*told, sep="\n", end="\n" * bool(told))
    if not found:
        _say_none(everything, filters, asked)
    if not going or not (asked.yes or _agreed(going)):
        print("Nothing was removed.")
        return 0
    failed = 0
    for entry in going:
        try:
            remove(entry.folder, asked.folder)
        except (RequestError, OSError) as error:
            failed += 1
            print(f"{entry.folder} was not removed: {error}", file=sys.stderr)
    print(f"{len(going) - failed} removed.")
    return int(failed > 0)


def _agreed(going: "Sequence[Entry]") -> bool:
    from runner.results.labels import counted

    sweeps = [len(entry.runs) for entry in going if entry.is_sweep]
    inside = f" of {counted(sum(sweeps), 'run')}{' in all' * (len(sweeps) > 1)}" if sweeps else ""
    try:
        typed = input(f"Remove {_counts(going)}{inside}? [y/N] ")
    except EOFError:  # nobody is there to answer
        print()
        return False
    return typed.strip().lower() in ("y", "yes")


if __name__ == "__main__":
    end_process(main())
