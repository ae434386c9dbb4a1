"""``python -m runner.gallery FOLDER [STUDY …]``: run studies and check what they give.

Those that have no results in ``FOLDER/STUDY`` yet are run, and their checks are held against what
came out. Where no study is named these are all of ``./experiments``, or where there is no such
folder all that come with the program. With ``--draws 5`` each is run five times more, in
``FOLDER/STUDY-draws/1`` and on, with seeds and data that it was not written with, and its checks
are held against these too. What was mended by the sight of some draws is to be tried on others:
``--first-draw 6``. A page of all of them is written where ``--page`` asks for it, and nothing else.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from runner.errors import RequestError, unknown
from runner.machine import machine
from runner.paths import studies_folders
from runner.process_end import end_process
from runner.results.cli import Parser, answer

if TYPE_CHECKING:
    from runner.results.gallery.headers import Header
    from runner.results.gallery.page import Outcome

STOPPED = {130, 143, -signal.SIGINT, -signal.SIGTERM}


class Work(NamedTuple):
    """What is run at once.

    Attributes:
        name: The study.
        place: Where its results go.
        draw: The number of the draw; 0 for the study as it is.
    """

    name: str
    place: Path
    draw: int

    def __str__(self) -> str:
        return f"{self.name}, draw {self.draw}" if self.draw else self.name


def main(argv: Sequence[str] | None = None) -> int:
    """Run studies and check them; write the gallery's page where that is asked for.

    Args:
        argv: What was typed after the command; ``sys.argv`` where it is None.

    Returns:
        The exit code: 0 where all checks of the named studies hold, 1 where some do not, 2 with a
        sentence where the request was wrong or a study was refused, 130 where it was interrupted.
    """
    codes: list[int] = []
    return answer(lambda: codes.append(_gallery(argv))) or max(codes, default=0)


def _gallery(argv: Sequence[str] | None) -> int:
    asked = _parser().parse_intermixed_args(argv)
    chosen = _chosen(asked.names)
    if asked.page and asked.names:
        raise RequestError("A page shows all studies: with --page, leave out their names.")
    if asked.no_run and not asked.folder.is_dir():
        raise RequestError(f"There is no folder '{asked.folder}'.")
    draws = range(asked.first_draw, asked.first_draw + asked.draws)
    code = 0 if asked.no_run else _run_missing(_works(chosen, asked.folder, draws))
    if code in STOPPED:
        return 130
    outcomes = _outcomes(chosen, asked.folder, draws or None)
    if asked.page:
        _write(outcomes, asked.page, asked.images or asked.page.parent / "images")
    return max(code, _tell(outcomes))


def _parser() -> Parser:
    parser = Parser("runner.gallery", description="Run studies and check what they give.")
    add = parser.add_argument
    add("folder", metavar="FOLDER", type=Path, help="where the results are kept")
    add("names", metavar="STUDY", nargs="*", help="studies; all where none is named")
    add("--no-run", action="store_true", help="only check the results that there are")
    add("--page", metavar="FILE", type=Path, help="write a page of all studies, as Markdown")
    add("--images", metavar="DIR", type=Path, help="its plots (images, beside the page)")
    parser.add_argument(
        "--draws",
        metavar="N",
        type=_whole_number,
        default=0,
        help="run each study N times more, with seeds and data of their own",
    )
    parser.add_argument(
        "--first-draw",
        metavar="K",
        type=_whole_number,
        default=1,
        help="the number of the first of these draws (1): others have other seeds",
    )
    return parser


def _chosen(names: Sequence[str]) -> "list[Header]":
    """The studies named, from any folder of studies; where none is named all of the first one."""
    # Imported late: --help should not wait for pandas.
    from runner.results.gallery.headers import read_headers

    first, *others = studies_folders()
    headers = read_headers(first)
    if not names:
        return list(headers.values())
    for folder in others:
        headers = read_headers(folder) | headers
    faults = [unknown("study", name, headers) for name in names if name not in headers]
    if faults:
        raise RequestError(*faults)
    return [header for name, header in headers.items() if name in names]


def _whole_number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not allowed; it takes a whole number ≥ 1")
    return int(text)


def _works(headers: "Iterable[Header]", folder: Path, draws: Iterable[int]) -> list[Work]:
    """The studies and their draws."""
    from runner.results.gallery.draws import place_of

    names = [header.name for header in headers]
    again = [Work(name, place_of(folder / name, n), n) for name in names for n in draws]
    return [*(Work(name, folder / name, 0) for name in names), *again]


def _run_missing(works: Iterable[Work]) -> int:
    """Run what has no results yet; the gravest exit code, or the one at which it stopped."""
    from runner.results.gallery.page import is_finished

    waiting = [work for work in works if not is_finished(work.place)]
    _refuse_half_run([work.place for work in waiting])
    worst = 0
    for number, work in enumerate(waiting, 1):
        print(f"{work}: study {number} of {len(waiting)}", flush=True)
        code = _run(work)
        if code in STOPPED:
            return code
        worst = max(worst, code)
    return worst


def _refuse_half_run(places: Iterable[Path]) -> None:
    """The program writes into no folder that is used already, and nothing here removes results."""
    used = [place for place in places if place.exists() and any(place.iterdir())]
    if used:
        raise RequestError(
            *(f"'{place}' holds no finished study; remove it and ask again." for place in used)
        )


def _run(work: Work) -> int:
    """Run a study as a user would; its checks, not its exit code 1, say if all is well.

    Returns:
        0 where it came to an end, 1 where it did not, 2 where it was refused, or one of `STOPPED`.
    """
    from runner.results.gallery.page import is_finished, write_note

    began, place = time.monotonic(), work.place
    try:
        overrides = _overrides(work)
    except RequestError as fault:
        print(f"{work} did not finish: {fault}", file=sys.stderr)
        return 2
    code = _wait([sys.executable, "-m", "runner", f"experiment={work.name}", *overrides])
    if code in STOPPED:
        again = f"; remove '{place}' before it is run again" if place.exists() else ""
        print(f"{work} was interrupted{again}.", file=sys.stderr)
        return code
    if is_finished(place):
        write_note(place, time.monotonic() - began, machine())
        return 0
    print(f"{work} did not finish; see above.", file=sys.stderr)
    return 2 if code == 2 else 1


def _overrides(work: Work) -> list[str]:
    """Where the results go, and the seeds of a draw."""
    quoted = "'" + str(work.place).replace("\\", "\\\\").replace("'", "\\'") + "'"
    folders = [f"hydra.{kind}.dir={quoted}" for kind in ("sweep", "run")]
    if not work.draw:
        return folders
    from runner.request.redraw import redraw

    files = (folder / f"{work.name}.yaml" for folder in studies_folders())
    return [*folders, *redraw(next(file for file in files if file.is_file()), work.draw)]


def _wait(command: list[str]) -> int:
    """Run a command; an interruption from the keyboard reaches it too, and it may save its work."""
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def _outcomes(
    headers: "Iterable[Header]", folder: Path, draws: Sequence[int] | None
) -> "list[Outcome]":
    from runner.results.gallery.page import read_outcome

    return [read_outcome(header, folder / header.name, draws) for header in headers]


def _write(outcomes: "Sequence[Outcome]", page: Path, images: Path) -> None:
    """Write the page, and the plots that it shows beside it."""
    from runner.atomic_write import write_whole
    from runner.results.gallery.page import copy_plot, render

    for outcome in outcomes:
        if outcome.plot:
            copy_plot(outcome.plot, images / f"{outcome.header.name}.png")
    place = Path(os.path.relpath(images, page.parent)).as_posix()
    write_whole(page, render(outcomes, place).encode())
    print(page)


def _tell(outcomes: "Sequence[Outcome]") -> int:
    """Name what did not turn out as the studies say; 1 where there is any such thing."""
    for outcome in outcomes:
        state = "does not hold" if outcome.missed else "holds"
        draws = f", {len(outcome.draws.numbers)} fresh draws looked at" * bool(
            outcome.draws.numbers
        )
        print(
            f"{outcome.header.name}: {'not run yet' if outcome.verdicts is None else state}{draws}"
        )
        for sentence in outcome.missed:
            print(f"  {sentence}")
    return int(any(outcome.missed for outcome in outcomes))


if __name__ == "__main__":
    end_process(main())
