"""How fast the sides were, where runs of one side may have shared a clock and others not."""

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any

from runner.results.compare.comparison import Comparison
from runner.results.compare.sections import Grid, Section
from runner.results.read.runs import Run

ALONE = (
    ("seconds", "seconds", "{:.3g}"),
    ("examples_per_second", "examples per second", "{:.0f}"),
)
GROUPED = (
    ("seconds", "seconds of a group", "{:.3g}"),
    ("seconds_per_run", "seconds per run", "{:.3g}"),
    ("examples_per_second", "examples per second of a group", "{:.0f}"),
)


def speed_of(runs: Sequence[Run]) -> dict[str, Any]:
    """How fast some runs were, and what they ran on.

    Args:
        runs: A side's runs; those whose summary does not tell have no part in a mean.

    Returns:
        ``seconds`` (mean over groups: runs that trained side by side, on one clock),
        ``seconds_per_run`` (each run's share of its group's), ``examples_per_second`` (of all runs
        of a group together), and in words ``device``, ``threads`` and ``width``, which is how many
        trained side by side. What no run tells is missing.
    """
    seconds = [(run.summary["seconds"], _width(run)) for run in runs if _tells(run, "seconds")]
    speed: dict[str, Any] = {}
    if seconds:
        shares = [spent / width for spent, width in seconds]
        groups = sum(1 / width for _, width in seconds)
        speed = {"seconds": sum(shares) / groups, "seconds_per_run": fmean(shares)}
    rate = "examples_per_second"
    rates = [run.summary[rate] * _width(run) for run in runs if _tells(run, rate)]
    speed |= {rate: fmean(rates)} if rates else {}
    for name in ("device", "threads", "width"):
        told = list(dict.fromkeys(str(run.summary[name]) for run in runs if name in run.summary))
        speed |= {name: ", ".join(told)} if told else {}
    return speed


def speed_section(comparison: Comparison) -> Iterator[Section]:
    """The speed of all sides, nothing where none is known.

    Args:
        comparison: The sides compared.
    """
    speeds = [side.speed for side in comparison.sides]
    named = zip(comparison.names, speeds, strict=True)
    grouped = [name for name, speed in named if speed.get("width", "1") != "1"]
    rows = [
        [words, *(form.format(speed[name]) if name in speed else "-" for speed in speeds)]
        for name, words, form in (GROUPED if grouped else ALONE)
        if any(name in speed for speed in speeds)
    ]
    for name in ("device", "width", "threads"):
        told = [speed.get(name, "-") for speed in speeds]
        rows += [[name, *told]] if len({*told} - {"-"}) > 1 else []
    if rows:
        grid = Grid(["speed, on average" if grouped else "mean of a run", *comparison.names], rows)
        yield Section("Speed", (), grid, [_shared_clock(grouped)] if grouped else [])


def _shared_clock(grouped: Sequence[str]) -> str:
    return (
        f"Runs of {' and '.join(grouped)} trained side by side in groups, on one clock: "
        "the seconds per run are a group's, shared out."
    )


def _tells(run: Run, name: str) -> bool:
    return isinstance(run.summary.get(name), int | float)


def _width(run: Run) -> int:
    width = run.summary.get("width")
    return width if isinstance(width, int) and width > 0 else 1
