"""What makes a page one safe file: one frame, templates that escape, scripts by their hashes."""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from runner.results.page.embed import bokeh_script

HERE = Path(__file__).parent
CANVAS = HERE / "canvas.js"


def render_page(
    template: Path,
    title: str,
    *,
    scripts: Sequence[Markup] = (),
    colours: Sequence[tuple[str, str]] = (),
    images: str = "data:",
    **values: Any,
) -> str:
    """A page whose policy lets in its own scripts and styles alone.

    Args:
        template: A template that extends ``base.html.jinja``.
        title: Its title.
        scripts: Its scripts, as `source` gives them.
        colours: The colours of the classes ``g0``, ``g1``, … on white, and on black.
        images: Where images may come from.
        values: What else the template needs.
    """
    values |= {"title": title, "scripts": scripts, "colours": colours, "images": images}
    values |= {"style": source(HERE / "style.css"), "hash": hash_of}
    template_of = _template(template)
    # The styles that Bokeh makes have no hash known beforehand; a page has its own nonce for them,
    # which nobody can know who wrote a part of it.
    draft = template_of.render(nonce="", **values)
    page: str = template_of.render(nonce=hashlib.sha256(draft.encode()).hexdigest()[:32], **values)
    return page


def source(*paths: Path) -> Markup:
    """Scripts or styles, put together, to stand in a page as they are."""
    return Markup("\n").join(Markup(path.read_text(encoding="utf-8")) for path in paths)


def figure_scripts() -> list[Markup]:
    """What a page with figures needs before its own scripts: the library and what prepares it."""
    return [source(HERE / "prelude.js"), bokeh_script()]


def hash_of(script: str) -> str:
    """How a Content-Security-Policy names a script that may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def _template(path: Path) -> Any:
    environment = Environment(
        loader=FileSystemLoader([path.parent, HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(path.name)
