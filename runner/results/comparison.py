"""A comparison in words: what differs between runs or sweeps, and by how much."""

from collections.abc import Iterator, Sequence
from string import ascii_uppercase

from runner.errors import RequestError
from runner.results.sides import Side
from runner.results.stats import Sample
from runner.results.words import main_metric, short

WIDTH = 80
MOST_ROWS = 60
MOST_DIFFERENCES = 20


def comparison(sides: Sequence[Side]) -> list[str]:
    """Compare sides with the first.

    Args:
        sides: Two or more.

    Returns:
        Lines of at most 80 characters.

    Raises:
        RequestError: The sides share no metric.
    """
    metrics = [name for name in sides[0].metrics if all(name in s.metrics for s in sides)]
    if not metrics:
        raise RequestError(f"{', '.join(repr(side.path) for side in sides)} share no metric.")
    parts = [
        list(_who(sides)),
        list(_what_differs(sides)),
        list(_over_all(sides, metrics)),
        list(_by_point(sides, metrics)),
        list(_warnings(sides, metrics)),
    ]
    return [cut(line, WIDTH) for part in parts if part for line in [*part, ""]][:-1]


def cut(text: str, width: int, keep: str = "left") -> str:
    """The text, cut to a width; of a path the end tells more: ``keep="right"``."""
    if len(text) <= width:
        return text
    return "…" + text[-(width - 1) :] if keep == "right" else text[: width - 1] + "…"


def _names(sides: Sequence[Side]) -> list[str]:
    extra = (f"S{number}" for number in range(27, len(sides) + 1))
    return [*ascii_uppercase[: len(sides)], *extra]


def _who(sides: Sequence[Side]) -> Iterator[str]:
    for name, side in zip(_names(sides), sides, strict=True):
        count = "1 run" if side.runs == 1 else f"{side.runs} runs"
        points = f" at {len(side.points)} points" if len(side.points) > 1 else ""
        failed = f", {side.failed} left out: not ended well" if side.failed else ""
        words = f"{count}{points}{failed}"
        yield f"{name}  {cut(side.path, WIDTH - len(words) - 7, 'right')}  ({words})"


def _what_differs(sides: Sequence[Side]) -> Iterator[str]:
    swept = [key for side in sides for key in side.keys]
    keys = dict.fromkeys([*swept, *(key for side in sides for key in side.config)])
    rows = [
        [key, *(_shown(side, key) for side in sides)] for key in keys if _differs(sides, key, swept)
    ]
    if rows:
        yield from _table(["differs", *_names(sides)], rows[:MOST_DIFFERENCES])
    if len(rows) > MOST_DIFFERENCES:
        yield f"and {len(rows) - MOST_DIFFERENCES} more"


def _differs(sides: Sequence[Side], key: str, swept: Sequence[str]) -> bool:
    """Whether sides that could tell have different values; a CSV file tells its swept keys only."""
    telling = [side for side in sides if side.config or key in swept]
    return len({repr(side.values(key)) for side in telling}) > 1


def _shown(side: Side, key: str) -> str:
    values = side.values(key)
    if not values:
        return "-"
    words = ", ".join(short(value) for value in values)
    return words if len(words) <= 24 else f"{len(values)} values"


def _over_all(sides: Sequence[Side], metrics: Sequence[str]) -> Iterator[str]:
    rows = []
    for metric in metrics:
        samples = [side.over_all(metric) for side in sides]
        rows += _rows(metric, _names(sides), samples)
    head = "metric" if all(len(side.points) == 1 for side in sides) else "metric, over all points"
    yield from _table([head, "", "mean ± std", "n", "difference from A"], rows)


def _by_point(sides: Sequence[Side], metrics: Sequence[str]) -> Iterator[str]:
    """The main metric at each point, where all sides swept the same keys."""
    keys = sides[0].keys
    metric = main_metric(metrics, None)
    if not keys or metric is None or any(set(side.keys) != set(keys) for side in sides):
        return
    samples = [_in_order(side, keys, metric) for side in sides]
    shared = [point for point in samples[0] if all(point in other for other in samples)]
    rows = []
    for point in shared:
        label = ", ".join("-" if value is None else short(value) for value in point)
        rows += _rows(label, _names(sides), [other[point] for other in samples])
    yield cut(f"{metric} at the {len(shared)} points that all have", WIDTH)
    yield from _table(
        [", ".join(keys), "", "mean ± std", "n", "difference from A"], rows[:MOST_ROWS]
    )
    if len(rows) > MOST_ROWS:
        yield f"and {len(rows) - MOST_ROWS} more rows"


def _in_order(side: Side, keys: list[str], metric: str) -> dict[tuple[object, ...], Sample]:
    order = [side.keys.index(key) for key in keys]
    return {tuple(p[i] for i in order): sample for p, sample in side.at(metric).items()}


def _rows(label: str, names: list[str], samples: Sequence[Sample]) -> list[list[str]]:
    """A row per side, the label before the first and the difference after the others."""
    labels = [label, *("" for _ in samples[1:])]
    differences = ["", *(_difference(samples[0], sample) for sample in samples[1:])]
    means = [_mean(sample) for sample in samples]
    counts = [str(sample.n) for sample in samples]
    return [list(row) for row in zip(labels, names, means, counts, differences, strict=True)]


def _mean(sample: Sample) -> str:
    if sample.n == 0:
        return "-"
    return f"{sample.mean:.5g}" + (f" ± {sample.std:.2g}" if sample.n > 1 else "")


def _difference(first: Sample, other: Sample) -> str:
    return f"{other.mean - first.mean:+.4g}" if first.n and other.n else "-"


def _warnings(sides: Sequence[Side], metrics: Sequence[str]) -> Iterator[str]:
    most = [max(s.n for m in metrics for s in side.at(m).values()) for side in sides]
    if all(n == 1 for n in most):
        yield "One run each: no spread, so no conclusion."
    elif 1 in most:
        single = ", ".join(n for n, count in zip(_names(sides), most, strict=True) if count == 1)
        yield f"One run a point in {single}: no spread there, so no conclusion."
    if 0 in most:
        none = ", ".join(n for n, count in zip(_names(sides), most, strict=True) if count == 0)
        yield f"No run of {none} ended well: nothing to compare."


def _table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    """Lines in columns; where they are too wide the widest are cut."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH and max(widths) > 6:
        widths[widths.index(max(widths))] -= 1
    for row in [head, *rows]:
        cells = (cut(cell, width).ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
