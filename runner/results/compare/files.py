"""A comparison on disk: its tables as CSV, its text as Markdown and as a page, its figures."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from runner.atomic_write import write_whole
from runner.errors import RequestError
from runner.results.compare.comparison import Comparison, Row, Versus
from runner.results.compare.sections import Section, as_markdown
from runner.results.compare.sides import Point, Side
from runner.results.compare.words import differing, sections
from runner.results.read.runs import is_run, is_sweep


def new_folder() -> Path:
    """Where a comparison goes unless it is told: ``outputs/comparisons/<date>/<time>``."""
    return Path(f"{datetime.now():outputs/comparisons/%Y-%m-%d/%H-%M-%S-%f}")


def check_folder(folder: Path) -> None:
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
    from runner.results.compare.page import render
    from runner.results.compare.plots import figures
    from runner.results.plots.style import png

    drawn = {f"plots/{name}.png": png(figure) for name, figure in figures(comparison)}
    images = [f"![{Path(name).stem}]({name})" for name in drawn]
    text = as_markdown("Comparison", [*sections(comparison), *more])
    contents = {"comparison.md": "\n\n".join([text.rstrip(), *images, ""]).encode()}
    contents["comparison.html"] = render(comparison, more).encode()
    for name, frame in tables(comparison).items():
        contents[name] = frame.to_csv(index=False, lineterminator="\n").encode()
    return [write_whole(folder / name, content) for name, content in (contents | drawn).items()]


def tables(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """The tables of a comparison, by the names of their files."""
    keys = [["key", *comparison.names], *differing(comparison)]
    return {
        "overall.csv": pd.DataFrame(_overall(comparison)),
        "points.csv": pd.DataFrame(_points(comparison)),
        "sides.csv": pd.DataFrame(_sides(comparison)),
        "config.csv": pd.DataFrame(keys[1:], columns=pd.Index(keys[0])),
    }


def _overall(comparison: Comparison) -> Iterator[dict[str, Any]]:
    for versus in comparison.versus:
        for row in versus.overall:
            paired = {"points": row.over, "matched": versus.matching.kind}
            yield _named(comparison, versus) | {"metric": row.metric} | paired | _numbers(row)


def _points(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """One column per key where equal points are compared, else each side's point in words."""
    for versus in comparison.versus:
        for row in versus.by_point:
            first, other = row.points[0]
            keys = _values("", comparison.first, first)
            if versus.matching.kind != "points":
                keys = _values("A:", comparison.first, first)
                keys |= _values(f"{versus.name}:", versus.side, other)
            yield _named(comparison, versus) | {"metric": row.metric} | keys | _numbers(row)


def _values(start: str, side: Side, point: Point) -> dict[str, Any]:
    return {f"{start}{key}": value for key, value in zip(side.keys, point, strict=True)}


def _named(comparison: Comparison, versus: Versus) -> dict[str, Any]:
    return {"side": versus.name, "path": versus.side.path, "against": comparison.first.path}


def _numbers(row: Row) -> dict[str, Any]:
    found, estimate = row.found, row.found.estimate
    counts = estimate.counts * 2 if len(estimate.counts) == 1 else estimate.counts
    return {
        "mean_first": found.first,
        "mean_side": found.other,
        "difference": estimate.difference,
        "low": estimate.low,
        "high": estimate.high,
        "p": estimate.p,
        "p_holm": row.p,
        "n_first": counts[0],
        "n_side": counts[1],
        "interval": estimate.method if not math.isnan(estimate.low) else "none",
    }


SPEED = ("seconds", "seconds_per_run", "examples_per_second", "width", "device")


def _sides(comparison: Comparison) -> Iterator[dict[str, Any]]:
    for name, side in zip(comparison.names, comparison.sides, strict=True):
        counts = {"runs": side.runs, "failed": side.failed, "points": len(side.points)}
        speed = {key: side.speed.get(key) for key in SPEED}
        yield (
            {"side": name, "path": side.path} | counts | speed | {"left_out": "; ".join(side.notes)}
        )
