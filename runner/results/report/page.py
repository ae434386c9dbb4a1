"""Renders ``report.html``: one file, everything in it escaped, nothing in it from elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runner.guarded_files import why_unread
from runner.results.labels import describe, labelled, readable
from runner.results.page.shell import CANVAS, figure_scripts, render_page, source
from runner.results.population import (
    LINEAGE,
    NOT_A_POINT,
    SCHEDULE,
    best_at_end,
    metric_of,
    read_lineage,
)
from runner.results.read.go_on import how_to_go_on
from runner.results.report.classes import classes_table
from runner.results.report.drawings import drawings
from runner.results.report.facts import command, facts
from runner.results.report.failures import failures
from runner.results.report.figures import ReportFigures, report_figures
from runner.results.report.settings import settings
from runner.results.report.tables import points_table, runs_table
from runner.results.search.section import search_section
from runner.results.sweep import Sweep
from runner.results.tables import point_columns

HERE = Path(__file__).parent
SCRIPTS = ("runs.js", "advice.js", "brush.js", "curves.js", "figures.js", "page.js")


def render(sweep: Sweep) -> str:
    """The report as HTML.

    Args:
        sweep: The sweep, or the run as a sweep of one.
    """
    folder, runs, tables, view = sweep.folder, sweep.runs, sweep.tables, sweep.view
    figures = report_figures(view, runs) if view else ReportFigures()
    if sweep.is_population:  # its members did not train with the values that they began with
        figures = figures.curves_alone()
    keys = point_columns(tables.sweep)
    alone = sweep.is_single_run
    search = search_section(sweep, figures.legend)
    library = figure_scripts() if figures.any else []
    return render_page(
        HERE / "template.html.jinja",
        _title(sweep, keys),
        scripts=[*library, source(CANVAS, *(HERE / name for name in SCRIPTS))],
        colours=[*figures.legend.colours, *(search.legend.colours if search else ())],
        next_steps=how_to_go_on(folder, runs),
        command=command(folder, runs),
        facts=facts(folder, runs),
        points=None if alone or sweep.is_population else points_table(tables, sweep.measures),
        runs=runs_table(tables, sweep.measures),
        population=_about_population(sweep) if sweep.is_population else "",
        classes=classes_table(sweep),
        figures=figures,
        search=search,
        view=view,
        failures=failures(runs),
        missing=sweep.missing,
        settings=settings(runs),
        experiment=next(
            (r.overrides["experiment"] for r in runs if "experiment" in r.overrides), None
        ),
        drawings=drawings(folder),
        alone=alone,
    )


def _about_population(sweep: Sweep) -> str:
    """What a population came to, and what that shows."""
    if not (sweep.folder / SCHEDULE).is_file():
        return NOT_A_POINT
    try:
        lineage = read_lineage(sweep.folder)
    except OSError as error:
        return f"{LINEAGE} {why_unread(error)}. {NOT_A_POINT}"
    column = metric_of(lineage)
    best = best_at_end(lineage, column, sweep.measures.sign(column))
    if best is None:
        return NOT_A_POINT
    return (
        f"At the end member {best['member']:.0f} is the best, with {column} "
        f"{readable(best[column])}; {SCHEDULE} has what its weights were trained with. "
        f"{NOT_A_POINT}"
    )


def render_index(title: str, entries: Sequence[Any]) -> str:
    """The overview of many runs and sweeps as HTML.

    Args:
        title: The name of their folder.
        entries: What is told of each, see `runner.results.report.index.Entry`.
    """
    return render_page(
        HERE / "index.html.jinja",
        f"Runs and sweeps: {title}",
        images="'self' file:",
        folder=title,
        entries=entries,
    )


def _title(sweep: Sweep, keys: list[str]) -> str:
    runs, over = sweep.runs, ", ".join(keys)
    config = next((run.config for run in runs if run.config), {})
    what = describe(config, keys) or sweep.folder.name
    if sweep.search:
        what = f"{what}, a search over {', '.join(sweep.search.keys)}"
    elif not sweep.is_single_run:
        what = f"{what} by {over}" if keys else f"{what}, repeated"
    return labelled(next((run.summary for run in runs if run.summary), {}), what)
