"""Text by others made inert: a terminal obeys some characters, and some turn lines round."""

import unicodedata
from collections.abc import Mapping
from typing import Any

KEPT = "\n\t"


def printable(text: str) -> str:
    r"""Return a text with each character that is not shown as what it is written as: ``\x1b``.

    Controls and escapes, marks that change the direction of a line, and halves of letters; line
    ends, tabs and all kinds of space stay.
    """
    if text.isprintable():
        return text
    return "".join(one if _is_shown(one) else _written(one) for one in text)


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters: the middle of a longer one is left out."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]} … {text[len(text) - most // 2 + 3 :]}"


def printable_values(value: Any) -> Any:
    """Return values of a configuration, in lists and by name, with every text in it inert."""
    if isinstance(value, Mapping):
        return {printable_values(name): printable_values(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [printable_values(one) for one in value]
    return printable(value) if isinstance(value, str) else value


def _is_shown(one: str) -> bool:
    return one.isprintable() or one in KEPT or unicodedata.category(one) == "Zs"


def _written(one: str) -> str:
    return one.encode("unicode_escape").decode("ascii")
