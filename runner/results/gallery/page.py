"""The gallery of studies: what each asked, what was expected, and what it gave, as Markdown."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from runner.atomic_write import write_whole
from runner.columns import FAILURES, UNFINISHED
from runner.errors import RequestError
from runner.guarded_files import MOST_OF_A_LIST, read_bytes, why_unread
from runner.kept_records import read_record
from runner.printable import printable
from runner.results.gallery.draws import Draws, drawn, judge_draws, place_of
from runner.results.gallery.headers import CHAPTERS, Header
from runner.results.gallery.verdicts import Verdict, judge, read_results
from runner.results.read.runs import is_run, is_sweep, read_runs

NOTE = "gallery.json"
WIDEST = 900  # pixels: what a page of Markdown shows
MISSED = "**does not hold**"
INTRO = """\
# The studies

Each study is one file: a question, the command that answers it, what it costs and what should come
out. This page was written from real runs by `python -m runner.gallery FOLDER --page FILE`, which
runs the studies that have no results in the folder yet and checks what came out. What was obtained
is the mean ± standard deviation over n seeds, data sets or folds, as it says, of the last epoch
where no other is named. A check that the runs do not support is marked "does not hold". "Held on 5
of 5 fresh draws" counts runs of the whole study with seeds, and data, that it was not written with
(`--draws 5`).
"""


@dataclass(frozen=True)
class Outcome:
    """A study and what came of it.

    Attributes:
        header: What the study says of itself.
        verdicts: What was found of each of its checks; None where it was not run yet.
        plot: Its plot; None where there is none.
        seconds: How long it took from start to end, where that was noted.
        machine: What it ran on, in words.
        failed: How many of its runs failed; no study is meant to, whatever its checks look at.
        draws: What its fresh draws gave.
    """

    header: Header
    verdicts: tuple[Verdict, ...] | None = None
    plot: Path | None = None
    seconds: float | None = None
    machine: str = ""
    failed: int = 0
    draws: Draws = field(default_factory=Draws)

    @property
    def missed(self) -> list[str]:
        """What did not turn out as the study says, a sentence each."""
        pairs = zip(self.header.checks, self.verdicts or (), strict=False)
        faults = [
            f"{check} | obtained: {found.obtained}" for check, found in pairs if not found.holds
        ]
        return [*faults, *self.faults, *self.draws.missed(self.header.checks)]

    @property
    def faults(self) -> list[str]:
        """What is wrong besides the checks, a sentence each."""
        if self.verdicts is None:
            return []
        runs = [f"Runs that failed: {self.failed}."] if self.failed else []
        return runs if self.plot else [*runs, f"There is no plot '{self.header.plot}'."]


def is_finished(folder: Path) -> bool:
    """Whether a study's folder holds runs that all came to an end, whatever end that was."""
    if not folder.is_dir() or not (is_run(folder) or is_sweep(folder)):
        return False
    if is_sweep(folder) and not (folder / "sweep.csv").exists():
        return False
    return not any(run.status in UNFINISHED for run in read_runs(folder))


def write_note(folder: Path, seconds: float, machine: str) -> None:
    """Note beside a study's results how long it took, and on what machine."""
    note = {"seconds": round(seconds, 1), "machine": machine}
    write_whole(folder / NOTE, f"{json.dumps(note)}\n".encode())


def read_outcome(header: Header, folder: Path, draws: Sequence[int] | None = None) -> Outcome:
    """Hold a study's checks against its results, and against its fresh draws.

    Args:
        header: The study.
        folder: Where its results lie, or would lie.
        draws: The draws that count; None for all that there are.

    Returns:
        What came of it.
    """
    wanted = drawn(folder) if draws is None else draws
    finished = [number for number in wanted if is_finished(place_of(folder, number))]
    fresh = judge_draws(header, folder, finished)
    if not is_finished(folder):
        return Outcome(header, draws=fresh)
    seconds, machine = _noted(folder)
    results = read_results(folder)
    plot = folder / "plots" / f"{header.plot}.png"
    return Outcome(
        header,
        verdicts=tuple(judge(check, results) for check in header.checks),
        plot=plot if plot.exists() else None,
        seconds=seconds,
        machine=_with_torch(machine, folder),
        failed=int(results.last["status"].isin(FAILURES).sum()),
        draws=fresh,
    )


def _noted(folder: Path) -> tuple[float | None, str]:
    """The seconds and the machine that a study's note tells, if there is one."""
    if not (folder / NOTE).exists():
        return None, ""
    return read_record(
        folder / NOTE,
        lambda note: (float(note["seconds"]), printable(" ".join(note["machine"].split()))),
    )


