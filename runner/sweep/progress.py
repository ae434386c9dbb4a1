"""What a person sees while training: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from runner.columns import SPLITS, Status, measure_of, split_of
from runner.crew.follow import Follower
from runner.crew.group_files import GroupFiles
from runner.crew.summary_fields import features
from runner.crew.watch import Progress as GroupProgress
from runner.crew.watch import remaining
from runner.engine.group import Group
from runner.engine.members import frozen
from runner.engine.recorder import Row
from runner.engine.train import steps_per_epoch
from runner.results.labels import numbered, readable
from runner.sweep.console import console, is_live

REFRESH = 0.1  # seconds between two movements of a bar: steps may take microseconds
QUANTITIES = 4  # of a model's own, told at each epoch
PATIENCE = 10.0  # seconds without a line before a sweep says how far it is, off a terminal
AT_ONCE = 8  # groups that train at the same time and are shown, a line each


class ProgressDisplay:
    """Tells a person, and the loggers, how training goes, in this process or in others.

    Args:
        runs: How many runs there are in all; one run is told epoch by epoch, a sweep run by run.
        follower: Passes on to the loggers what the runs write; None where there are none.
    """

    def __init__(self, runs: int, follower: Follower | None = None) -> None:
        self.runs, self.done, self.follower = runs, 0, follower
        self.console = console()
        self.bar = _Bar(self.console) if is_live() else None
        self.task = self.bar.add_task("", total=None, numbers="") if self.bar else None
        self.spoke = self.moved = time.perf_counter()
        self.told: dict[str, int] = {}
        self.heading = ""

    def expect(self, runs: int, heading: str) -> None:
        """Begin to count anew: the next groups have so many runs, and go by a heading."""
        self.runs, self.done, self.heading = runs, 0, heading

    @property
    def is_single(self) -> bool:
        """Whether a run on its own is trained, which is told epoch by epoch."""
        return self.runs == 1 and not self.heading

    def close(self) -> None:
        """Take the bar away; what comes next is printed where it stood."""
        if self.bar:
            self.bar.stop()

    def tell(self, sentence: str) -> None:
        """Print a sentence as it is, in one line: its words are no markup, its commands copied."""
        self.console.print(escape(sentence), soft_wrap=True)

    def ask(self, question: str) -> str:
        """Return what the person answers; nothing where nobody is at a terminal."""
        self.close()
        if not (is_live() and sys.stdin.isatty()):
            return ""
        try:
            return self.console.input(escape(question))
        except (EOFError, KeyboardInterrupt):
            return ""

    def interrupted(self) -> None:
        """Say that the first signal was heard: a step may take its time."""
        self.tell("Stopping after this step and saving; a second signal stops at once.")

    def planned(self, left: Sequence[GroupFiles], trainers: str) -> None:
        """Hear what there is to train, before anything slow starts.

        Args:
            left: The groups that are not done.
            trainers: Who trains them, in words; empty for this process.
        """
        undone = sum(len(files.plan.runs) for files in left)
        self.done = self.runs - undone
        if self.is_single or not left:
            return
        of = f" of {self.runs}" if self.done else ""
        share = f", trained by {trainers}" if trainers else ""
        number = "1 group" if len(left) == 1 else f"{len(left)} groups"
        self.console.print(f"{undone}{of} runs in {number}{share}.")
        if trainers and self.bar:
            self._fill(self.done)
            self.bar.start()

    # ------------------------------------------------ a group trains in this process

    def began(self, files: GroupFiles, group: Group, threads: int, done: int) -> None:
        """A group starts to train; see `runner.crew.watch.GroupWatch`."""
        self.group, self.epochs = group, 0
        self.files = files
        self.steps = self.before = done
        self.started = time.perf_counter()
        self.total = group.epochs * steps_per_epoch(group)
        if self.is_single:
            self.console.print(_opening(group, threads))
            if named := features(group.data):
                self.tell(f"Features: {numbered(named['features'])}.")
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
        if self.follower:
            self.follower.look(self.files)
        if self.is_single and self.bar and self.task is not None:
            self._move()
            self.bar.update(self.task, numbers=f"{_briefly(rows[0])} {self._rate():,.0f} ex/s")
        elif self.is_single:
            self.console.print(
                f"epoch {self.epochs}/{self.group.epochs}  {_numbers(rows[0])}", soft_wrap=True
            )
        elif not self.bar and self._is_time():
            now = "next run" if len(rows) == 1 else f"next {len(rows)} runs"
            self._say(f"{self._words()} done, {now} in epoch {self.epochs}/{self.group.epochs}")

    # ------------------------------------------------ groups train in other processes

    def training(self, sweep: Path, progress: Mapping[str, GroupProgress], waiting: str) -> None:
        """Groups are training in other processes, and so far; others wait, as is said in words."""
        for name, one in progress.items():
            for sentence in one.told[self.told.get(name, 0) :]:
                self.tell(sentence)
            self.told[name] = len(one.told)
            if self.follower:
                self.follower.look(GroupFiles(sweep, name))
        if self.bar:
            self.bar.now, self.bar.waiting = progress, waiting
        if not progress and not waiting:
            return
        if self.bar:
            self._fill(self.done + remaining(list(progress.values())))
        elif self._is_time():
            now = ", ".join(_in_words(one) for one in list(progress.values())[:AT_ONCE])
            told = [f"{self._words()} done", now and f"training: {now}", waiting]
            self._say("; ".join(part for part in told if part))

    def ended(self, files: GroupFiles) -> None:
        """A group's runs are over, one way or another."""
        if self.follower:
            self.follower.end(files)
        runs = files.plan.runs  # of a search, those that were let go have been counted
        self._count(
            sum(files.status(run) != Status.PRUNED for run in runs) if self.heading else len(runs)
        )

    def paused(self, files: GroupFiles) -> None:
        """A group's runs are as far as they are to go for now."""
        if self.follower:
            self.follower.look(files)
        self._count(len(files.unfinished()))

    def _count(self, runs: int) -> None:
        self.done, self.steps = self.done + runs, 0
        is_last = self.done == self.runs and not self.heading
        if self.bar:
            self._fill(self.done)
        elif not self.is_single and (is_last or self._is_time()):
            self._say(f"{self._words()} done")

    def _fill(self, completed: float) -> None:
        assert self.bar is not None and self.task is not None
        self.bar.update(self.task, description=self._words(), total=self.runs, completed=completed)

    def _words(self) -> str:
        return f"{self.heading}{self.done}/{self.runs} runs"

    def _move(self) -> None:
        assert self.bar is not None and self.task is not None
        now = self.steps / self.total if self.steps else 0.0
        if self.is_single:
            words = f"epoch {min(self.epochs + 1, self.group.epochs)}/{self.group.epochs}"
            self.bar.update(self.task, description=words, total=self.total, completed=self.steps)
        else:
            self._fill(self.done + now * len(self.group))

    def _rate(self) -> float:
        share = (self.steps - self.before) / steps_per_epoch(self.group)
        examples = share * len(self.group.data.train) * len(self.group)
        return examples / (time.perf_counter() - self.started)

    def _is_time(self) -> bool:
        return time.perf_counter() - self.spoke > PATIENCE

    def _say(self, line: str) -> None:
        self.spoke = time.perf_counter()
        self.console.print(line)


