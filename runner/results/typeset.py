"""The points of a sweep as a table for a paper or a page: LaTeX with booktabs, or Markdown."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Literal

from runner.columns import BEST, SPLITS, split_of
from runner.errors import RequestError
from runner.results.labels import short
from runner.results.population import NOT_A_POINT
from runner.results.sweep import Sweep
from runner.results.tables import best_first, completed, metric_columns, point_columns
from runner.results.text_tables import TextTable, pipes

Format = Literal["latex", "markdown"]
SPECIAL = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"}, "↑": r"$\uparrow$", "↓": r"$\downarrow$",
}  # fmt: skip
SMALL, LARGE = -4, 6  # powers of ten, beyond which a factor stands behind a number


def typeset(sweep: Sweep, form: Format) -> str:
    """The points of a sweep as a table to be copied, the best first where that may be told.

    Args:
        sweep: The sweep, or a run as a sweep of one.
        form: ``"latex"`` takes the package booktabs.

    Returns:
        The swept keys; each metric of the data at the last epoch, mean ± standard deviation over
        the runs that completed, to two digits of the deviation; and n, how many these are.

    Raises:
        RequestError: It is a population, which has no points.
    """
    if sweep.is_population:
        raise RequestError(f"'{sweep.folder}' has no table of points. {NOT_A_POINT}")
    keys = point_columns(sweep.tables.sweep)
    summary, _ = best_first(sweep.tables.summary, sweep.measures)
    names = metric_columns(sweep.tables.sweep)
    metrics = [n for n in names if split_of(n) in SPLITS and not n.startswith(BEST)]
    number = _latex_number if form == "latex" else _number
    rows = [
        [
            *(short(row[key], 60) for key in keys),
            *(number(row[f"{name}_mean"], row[f"{name}_std"]) for name in metrics),
            str(completed(row)),
        ]
        for row in summary.to_dict("records")
    ]
    heads = [sweep.measures.heading(name) for name in metrics]
    table = TextTable([*keys, *heads, "n"], rows, len(keys))
    return _latex(table) if form == "latex" else "\n".join(pipes(table)) + "\n"


def digits(mean: float, std: float) -> tuple[str, str, int]:
    """A mean and its spread to two digits of that, and the power of ten that both are times.

    Args:
        mean: The mean; to four digits where it has no spread.
        std: The standard deviation; ``nan`` for none.

    Returns:
        Both as text, that of the spread empty where there is none, and the power: 0 for numbers
        from 0.0001 to a million.
    """
    largest = max(abs(mean), std if std > 0 else 0.0)
    power = math.floor(math.log10(largest)) if largest > 0 else 0
    power = 0 if SMALL <= power < LARGE else power
    mean, std = mean / 10.0**power, std / 10.0**power
    if std > 0:
        places = max(0, 1 - math.floor(math.log10(std)))
        return f"{mean:.{places}f}", f"{std:.{places}f}", power
    return f"{mean:.4g}", "" if math.isnan(std) else "0", power


def _number(mean: float, std: float) -> str:
    return _written(mean, std, " ± ", lambda power: f" · 10^{power}")


def _latex_number(mean: float, std: float) -> str:
    found = _written(mean, std, r" \pm ", lambda power: rf" \times 10^{{{power}}}")
    return f"${found}$" if found != "-" else found


def _written(mean: float, std: float, sign: str, factor: Callable[[int], str]) -> str:
    if not math.isfinite(mean):
        return "-"
    words, spread, power = digits(mean, std)
    both = f"{words}{sign}{spread}" if spread else words
    if not power:
        return both
    return f"({both}){factor(power)}" if spread else f"{both}{factor(power)}"


def _latex(table: TextTable) -> str:
    columns = "l" * table.left + "r" * (len(table.head) - table.left)
    rows = [[*map(_escaped, row[: table.left]), *row[table.left :]] for row in table.rows]
    lines = [
        "% \\usepackage{booktabs}", f"\\begin{{tabular}}{{{columns}}}", "\\toprule",
        _line([_escaped(name) for name in table.head]), "\\midrule", *map(_line, rows),
        "\\bottomrule", "\\end{tabular}", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _escaped(text: str) -> str:
    return re.sub(r"[\\~^&%$#_{}↑↓]", lambda found: SPECIAL[found[0]], text)
