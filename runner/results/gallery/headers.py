"""The comment at the head of a study: what it asks, what it costs, what should come out.

A study's file begins with ``# @package _global_`` and goes on with lines ``# Field: text``; comment
lines without a field go on with the one above::

    # @package _global_
    #
    # Question: What does weight decay do to a model with more features than examples?
    # Source: "Dive into Deep Learning", section "Weight Decay"
    # Run: python -m runner experiment=weight-decay
    # Data: where the data comes from; left out where none is needed
    # Cost: 10 runs trained together, about 7 seconds on two CPU cores.
    # Expected: what should come out, in prose.
    # Check: test/loss at regularizer.lambda=3: 0.001 to 0.1
    # Plot: by_regularizer-lambda
    # Quick: yes
    # Group: Generalisation
    # Order: 7

``Check`` may stand more than once; `runner.results.gallery.checks` has its grammar. ``Plot`` names
a file in ``plots/`` without its ending. ``Quick: yes`` says that the test suite runs the study; it
is left out otherwise. ``Group`` is the chapter of the gallery, ``Order`` the place in it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from runner.errors import RequestError, unknown
from runner.results.gallery.checks import Check, parse_check

CHAPTERS = (
    "Linear networks",
    "Generalisation",
    "Multilayer perceptrons",
    "Convolutional networks",
    "Optimisation",
)
FIRST_LINE = "# @package _global_"
NEEDED = ("Question", "Source", "Run", "Cost", "Expected", "Check", "Plot", "Group", "Order")
OPTIONAL = ("Data", "Quick")


@dataclass(frozen=True)
class Header:
    """What a study says of itself.

    Attributes:
        name: The study's name, that of its file.
        question: What it asks.
        source: Where it comes from.
        run: The command that runs it.
        data: Where its data comes from; None where it needs none.
        cost: Runs and time.
        expected: What should come out, in prose.
        checks: What should come out, to be checked.
        plot: The plot that shows it: a file in ``plots/``, without its ending.
        quick: Whether the test suite runs it.
        group: Its chapter.
        order: Its place in the chapter.
    """

    name: str
    question: str
    source: str
    run: str
    data: str | None
    cost: str
    expected: str
    checks: tuple[Check, ...]
    plot: str
    quick: bool
    group: str
    order: int


@dataclass(frozen=True)
class _Field:
    """A field of a header and where it stands."""

    place: str
    name: str
    text: str


def read_headers(folder: Path) -> dict[str, Header]:
    """Read the headers of all the studies in a folder.

    Args:
        folder: Holds a YAML file per study.

    Returns:
        The headers by their studies' names, in the order of the gallery.

    Raises:
        RequestError: There is no study, or some header is malformed: one sentence for each.
    """
    faults: list[str] = []
    headers: list[Header] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            headers.append(read_header(path))
        except RequestError as fault:
            faults += fault.sentences
    if not headers and not faults:
        raise RequestError(f"There is no study in '{folder}': its studies are files '*.yaml'.")
    if faults:
        raise RequestError(*faults)
    headers.sort(key=lambda header: (CHAPTERS.index(header.group), header.order, header.name))
    return {header.name: header for header in headers}


def read_header(path: Path) -> Header:
    """Read the header of a study.

    Args:
        path: The study's YAML file.

    Returns:
        What it says.

    Raises:
        RequestError: The header is malformed; the sentence names the file and the line.
    """
    fields = _fields(path)
    by_name = {field.name: field for field in fields}
    _check_names(path, [field.name for field in fields])
    words = {name.lower(): field.text for name, field in by_name.items()}
    return Header(
        name=path.stem,
        question=words["question"],
        source=words["source"],
        run=words["run"],
        data=words.get("data"),
        cost=words["cost"],
        expected=words["expected"],
        checks=tuple(_check(field) for field in fields if field.name == "Check"),
        plot=words["plot"],
        quick="Quick" in by_name and _quick(by_name["Quick"]),
        group=_chapter(by_name["Group"]),
        order=_order(by_name["Order"]),
    )


def _fields(path: Path) -> list[_Field]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    if lines[:1] != [FIRST_LINE]:
        raise RequestError(f"{path}, line 1: the first line of a study is '{FIRST_LINE}'.")
    fields: list[_Field] = []
    for number, text in _comment(lines):
        place = f"{path}, line {number}"
        begins = re.match(r"([A-Z][a-z]+):(?: +|$)(.*)", text)
        if begins:
            fields.append(_new_field(place, begins[1], begins[2]))
        elif not fields:
            raise RequestError(f"{place}: '{text}' belongs to no field; write '# Question: …'.")
        else:
            above = fields[-1]
            fields[-1] = _Field(above.place, above.name, f"{above.text} {text}".strip())
    return fields


def _comment(lines: list[str]) -> Iterable[tuple[int, str]]:
    """The comment under the first line, up to the first other line: numbers and texts."""
    for number, line in enumerate(lines[1:], 2):
        if not line.startswith("#"):
            return
        if text := line.removeprefix("#").strip():
            yield number, text


def _new_field(place: str, name: str, text: str) -> _Field:
    if name not in (*NEEDED, *OPTIONAL):
        raise RequestError(f"{place}: {unknown('field', name, (*NEEDED, *OPTIONAL))}")
    return _Field(place, name, text.strip())


def _check_names(path: Path, names: list[str]) -> None:
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise RequestError(f"{path}: the header lacks {', '.join(missing)}.")
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1 and name != "Check"]
    if twice:
        raise RequestError(f"{path}: the header may hold only one field {', '.join(twice)}.")


def _check(field: _Field) -> Check:
    try:
        return parse_check(field.text)
    except ValueError as fault:
        raise RequestError(f"{field.place}: {fault}") from fault


def _quick(field: _Field) -> bool:
    if field.text != "yes":
        raise RequestError(f"{field.place}: write 'Quick: yes', or leave the field out.")
    return True


def _chapter(field: _Field) -> str:
    if field.text not in CHAPTERS:
        raise RequestError(f"{field.place}: {unknown('chapter', field.text, CHAPTERS)}")
    return field.text


def _order(field: _Field) -> int:
    if not field.text.isdecimal():
        raise RequestError(f"{field.place}: '{field.text}' is no whole number.")
    return int(field.text)