class _Bar(Progress):
    """A bar, and under it what runs now.

    Attributes:
        now: How far the groups are that train in other processes, by name.
        waiting: What is to be said of groups that wait.
    """

    now: Mapping[str, GroupProgress] = {}
    waiting = ""

    def __init__(self, out: Console) -> None:
        super().__init__(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(),
            console=out,
            transient=True,
            # It starts and stops while they lead into a group's log, which it would leave there.
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def get_renderables(self) -> Iterable[RenderableType]:
        """Return the bar and the table; see rich."""
        yield self.make_tasks_table(self.tasks)
        if self.now:
            yield _table(self.now)
        if self.waiting:
            yield Text(self.waiting)


def _table(now: Mapping[str, GroupProgress]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("group", "runs", "epoch", "first run's metrics"):
        table.add_column(column, justify="left" if column.startswith("first") else "right")
    for name, one in list(now.items())[:AT_ONCE]:
        numbers = escape(_briefly(one.row))
        table.add_row(name, str(one.runs), f"{one.epoch}/{one.epochs}", numbers)
    if len(now) > AT_ONCE:
        table.add_row("…", "", "", f"and {len(now) - AT_ONCE} more groups")
    return table


def _in_words(one: GroupProgress) -> str:
    runs = "1 run" if one.runs == 1 else f"{one.runs} runs"
    return f"{runs} in epoch {min(one.epoch + 1, one.epochs)}/{one.epochs}"


def _opening(group: Group, threads: int) -> str:
    parameters = sum(tensor[0].numel() for tensor in group.members.params.values())
    fixed = sum(tensor.numel() for tensor in frozen(group.members.model).values())
    learnt = f"{parameters:,} parameters" + (f" and {fixed:,} frozen" if fixed else "")
    name = type(group.members.model).__name__
    where = "1 thread" if threads == 1 else f"{threads} threads"
    what = "steps an epoch" if group.data.task == "objective" else "training examples"
    return f"{name}: {learnt}, {len(group.data.train):,} {what}, {group.device.type} ({where})"


def _numbers(row: Row) -> str:
    """Write the loss and the other metric of the splits: train, then what is measured apart."""
    named = {name: value for name, value in row.items() if split_of(name) in SPLITS}
    metrics = dict.fromkeys(map(measure_of, named))
    told = [f"{name} {readable(value)}" for name, value in quantities(row).items()]
    return "  ".join([*(_across_splits(metric, named) for metric in metrics), *told])


def quantities(row: Mapping[str, float]) -> Row:
    """Return what a model names itself, a few numbers of it: coordinates, coefficients."""
    own = [name for name in row if split_of(name) == "model" and measure_of(name) != "weight_norm"]
    return {measure_of(name): row[name] for name in own[:QUANTITIES]}


def _across_splits(metric: str, named: Row) -> str:
    values = {split_of(name): v for name, v in named.items() if measure_of(name) == metric}
    told = (f"{split} {readable(value, '.3g')}" for split, value in values.items())
    return " ".join([metric, *told])


def _briefly(row: Row) -> str:
    """Write the training metrics without their split: a bar has little room."""
    return " ".join(
        f"{name.removeprefix('train/')} {readable(value, '.3g')}"
        for name, value in row.items()
        if name.startswith("train/")
    )
