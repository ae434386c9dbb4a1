"""What the report of a search begins with: its best points, confirmed and as it saw them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from runner.results.figures.colours import Legend
from runner.results.figures.marks import Mark, Tiles
from runner.results.figures.spec import FigureSpec, Panel, thinning
from runner.results.labels import counted, interval, readable
from runner.results.measures import Measures
from runner.results.page.figures import PageFigure
from runner.results.report.tables import PageTable, TableCell, cell
from runner.results.search.confirmed import Confirmed, ConfirmedPoint, read_confirmed
from runner.results.search.figures import LEGEND, search_figures
from runner.results.search.importance import Importance, importance
from runner.results.search.trials import Trials
from runner.results.stats import mean_interval
from runner.results.sweep import Sweep

MOST_SEEN = 10
MOST_POSITIONS = 20_000


@dataclass(frozen=True)
class SearchSection:
    """The part of a report that only a search has.

    Attributes:
        summary: How many points were tried, and what became of them.
        confirmed: The best points, trained again; None where none were.
        place: The report of those runs, by its address from this one; empty where there is none.
        seen: The best points as the search saw them.
        importance: How much of the metric each key explains.
        figures: The best so far, and how far points were trained.
        legend: What their colours are; their numbers go on from those of the rest of the page.
        first: The number of its first entry on the page.
        thinned: Every how many epochs of the curves a point is drawn.
    """

    summary: str
    seen: PageTable
    importance: Importance
    confirmed: PageTable | None = None
    place: str = ""
    figures: list[PageFigure] = field(default_factory=list)
    legend: Legend = LEGEND
    first: int = 0
    thinned: int = 1


def search_section(sweep: Sweep, legend: Legend) -> SearchSection | None:
    """The part of a report that only a search has.

    Args:
        sweep: The search as a sweep.
        legend: That of the rest of the page.

    Returns:
        None of any other sweep.
    """
    trials = sweep.search
    if trials is None:
        return None
    confirmed, first = read_confirmed(trials), len(legend.entries)
    seen = _seen(trials, sweep.measures)
    found = SearchSection(_summary(trials), seen, importance(trials), first=first)
    if confirmed:
        place = confirmed.folder / "report.html"
        address = f"{confirmed.folder.name}/{place.name}" if place.is_file() else ""
        table = _confirmed(confirmed, trials, sweep.measures)
        found = replace(found, confirmed=table, place=address)
    if not (specs := list(search_figures(trials, sweep.view, confirmed))):
        return found
    whole = Legend("", (*legend.entries, *LEGEND.entries))
    figures, step = _figures(specs, whole, first)
    return replace(found, figures=figures, thinned=step)


def _figures(
    specs: Sequence[FigureSpec], legend: Legend, first: int
) -> tuple[list[PageFigure], int]:
    panels = [_renumbered(panel, first) for spec in specs for panel in spec.panels]
    step = thinning(panels, MOST_POSITIONS)
    return [PageFigure.of(panel.thinned(step), legend) for panel in panels], step


def _renumbered(panel: Panel, first: int) -> Panel:
    """A panel whose colours are those of the page's legend from an entry on."""
    return replace(panel, marks=tuple(_moved(mark, first) for mark in panel.marks))


def _moved(mark: Mark, first: int) -> Mark:
    if isinstance(mark, Tiles) or not isinstance(mark.colour, int):
        return mark
    return replace(mark, colour=mark.colour + first)


def _summary(trials: Trials) -> str:
    statuses = trials.frame["status"].value_counts()
    told = {"ok": "trained to the end", "pruned": "let go early"}
    parts = ", ".join(f"{count} {told.get(str(name), name)}" for name, count in statuses.items())
    rounds = counted(int(trials.frame["round"].nunique()), "round")
    spent = readable(trials.total("member_epochs"))
    seconds = readable(trials.total("seconds"), ".3g")
    points = counted(len(trials.frame), "point")
    return f"{points} in {rounds}: {parts}. {spent} member-epochs, {seconds} s."


def _confirmed(confirmed: Confirmed, trials: Trials, measures: Measures) -> PageTable:
    """The best points, the best first, with their intervals over the new seeds."""
    name = confirmed.metric
    rows = [_again_row(point, confirmed, trials.keys) for point in confirmed.points]
    columns = [*trials.keys, name, "std", "95 % interval", "n", *confirmed.tests]
    seeds = max(point.runs for point in confirmed.points)
    best = trials.best[trials.metric]
    was = (
        f" The search itself saw {readable(float(best.iloc[0]))} at its best." if len(best) else ""
    )
    note = (
        f"Trained again to the end, on {counted(seeds, 'seed')} that the search had not seen: "
        f"means of {trials.metric} at the best epoch, with Student's interval over the seeds.{was}"
    )
    arrows = {column: measures.arrow(column) for column in (name, *confirmed.tests)}
    return PageTable(columns, rows, note, winner=True, arrows=arrows)


def _again_row(point: ConfirmedPoint, confirmed: Confirmed, keys: list[str]) -> list[TableCell]:
    sample = point.samples[confirmed.metric]
    return [
        *(cell(point.values[key]) for key in keys),
        cell(sample.mean),
        TableCell("") if sample.n < 2 else cell(sample.std),
        TableCell(interval(*mean_interval(sample))),
        TableCell(f"{sample.n}" if sample.n == point.runs else f"{sample.n} of {point.runs}"),
        *(cell(point.samples[name].mean) for name in confirmed.tests),
    ]


def _seen(trials: Trials, measures: Measures) -> PageTable:
    """The best points as the search saw them."""
    best = trials.best.head(MOST_SEEN)
    columns = ["trial", *trials.keys, trials.metric]
    rows = [[cell(value) for value in row] for row in best[columns].to_numpy(object)]
    more = f"The best {len(best)} of {len(trials.complete)} points that were trained to the end, "
    note = (
        f"{more}by {trials.metric} at the best epoch, on the seeds of the search. The best of many "
        "such values flatters itself: how good a point is, its runs on new seeds tell."
    )
    arrows = {trials.metric: measures.arrow(trials.metric)}
    return PageTable(columns, rows, note, arrows=arrows)
