"""What to bear in mind when reading a comparison."""

import math
from collections.abc import Iterator, Sequence

from runner.results.compare.baseline import gains
from runner.results.compare.comparison import Comparison, Row
from runner.results.compare.sections import Section


def caveats(comparison: Comparison) -> Iterator[Section]:
    """How the intervals and p-values are to be read, and what speaks against reading them so.

    Args:
        comparison: The sides compared.
    """
    rows = [row for versus in comparison.versus for row in versus.overall]
    at_points = [row for versus in comparison.versus for row in comparison.at_points(versus)]
    added = [row for versus in comparison.versus for row in gains(comparison, versus)]
    tests = [sum(not math.isnan(row.p) for row in some) for some in (rows, at_points, added)]
    words = []
    if tests[0]:
        words.append("Each interval is at 95 % by itself, for a spread near normal.")
        words += _steps(rows)
    if max(tests) > 1:
        named_tests = zip(tests[1:], ("by point", "of best points"), strict=True)
        others = "".join(f", {count} {name}" for count, name in named_tests if count > 1)
        families = f"{tests[0]} in all{others}"
        words.append(f"p is corrected for the number compared (Holm: {families}).")
    words += _false_repeats([key for side in comparison.sides for key in side.repeats])
    words += _unlike(comparison)
    if comparison.repeated:
        words.append("best/… is the last epoch everywhere and not repeated.")
    if words:
        yield Section("How to read it", [" ".join(words)])


def _steps(rows: Sequence[Row]) -> Iterator[str]:
    """Which metrics are counted, so that even equal ones are known no better than to one step."""
    steps = {row.metric: row.found.resolution for row in rows if row.found.resolution}
    if steps:
        told = ", ".join(f"{metric} {step:.2g}" for metric, step in steps.items())
        yield f"Intervals reckon with the steps in which values move: {told}."


def _false_repeats(keys: Sequence[str]) -> Iterator[str]:
    """Repetitions that depend on each other, so that the intervals promise too much."""
    if named(keys, "fold"):
        yield "Folds share training rows, so intervals over folds are too narrow."
    if named(keys, "epoch") or named(keys, "step"):
        yield "Epochs of a run follow from each other, so intervals over them are too narrow."


def _unlike(comparison: Comparison) -> Iterator[str]:
    """What makes metrics of one name different quantities."""
    configs = [side.config for side in comparison.sides if side.config]
    data = {config.get("dataset.name") for config in configs}
    losses = {side.loss for side in comparison.sides} - {None}
    if len(data) > 1:
        yield "The datasets differ, so the metrics are not of the same examples."
    if len(losses) > 1:
        yield "The losses differ, so …/loss is not the same quantity."


def named(keys: Sequence[str], name: str) -> bool:
    """Whether some key's last part is a name: ``dataset.fold`` is named fold."""
    return any(key.rpartition(".")[2] == name for key in keys)
