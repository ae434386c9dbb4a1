"""Writing a comparison: its tables as CSV, its text as Markdown and as a page, its figures."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from runner.atomic_write import write_whole
from runner.errors import RequestError, named
from runner.results.compare.comparison import Comparison, Contrast
from runner.results.compare.curves import side_legend
from runner.results.compare.differences import Difference
from runner.results.compare.figures import comparison_figures
from runner.results.compare.inputs import PointKey, Side, config_differences, name_sides
from runner.results.compare.text import closing, opening, sections
from runner.results.figures import mpl
from runner.results.figures.colours import Legend
from runner.results.figures.mpl_layout import png
from runner.results.figures.spec import FigureSpec, thinning
from runner.results.page.figures import PageFigure
from runner.results.page.shell import CANVAS, figure_scripts, render_page, source
from runner.results.read.runs import Value, is_run, is_sweep
from runner.results.text_tables import Section, as_markdown

CsvRow = dict[str, Value | None]
HERE = Path(__file__).parent
MOST_POSITIONS = 20_000
SMALL = 1.2  # inches in print, up to which many stand side by side
FILES = (
    "comparison.md says the same; "
    "overall.csv, points.csv, sides.csv and config.csv have all digits."
)
SPEED = ("seconds", "seconds_per_run", "examples_per_second", "width", "device")


def new_folder() -> Path:
    """Where a comparison goes unless it is told: ``outputs/comparisons/<date>/<time>``."""
    return Path(f"{datetime.now():outputs/comparisons/%Y-%m-%d/%H-%M-%S-%f}")


def check_output_folder(folder: Path) -> None:
    """See that a comparison may be written to a folder.

    Raises:
        RequestError: It is a file, or holds a run or a sweep, whose plots it would replace.
    """
    if folder.exists() and not folder.is_dir():
        raise RequestError(f"--out '{folder}' is a file, not a folder.")
    if folder.is_dir() and (is_run(folder) or is_sweep(folder)):
        raise RequestError(f"--out '{folder}' holds a run or a sweep; a comparison needs its own.")


def write_comparison(
    comparison: Comparison, folder: Path, more: Sequence[Section] = ()
) -> list[Path]:
    """Write a comparison's files, each whole or not at all.

    Args:
        comparison: The sides compared.
        folder: Where the files go; it is made.
        more: What else the text is to say.

    Returns:
        The files: ``comparison.md``, ``comparison.html``, ``overall.csv`` (a row per side and
        metric), ``points.csv`` (a row per side, metric and point), ``sides.csv``, ``config.csv``,
        and ``plots/*.png``.
    """
    figures = list(comparison_figures(comparison))
    drawn = dict(_drawn(figures))
    images = [f"![{Path(name).stem}]({name})" for name in drawn]
    text = as_markdown("Comparison", [*sections(comparison), *more])
    contents = {"comparison.md": "\n\n".join([text.rstrip(), *images, ""]).encode()}
    contents["comparison.html"] = render(comparison, more, figures).encode()
    for name, frame in tables(comparison).items():
        contents[name] = frame.to_csv(index=False, lineterminator="\n").encode()
    return [write_whole(folder / name, content) for name, content in (contents | drawn).items()]


def _drawn(figures: Iterable[FigureSpec]) -> Iterator[tuple[str, bytes]]:
    """Draw figures; what a file by others has no place for costs its figure alone."""
    for spec in figures:
        try:
            yield f"plots/{spec.name}.png", png(mpl.draw(spec))
        except (OSError, MemoryError):
            raise
        except Exception as error:
            print(f"{spec.name}.png was not drawn: {named(error)}.", file=sys.stderr)


def tables(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """The tables of a comparison, by the names of their files."""
    columns = pd.Index(["key", *comparison.names])
    return {
        "overall.csv": pd.DataFrame(_overall(comparison)),
        "points.csv": pd.DataFrame(_points(comparison)),
        "sides.csv": pd.DataFrame(_sides(comparison)),
        "config.csv": pd.DataFrame(config_differences(comparison.sides), columns=columns),
    }


def _overall(comparison: Comparison) -> Iterator[CsvRow]:
    for contrast in comparison.contrasts:
        for row in contrast.overall:
            paired = {"points": row.over, "matched": contrast.matching.kind}
            yield _head(contrast, row) | paired | _numbers(row)


def _points(comparison: Comparison) -> Iterator[CsvRow]:
    """One column per key where equal points are compared, else those of either side."""
    for contrast in comparison.contrasts:
        for row in contrast.by_point:
            first, other = row.points[0]
            keys = _values("", contrast.first, first)
            if contrast.matching.kind != "points":
                keys = _values("A:", contrast.first, first)
                keys |= _values(f"{contrast.name}:", contrast.side, other)
            yield _head(contrast, row) | keys | _numbers(row)


def _values(start: str, side: Side, point: PointKey) -> CsvRow:
    return {f"{start}{key}": value for key, value in zip(side.keys, point, strict=True)}


def _head(contrast: Contrast, row: Difference) -> CsvRow:
    return {
        "side": contrast.name,
        "path": contrast.side.path,
        "against": contrast.first.path,
        "metric": row.metric,
    }


def _numbers(row: Difference) -> CsvRow:
    estimate = row.estimate
    counts = estimate.counts * 2 if len(estimate.counts) == 1 else estimate.counts
    return {
        "mean_first": row.first,
        "mean_side": row.other,
        "difference": estimate.difference,
        "low": estimate.low,
        "high": estimate.high,
        "p": estimate.p,
        "p_holm": row.p,
        "n_first": counts[0],
        "n_side": counts[1],
        "interval": estimate.method if row.has_interval else "none",
    }


def _sides(comparison: Comparison) -> Iterator[CsvRow]:
    for name, side in comparison.named_sides:
        counts = {"runs": side.runs, "failed": side.failed, "points": len(side.points)}
        speed = {key: side.speed.get(key) for key in SPEED}
        yield (
            {"side": name, "path": side.path} | counts | speed | {"left_out": "; ".join(side.notes)}
        )


def render(
    comparison: Comparison,
    more: Sequence[Section] = (),
    figures: Sequence[FigureSpec] | None = None,
) -> str:
    """The comparison as a page: what the text and ``more`` say, with figures.

    Args:
        comparison: The sides compared.
        more: What else it is to say.
        figures: Its figures, where they are at hand; otherwise they are made of it.
    """
    specs = list(comparison_figures(comparison)) if figures is None else figures
    title = name_sides(comparison.sides, comparison.names).title
    below = [*closing(comparison), *more]
    return render_comparison(
        title, opening(comparison), specs, below, FILES, side_legend(comparison)
    )


def render_comparison(
    title: str,
    above: Sequence[Section],
    figures: Sequence[FigureSpec],
    below: Sequence[Section],
    files: str,
    legend: Legend | None = None,
) -> str:
    """A comparison as a page.

    Args:
        title: What is compared.
        above: What is said before the figures.
        figures: The figures.
        below: What is said after them.
        files: What else was written, in a sentence.
        legend: The sides; that of the first figure where it is not given.
    """
    sides = legend or figures[0].legend
    own = source(CANVAS, HERE / "page.js")
    return render_page(
        HERE / "page.html.jinja",
        title,
        scripts=[*figure_scripts(), own] if figures else [],
        colours=sides.colours,
        opening=above,
        groups=[_figure_group(spec) for spec in figures],
        closing=below,
        sides=sides,
        files=files,
    )


class FigureGroup(NamedTuple):
    """Figures that stand together.

    Attributes:
        title: Their heading.
        caption: How to read them.
        figures: The figures.
        sides: The numbers of the sides that have a mark in them, for the legend.
        small: Whether they are low, so that many stand side by side.
    """

    title: str
    caption: str
    figures: list[PageFigure]
    sides: list[int]
    small: bool


def _figure_group(spec: FigureSpec) -> FigureGroup:
    step = thinning(spec.panels, MOST_POSITIONS)
    thinned = f" Of the epochs, one in {step} is drawn." if step > 1 else ""
    figures = [PageFigure.of(panel.thinned(step), spec.legend) for panel in spec.panels]
    small = all(panel.height < SMALL for panel in spec.panels)
    return FigureGroup(spec.heading, f"{spec.how}.{thinned}", figures, spec.entries, small)
