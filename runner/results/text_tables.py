"""Text with tables in it, for a terminal of 80 columns and as Markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

End = Literal["left", "right"]
WIDTH = 80
NARROWEST = 8
MOST_ROWS = 40


@dataclass(frozen=True)
class TextTable:
    """A table of words.

    Attributes:
        head: The names of the columns.
        rows: Their cells.
        left: How many columns, from the left, hold words; the others hold numbers.
        keep: Which end of a cell is kept where a terminal is too narrow: of a path the right.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1
    keep: End = "left"


@dataclass(frozen=True)
class Section:
    """A part of a text.

    Attributes:
        title: Its heading, in Markdown alone.
        before: Paragraphs before the table.
        table: The table, if there is one.
        after: Paragraphs after it.
    """

    title: str
    before: Sequence[str] = ()
    table: TextTable | None = None
    after: Sequence[str] = ()


def as_text(sections: Sequence[Section]) -> list[str]:
    """Lines of at most 80 characters, an empty one between sections."""
    lines: list[str] = []
    for section in sections:
        lines += [line for text in section.before for line in wrapped(text)]
        lines += list(_columns(section.table)) if section.table else []
        lines += [line for text in section.after for line in wrapped(text)]
        lines.append("")
    return lines[:-1]


def as_markdown(title: str, sections: Sequence[Section]) -> str:
    """The same as Markdown, with all rows of every table."""
    blocks = [f"# {title}"]
    for section in sections:
        blocks += [f"## {section.title}", *map(_escaped, section.before)]
        blocks += ["\n".join(pipes(section.table))] if section.table else []
        blocks += map(_escaped, section.after)
    return "\n\n".join(blocks) + "\n"


def wrapped(text: str, indent: str = "  ") -> list[str]:
    """A paragraph in lines of at most 80 characters, the later ones indented."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line.strip() else f"{line}{word}"
        if len(longer) > WIDTH and line.strip():
            lines.append(line)
            longer = f"{indent}{word}"
        line = longer
    return [cut(part, WIDTH) for part in [*lines, line]]


def cut(text: str, width: int, keep: End = "left") -> str:
    """The text, cut to a width; of a path the end tells more: ``keep="right"``."""
    if len(text) <= width:
        return text
    return "…" + text[-(width - 1) :] if keep == "right" else text[: width - 1] + "…"


def _columns(table: TextTable) -> Iterator[str]:
    shown = [list(row) for row in table.rows[:MOST_ROWS]]
    widths = _widths([list(table.head), *shown], table.left)
    for row in [list(table.head), *shown]:
        cells = [cut(cell, width, table.keep) for cell, width in zip(row, widths, strict=True)]
        padded = [
            cell.ljust(width) if place < table.left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        yield "  ".join(padded).rstrip()
    if len(table.rows) > MOST_ROWS:
        yield f"and {len(table.rows) - MOST_ROWS} more rows"


def _widths(rows: Sequence[Sequence[str]], left: int) -> list[int]:
    """The columns' widths; where they are too wide words are cut before numbers."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH and max(widths) > NARROWEST:
        words = [width for width in widths[:left] if width > NARROWEST]
        widths[widths.index(max(words or widths))] -= 1
    return widths


def pipes(table: TextTable) -> Iterator[str]:
    """The lines of a table as Markdown."""
    rules = [":--" if place < table.left else "--:" for place in range(len(table.head))]
    for row in [table.head, rules, *table.rows]:
        yield f"| {' | '.join(_escaped(cell) for cell in row)} |"


def _escaped(text: str) -> str:
    for mark in "\\|*_<":
        text = text.replace(mark, f"\\{mark}")
    return text