def copy_plot(source: Path, target: Path) -> None:
    """Copy a plot, made smaller where it is wider than a page.

    Raises:
        RequestError: It is no picture, leads elsewhere, or is larger than plots are.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        content = _narrow(read_bytes(source, MOST_OF_A_LIST))
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise RequestError(f"'{source}' is no picture that a page can show.") from error
    except OSError as error:
        raise RequestError(f"'{source}' {why_unread(error)}.") from error
    write_whole(target, content)


def _narrow(content: bytes) -> bytes:
    """A picture no wider than a page: the same bytes where it is none."""
    from PIL import Image

    with Image.open(BytesIO(content)) as image:
        if image.width <= WIDEST:
            return content
        height = round(image.height * WIDEST / image.width)
        smaller, buffer = image.resize((WIDEST, height), Image.Resampling.LANCZOS), BytesIO()
        smaller.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()


def render(outcomes: Sequence[Outcome], images: str) -> str:
    """The gallery as Markdown.

    Args:
        outcomes: The studies in order.
        images: The folder of their plots, each by its study's name, as seen from the page.

    Returns:
        The whole page.
    """
    parts = [INTRO]
    machines = sorted({outcome.machine for outcome in outcomes if outcome.machine})
    if machines:
        parts.append(f"Obtained on: {escape('; '.join(machines))}.\n")
    by_chapter = {
        chapter: [outcome for outcome in outcomes if outcome.header.group == chapter]
        for chapter in CHAPTERS
    }
    parts += [_contents(chapter, chosen) for chapter, chosen in by_chapter.items() if chosen]
    for chapter, chosen in by_chapter.items():
        if chosen:
            parts += [f"## {chapter}\n", *(_section(outcome, images) for outcome in chosen)]
    return "\n".join(parts)


def _contents(chapter: str, chosen: Sequence[Outcome]) -> str:
    """The studies of a chapter, each with its question and a link to it."""
    headers = [outcome.header for outcome in chosen]
    lines = [f"- [{header.name}](#{header.name}): {escape(header.question)}" for header in headers]
    return "\n".join([f"**[{chapter}](#{chapter.lower().replace(' ', '-')})**\n", *lines, ""])


def escape(text: str) -> str:
    """Markdown that shows a header's text as it is; what stands in backticks stays code."""
    pieces = text.split("`")
    pieces[::2] = [re.sub(r"([\\*<])", r"\\\1", piece) for piece in pieces[::2]]
    return "`".join(pieces)


def _with_torch(machine: str, folder: Path) -> str:
    """The machine with what only the runs know: torch's version, and a device other than a CPU."""
    summary = read_runs(folder)[0].summary
    torch = (summary.get("versions") or {}).get("torch")
    device = summary.get("device", "cpu")
    found = [machine, f"torch {torch}" if torch else "", "" if device == "cpu" else str(device)]
    return ", ".join(part for part in found if part)


def _section(outcome: Outcome, images: str) -> str:
    header = outcome.header
    took = "" if outcome.seconds is None else f" Took {outcome.seconds:.0f} s here."
    parts = [
        f"### {header.name}",
        f"**{escape(header.question)}**",
        f"Source: {escape(header.source)}",
        f"```\n{header.run}\n```",
        *([f"Data: {escape(header.data)}"] if header.data else []),
        f"Cost: {escape(header.cost)}{took}",
        f"Expected: {escape(header.expected)}",
        _table(outcome),
        *_picture(outcome, images),
    ]
    return "\n\n".join(parts) + "\n"


def _table(outcome: Outcome) -> str:
    checks, heads = outcome.header.checks, ["check", "expected", "obtained"]
    verdicts = outcome.verdicts or [Verdict("not run yet", True)] * len(checks)
    rows = [
        [str(check.quantity), str(check.expected), _marked(verdict)]
        for check, verdict in zip(checks, verdicts, strict=True)
    ]
    if outcome.draws.numbers:
        heads.append("fresh draws")
        rows = [[*row, words] for row, words in zip(rows, outcome.draws.words, strict=True)]
    lines = [heads, ["---"] * len(heads), *(map(_cell, row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """A bar would end the cell, in code too."""
    return text.replace("|", r"\|")


def _marked(verdict: Verdict) -> str:
    return verdict.obtained if verdict.holds else f"{verdict.obtained} {MISSED}"


def _picture(outcome: Outcome, images: str) -> list[str]:
    """The plot, and what is wrong besides the checks."""
    header, faults = outcome.header, [f"**{escape(fault)}**" for fault in outcome.faults]
    words = f"Plot {header.plot} of {header.name}: {header.question}"
    return faults + ([f"![{escape(words)}]({images}/{header.name}.png)"] if outcome.plot else [])
