"""Renders ``report.html``: one file, everything in it escaped, nothing in it from elsewhere."""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from runner.results.files import Run
from runner.results.report.drawings import drawings
from runner.results.report.embed import bokeh_script
from runner.results.report.facts import command, facts
from runner.results.report.sections import Plots, draw
from runner.results.report.settings import settings
from runner.results.report.tables import failures, points_table, runs_table
from runner.results.study import make_study
from runner.results.tables import Tables, point_columns
from runner.results.words import describe

HERE = Path(__file__).parent


def render(folder: Path, runs: Sequence[Run], tables: Tables) -> str:
    """The report as HTML.

    Args:
        folder: The folder of the sweep or run.
        runs: Its runs.
        tables: Their tables.
    """
    study = make_study(runs, tables)
    plots = draw(study, len(runs)) if study else Plots()
    keys = point_columns(tables.sweep)
    alone = len(runs) == 1 and runs[0].folder == folder
    library = [_source("prelude.js"), bokeh_script()] if plots.any else []
    page: str = _template("template.html.jinja").render(
        title=_title(folder, runs, keys, alone),
        command=command(folder, runs),
        facts=facts(folder, runs),
        points=None if alone else points_table(tables),
        runs=runs_table(tables),
        plots=plots,
        study=study,
        failures=failures(runs),
        settings=settings(runs),
        experiment=next(
            (r.overrides["experiment"] for r in runs if "experiment" in r.overrides), None
        ),
        drawings=drawings(folder),
        alone=alone,
        style=_source("style.css"),
        scripts=[*library, _source("page.js")],
        hash=_hash,
        nonce="@nonce@",
    )
    # The styles that Bokeh makes have no hash known beforehand; a page has its own nonce for them.
    return page.replace("@nonce@", hashlib.sha256(page.encode()).hexdigest()[:32])


def render_index(title: str, entries: Sequence[Any]) -> str:
    """The overview of many sweeps as HTML.

    Args:
        title: The name of their folder.
        entries: What is told of each, see `runner.results.report.index.Entry`.
    """
    found: str = _template("index.html.jinja").render(
        title=title, entries=entries, style=_source("style.css"), hash=_hash
    )
    return found


def _title(folder: Path, runs: Sequence[Run], keys: list[str], alone: bool) -> str:
    what = describe(next((run.config for run in runs if run.config), {}), keys) or folder.name
    if alone:
        return what
    return f"{what} by {', '.join(keys)}" if keys else f"{what}, repeated"


def _source(name: str) -> Markup:
    return Markup((HERE / name).read_text(encoding="utf-8"))


def _hash(script: str) -> str:
    """How a Content-Security-Policy names a script that may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def _template(name: str) -> Any:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
