"""Writing a comparison of searches: its tables as CSV, its text as Markdown and as a page."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from runner.atomic_write import write_whole
from runner.results.compare.comparison import side_names
from runner.results.compare.write import CsvRow, render_comparison
from runner.results.figures import mpl
from runner.results.figures.mpl_layout import png
from runner.results.search.comparison import BUDGETS, search_sections
from runner.results.search.comparison_figure import searches_figure
from runner.results.search.sides import SearchSide
from runner.results.stats import mean_interval, summarize
from runner.results.text_tables import as_markdown

FILES = "comparison.md says the same; searches.csv and best_so_far.csv have all digits."


def write_searches(sides: Sequence[SearchSide], folder: Path) -> list[Path]:
    """Write the files of a comparison of searches, each whole or not at all.

    Args:
        sides: The sides compared.
        folder: Where the files go; it is made.

    Returns:
        The files: ``comparison.md``, ``comparison.html``, ``searches.csv`` (a row per search),
        ``best_so_far.csv`` (a row per side and step) and ``plots/best_so_far.png``.
    """
    figure, text = searches_figure(sides), search_sections(sides)
    image = f"plots/{figure.name}.png"
    markdown = as_markdown("Searches compared", text).rstrip()
    title = f"Searches compared: {' and '.join(side.path for side in sides)}"
    page = render_comparison(title, text[:1], [figure], text[1:], FILES)
    contents = {
        "comparison.md": f"{markdown}\n\n![{figure.name}]({image})\n".encode(),
        "comparison.html": page.encode(),
        "searches.csv": _csv(_searches(sides)),
        "best_so_far.csv": _csv(_steps(sides)),
        image: png(mpl.draw(figure)),
    }
    return [write_whole(folder / name, content) for name, content in contents.items()]


def _csv(rows: Iterator[CsvRow]) -> bytes:
    text: str = pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")
    return text.encode()


def _searches(sides: Sequence[SearchSide]) -> Iterator[CsvRow]:
    for name, side in zip(side_names(len(sides)), sides, strict=True):
        again = {one.folder.parent: one for one in side.confirmed}
        for search in side.searches:
            spent: CsvRow = {budget: search.total(budget) for budget in BUDGETS}
            row: CsvRow = {"side": name, "path": str(search.folder), "points": len(search.frame)}
            ended: CsvRow = {"complete": len(search.complete), "pruned": len(search.pruned)}
            best: CsvRow = {
                "metric": search.metric,
                "best": search.found,
            }
            found = again.get(search.folder)
            sample = found.best if found else summarize([])
            low, high = mean_interval(sample)
            yield row | ended | spent | best | {
                "confirmed_mean": sample.mean, "confirmed_std": sample.std,
                "low": low, "high": high, "confirmed_n": sample.n,
            }  # fmt: skip


def _steps(sides: Sequence[SearchSide]) -> Iterator[CsvRow]:
    for name, side in zip(side_names(len(sides)), sides, strict=True):
        for budget in BUDGETS:
            band = side.band(budget)
            columns = (band.spent, band.median, band.low, band.high)
            for spent, median, low, high in zip(*map(list, columns), strict=True):
                told = {"spent": spent, "median": median, "low": low, "high": high}
                yield {"side": name, "budget": budget} | told
