"""Bokeh's figures as JSON in a page, and the library that shows them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import bokeh
from bokeh.document import Document
from bokeh.plotting import figure
from markupsafe import Markup


def as_json(plot: figure) -> Markup:
    """A figure as JSON that may stand inside a ``<script>``.

    Args:
        plot: The figure.

    Returns:
        JSON without ``<``, the same for the same figure: its models are numbered anew.
    """
    document = Document()
    document.add_root(plot)
    numbers: dict[str, str] = {}
    content = _numbered(document.to_json(deferred=False), numbers)
    found = {"doc": content, "root_id": numbers[plot.id]}
    text = json.dumps(found, separators=(",", ":"))
    # Inside a string, the only place where these can stand in JSON, the escapes mean the same.
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


@cache
def bokeh_script() -> Markup:
    """The source of BokehJS, as its package carries it."""
    path = Path(bokeh.__file__).parent / "server" / "static" / "js" / "bokeh.min.js"
    source = path.read_text(encoding="utf-8")
    if "</script" in source.lower():
        raise ValueError("BokehJS holds the end of a script and cannot stand in a page.")
    return Markup(source)


def _numbered(node: Any, numbers: dict[str, str]) -> Any:
    """A copy of a document's JSON, its ids numbered in order of appearance."""
    if isinstance(node, list):
        return [_numbered(child, numbers) for child in node]
    if not isinstance(node, dict):
        return node
    return {
        name: numbers.setdefault(child, f"m{len(numbers)}")
        if name == "id"
        else _numbered(child, numbers)
        for name, child in node.items()
    }
