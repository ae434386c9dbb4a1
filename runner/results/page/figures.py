"""Figures as a page carries them."""

from dataclasses import dataclass
from typing import Any, Self

from markupsafe import Markup

from runner.results.figures import bokeh
from runner.results.figures.colours import Legend
from runner.results.figures.spec import Panel
from runner.results.page.embed import as_json


@dataclass(frozen=True)
class PageFigure:
    """A figure of a page.

    Attributes:
        title: Its heading.
        caption: What it shows, in sentences.
        json: What the library draws.
    """

    title: str
    caption: str
    json: Markup

    @classmethod
    def of(cls, panel: Panel, legend: Legend, **more: Any) -> Self:
        """A panel as a page carries it, its colours those of a legend."""
        return cls(panel.title, panel.caption, as_json(bokeh.draw(panel, legend)), **more)
