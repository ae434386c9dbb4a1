"""The setting that sides with different swept keys share: is it the same, what do others add?"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from runner.results.compare.comparison import Comparison, Row, Versus, difference_row, step
from runner.results.compare.numbers import head, row_cells, runs_words
from runner.results.compare.sections import Grid, Section
from runner.results.compare.selection import candidates, find_best
from runner.results.compare.sides import Point, Side, point_words
from runner.results.labels import point_label
from runner.results.stats import holm


def baseline(comparison: Comparison, versus: Versus) -> Iterator[Section]:
    """How the sides do at the settings that both have, and what their best points add to it.

    Args:
        comparison: The sides compared.
        versus: One of them against the first, matched by best points or not at all.

    Yields:
        Sections; none where the best points of both are that very setting.
    """
    rows = at_shared(comparison, versus)
    # Where the best points are that setting, the rows would be those of the best points again.
    if not rows or versus.matching.one_setting:
        return
    title = f"{versus.name} and A at the same setting"
    words = [_which(comparison, versus, rows)]
    if all(row.found.same for row in rows):
        words.append(
            "Every metric is the same there in every pair: but for what was swept, "
            f"A and {versus.name} did the same."
        )
    else:
        grid = Grid(
            ["metric", *head("A", versus.name)], [row_cells(row, row.metric) for row in rows]
        )
        yield Section(title, words, grid)
        title, words = f"{title}, what others add", []
    words += _itself(versus, comparison.first)
    for metric, of in _by_metric(gains(comparison, versus)):
        title = title if words else f"What the best points of {versus.name} and A add in {metric}"
        words.append(f"What the best points by val/loss add to it, in {metric}:")
        cells = [row_cells(row, f"{row.side} at {point_label(row.points[0][1])}") for row in of]
        yield Section(title, words, Grid(["best point", *head("there", "best")], cells))
        words = []
    if words:
        yield Section(title, words)


def _by_metric(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    metrics = dict.fromkeys(row.metric for row in rows)
    return [(metric, [row for row in rows if row.metric == metric]) for metric in metrics]


def at_shared(comparison: Comparison, versus: Versus) -> list[Row]:
    """A row per metric, over the points that are one setting of both sides.

    Args:
        comparison: The sides compared.
        versus: One of them against the first.
    """
    pairs = tuple(versus.matching.shared)
    first, other = comparison.first, versus.side
    metrics = [row.metric for row in versus.overall] or [comparison.metric]
    return _corrected(
        difference_row(versus.name, first, other, pairs, m, step(first, other, m))
        for m in metrics
        if pairs
    )


def gains(comparison: Comparison, versus: Versus) -> list[Row]:
    """Each side's best point against the one setting that both share.

    Args:
        comparison: The sides compared.
        versus: One of them against the first.

    Returns:
        A row per metric, the main one and the loss beside it, and side whose best point is another;
        none where more than one setting is shared.
    """
    if versus.matching.kind != "best" or len(versus.matching.shared) != 1:
        return []
    names, sides = ("A", versus.name), (comparison.first, versus.side)
    (there,), (best,) = versus.matching.shared, versus.matching.points
    # The points were chosen by the loss of the validation split: the same on the test set judges.
    loss = f"{comparison.metric.partition('/')[0]}/loss"
    shown = [name for name in (comparison.metric, loss) if all(name in s.metrics for s in sides)]
    return _corrected(
        _gain(name, side, at, to, metric)
        for metric in dict.fromkeys(shown)
        for name, side, at, to in zip(names, sides, there, best, strict=True)
        if at != to
    )


def _gain(name: str, side: Side, at: Point, best: Point, metric: str) -> Row:
    """A side's best point against another of its own; that one is among those chosen from."""
    there, any_point = candidates(side, metric, at), candidates(side, metric)
    found = find_best(there, any_point, step(side, side, metric))
    return Row(name, metric, ((at, best),), found)


def _which(comparison: Comparison, versus: Versus, rows: Sequence[Row]) -> str:
    pairs = versus.matching.shared
    found = next((r.found for r in rows if r.metric == comparison.metric), rows[0].found)
    runs = runs_words(found.estimate, comparison.first)
    if len(pairs) > 1:
        return f"A and {versus.name} have {len(pairs)} settings in common, {runs}."
    first, other = pairs[0]
    return (
        f"{_place('A', comparison.first, first)} and {_place(versus.name, versus.side, other)} "
        f"are one setting, {runs}."
    )


def _place(name: str, side: Side, point: Point) -> str:
    return f"{name} at {point_words(side.keys, point)}" if side.keys else name


def _itself(versus: Versus, first: Side) -> Iterator[str]:
    if versus.matching.kind != "best" or len(versus.matching.shared) != 1:
        return
    (there,), (best,) = versus.matching.shared, versus.matching.points
    sides = zip(("A", versus.name), (first, versus.side), there, best, strict=True)
    names = [name for name, side, at, to in sides if at == to and len(side.points) > 1]
    if names:
        yield f"It is itself the best point of {' and of '.join(names)}."


def _corrected(found: Iterator[Row]) -> list[Row]:
    rows = list(found)
    corrected = holm([row.found.estimate.p for row in rows])
    return [replace(row, p=p) for row, p in zip(rows, corrected, strict=True)]
