"""What a person sees while training: a bar on a terminal, plain lines elsewhere."""

import os
import sys
import time
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from runner.columns import SPLITS, measure_of, split_of
from runner.engine.group import Group
from runner.engine.recorder import Recorder, Row
from runner.engine.train import steps_per_epoch
from runner.sweep.plan import Plan

REFRESH = 0.1  # seconds between two movements of a bar: steps may take microseconds
QUANTITIES = 4  # of a model's own, told at each epoch
PATIENCE = 10.0  # seconds without a line before a sweep says how far it is, off a terminal


class _Console(Console):
    """A console that falls silent where nobody reads on: ``| head`` must not end a run."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console() -> Console:
    """Return the console, 80 columns wide where nobody knows better; NO_COLOR is respected."""
    return _Console(highlight=False, width=None if sys.stdout.isatty() else 80)


def is_live() -> bool:
    """Whether a bar may be drawn: on a terminal, and not in a CI service's log."""
    return sys.stdout.isatty() and not os.environ.get("CI")


class ProgressDisplay:
    """Tells a person how training goes; also the ``Watch`` of the training loop.

    Args:
        runs: How many runs there are in all; one run is told epoch by epoch, a sweep run by run.
    """

    def __init__(self, runs: int) -> None:
        self.runs, self.done = runs, 0
        self.console = console()
        self.bar = _bar(self.console) if is_live() else None
        self.task = self.bar.add_task("", total=None, numbers="") if self.bar else None
        self.spoke = self.moved = time.perf_counter()

    def close(self) -> None:
        """Take the bar away; what comes next is printed where it stood."""
        if self.bar:
            self.bar.stop()

    def tell(self, sentence: str) -> None:
        """Print a sentence as it is, in one line: its words are no markup, its commands copied."""
        self.console.print(escape(sentence), soft_wrap=True)

    def planned(self, plans: Sequence[Plan]) -> None:
        """Say how many groups there are, before anything slow starts."""
        if self.runs > 1:
            groups = "1 group" if len(plans) == 1 else f"{len(plans)} groups"
            self.console.print(f"{self.runs} runs in {groups}.")

    def began(self, group: Group, threads: int) -> None:
        """A group starts to train."""
        self.group, self.epochs, self.steps = group, 0, 0
        self.started = time.perf_counter()
        self.total = group.epochs * steps_per_epoch(group)
        if self.runs == 1:
            self.console.print(_opening(group, threads))
        if self.bar:
            self.bar.start()

    def step(self) -> None:
        """Every member of the group took a step."""
        self.steps += 1
        now = time.perf_counter()
        if self.bar and now - self.moved > REFRESH:
            self.moved = now
            self._move()

    def epoch(self, rows: list[Row]) -> None:
        """An epoch of the group ended."""
        self.epochs = int(rows[0]["epoch"])
        if self.runs == 1 and self.bar and self.task is not None:
            self._move()
            self.bar.update(self.task, numbers=f"{_briefly(rows[0])} {self._rate():,.0f} ex/s")
        elif self.runs == 1:
            self.console.print(
                f"epoch {self.epochs}/{self.group.epochs}  {_numbers(rows[0])}", soft_wrap=True
            )
        elif not self.bar and time.perf_counter() - self.spoke > PATIENCE:
            now = "next run" if len(rows) == 1 else f"next {len(rows)} runs"
            self._say(
                f"{self.done}/{self.runs} runs done, {now} in epoch "
                f"{self.epochs}/{self.group.epochs}"
            )

    def ended(self, recorders: Sequence[Recorder]) -> None:
        """A group's runs are over, one way or another."""
        self.done += len(recorders)
        self.steps = 0
        if self.bar:
            self._move()
        elif self.runs > 1 and (self.done == self.runs or self._is_time()):
            self._say(f"{self.done}/{self.runs} runs done")

    def _move(self) -> None:
        assert self.bar is not None and self.task is not None
        now = self.steps / self.total if self.steps else 0.0
        if self.runs == 1:
            words = f"epoch {min(self.epochs + 1, self.group.epochs)}/{self.group.epochs}"
            self.bar.update(self.task, description=words, total=self.total, completed=self.steps)
        else:
            part = now * len(self.group)
            words = f"{self.done}/{self.runs} runs"
            self.bar.update(
                self.task, description=words, total=self.runs, completed=self.done + part
            )

    def _rate(self) -> float:
        examples = self.epochs * len(self.group.data.train) * len(self.group)
        return examples / (time.perf_counter() - self.started)

    def _is_time(self) -> bool:
        return time.perf_counter() - self.spoke > PATIENCE

    def _say(self, line: str) -> None:
        self.spoke = time.perf_counter()
        self.console.print(line)


def _bar(out: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[numbers]}"),
        TimeRemainingColumn(),
        console=out,
        transient=True,
    )


def _opening(group: Group, threads: int) -> str:
    parameters = sum(tensor[0].numel() for tensor in group.members.params.values())
    name = type(group.members.model).__name__
    where = "1 thread" if threads == 1 else f"{threads} threads"
    what = "steps an epoch" if group.data.task == "objective" else "training examples"
    return (
        f"{name}: {parameters:,} parameters, {len(group.data.train):,} {what}, "
        f"{group.device.type} ({where})"
    )


def _numbers(row: Row) -> str:
    """Write the loss and the other metric of the splits: train, then what is measured apart."""
    named = {name: value for name, value in row.items() if split_of(name) in SPLITS}
    metrics = dict.fromkeys(map(measure_of, named))
    told = [f"{name} {value:.4g}" for name, value in quantities(row).items()]
    return "  ".join([*(_across_splits(metric, named) for metric in metrics), *told])


def quantities(row: Row) -> Row:
    """Return what a model names itself, a few numbers of it: coordinates, coefficients."""
    own = [name for name in row if split_of(name) == "model" and measure_of(name) != "weight_norm"]
    return {measure_of(name): row[name] for name in own[:QUANTITIES]}


def _across_splits(metric: str, named: Row) -> str:
    values = {split_of(name): v for name, v in named.items() if measure_of(name) == metric}
    return " ".join([metric, *(f"{split} {value:.3g}" for split, value in values.items())])


def _briefly(row: Row) -> str:
    """Write the training metrics without their split: a bar has little room."""
    return " ".join(
        f"{name.removeprefix('train/')} {value:.3g}"
        for name, value in row.items()
        if name.startswith("train/")
    )
