"""Measures: which way a metric is better, what it is called, and which one tells points apart."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from runner.columns import (
    FRACTION,
    LOSS,
    MONITOR,
    SPLITS,
    Direction,
    Measure,
    Task,
    is_metric,
    measure_of,
    split_of,
)
from runner.results.read.runs import Record, Run

# What runs that recorded no labels called their losses; others go by their own name.
LOSSES = {
    "squared": "half squared error",
    "mse": "mean squared error",
    "mse-one-hot": "mean squared error",
}
DECIDE = ("eval_train", "model", "experiment")
"""How the keys begin that say how training metrics are taken, see `running_mean`."""
LOWER = {"loss", "error", "errors", "err", "rmse", "mse", "mae", "perplexity"}
HIGHER = {"accuracy", "acc", "r2", "f1", "auc", "precision", "recall"}


@dataclass(frozen=True)
class Measures:
    """What some runs have on record of what they measured.

    Every method takes a metric by its column (``best/val/loss``) or without its split (``loss``).

    Attributes:
        task: What the targets are; None where it is not known.
        known: What is on record, by name without the split.
        monitor: The metric on the validation split that chooses the best epoch and ranks points.
        running: How the training metrics were taken, where not after each epoch, in words.
    """

    task: Task | None = None
    known: Mapping[str, Measure] = field(default_factory=dict)
    monitor: str = MONITOR
    running: str = ""

    @classmethod
    def of(cls, runs: Iterable[Run]) -> "Measures":
        """What runs have on record; what two of them say differently is not known."""
        known = [run for run in runs if run.summary]
        together = cls.together([cls.told(run.summary) for run in known])
        running = {running_mean(config) for config in _configs(known)} - {""}
        # A run that failed at once measured nothing, and has no say in what chooses.
        told = (run.summary.get("best_metric") for run in known)
        chosen = {str(name) for name in told if name}
        monitor = chosen.pop() if len(chosen) == 1 else MONITOR
        return replace(together, running=max(running, key=len, default=""), monitor=monitor)

    @classmethod
    def told(cls, summary: Mapping[str, Any]) -> "Measures":
        """What a summary says: its ``task``, its ``loss``'s name, and its ``metrics``, if any."""
        record = summary.get("metrics")
        entries = record.items() if isinstance(record, dict) else ()
        known = {name: _measure(entry) for name, entry in entries if isinstance(entry, dict)}
        loss = summary.get("loss")
        if loss and not (LOSS in known and known[LOSS].label):
            known[LOSS] = Measure("lower", LOSSES.get(loss, loss), None)
        return cls(summary.get("task"), known, summary.get("best_metric") or MONITOR)

    @classmethod
    def together(cls, several: Sequence["Measures"]) -> "Measures":
        """What several agree on; the task of the first that knows one."""
        task = next((one.task for one in several if one.task), None)
        monitors = {one.monitor for one in several}
        names = dict.fromkeys(name for one in several for name in one.known)
        return cls(
            task,
            {name: _agreed([one.known[name] for one in several if name in one.known])
             for name in names},
            monitors.pop() if len(monitors) == 1 else MONITOR,
        )  # fmt: skip

    def __getitem__(self, metric: str) -> Measure:
        known = self.known.get(measure_of(metric)) if _is_of_data(metric) else None
        return known or _by_name(metric)

    @property
    def record(self) -> dict[str, dict[str, str | None]]:
        """What is on record in plain values, as a summary has it."""
        return {name: asdict(measure) for name, measure in self.known.items()}

    def direction(self, metric: str) -> Direction | None:
        """Which way a metric is better; None where it is not known, as of ``model/weight_norm``."""
        return self[metric].direction

    def sign(self, metric: str) -> int:
        """What a metric is multiplied by so that the least is the best."""
        return -1 if self.direction(metric) == "higher" else 1

    def arrow(self, column: str) -> str:
        """An arrow to where the metric of a column is better; nothing where it is no such."""
        way = self.direction(column) if is_metric(column) else None
        return {"higher": "↑", "lower": "↓", None: ""}[way]

    def heading(self, column: str) -> str:
        """A column's name over a table, with its arrow."""
        return f"{column} {self.arrow(column)}".rstrip()

    def worsening(self, metric: str, before: float, after: float) -> float:
        """How far a metric moved for the worse; either way counts where none is known to be."""
        way = self.direction(metric)
        moved = after - before
        return abs(moved) if way is None else moved if way == "lower" else -moved

    def is_fraction(self, metric: str) -> bool:
        """Whether a metric is a share of examples, from 0 to 1, as an accuracy is."""
        return self[metric].unit == FRACTION

    def is_error(self, metric: str) -> bool:
        """Whether a metric on data falls towards 0 as models get better, from anywhere above."""
        falls = self.direction(metric) == "lower" and not self.is_fraction(metric)
        return falls and _is_of_data(metric)

    def words(self, metric: str) -> str:
        """A metric's name in a sentence: ``test loss``; the value of a function is ``f(x)``."""
        if self.task == "objective" and measure_of(metric) == LOSS:
            return "f(x)"
        return measure_of(metric) if split_of(metric) == "model" else metric.replace("/", " ")

    def label(self, metric: str) -> str:
        """A metric's name for an axis, with what it is: ``test loss (cross-entropy)``."""
        words, measure = self.words(metric), self[metric]
        named = "" if measure.label == measure_of(metric) else measure.label
        if words == "f(x)":
            return f"f(x), {named}" if named else words
        unit = None if measure.unit == FRACTION else measure.unit
        told = ", ".join(part for part in (named, unit) if part)
        return f"{words} ({told})" if told else words

    def axis_label(self, metric: str) -> str:
        """The same for an axis of learning curves, below it how a training metric was taken."""
        train = split_of(metric) == "train" and self.task != "objective"
        below = f"\n{self.running}" if train and self.running else ""
        return f"{self.label(metric)}{below}"

    def main(self, columns: Sequence[str]) -> str | None:
        """The metric that is shown first: on the validation split where there is one.

        It is the one that chooses, where another than the loss was asked for; of classes the first
        share of examples that is better the higher; otherwise the loss. Whoever looks at several
        points chooses among them, and that is what the split is for.

        Args:
            columns: The columns at hand.
        """
        return self._first(columns, ("val", "test", "train"))

    def judge(self, columns: Sequence[str]) -> str | None:
        """The same on the test set where there is one, for what was chosen without it."""
        return self._first(columns, ("test", "val", "train"))

    def _first(self, columns: Sequence[str], splits: Sequence[str]) -> str | None:
        asked = [] if self.monitor == MONITOR else [measure_of(self.monitor)]
        kinds = [*asked, *([] if self.task == "numbers" else self._shares(columns)), LOSS]
        names = [f"{split}/{kind}" for kind in kinds for split in splits]
        return next((name for name in names if name in columns), None)

    def _shares(self, columns: Sequence[str]) -> list[str]:
        """The measures on data that are shares of examples, better the higher."""
        kinds = dict.fromkeys(measure_of(name) for name in columns if split_of(name) in SPLITS)
        return [k for k in kinds if self.is_fraction(k) and self.direction(k) == "higher"]


def running_mean(config: Mapping[str, Any]) -> str:
    """How the training metrics of a run were taken, in words, by its config.

    Returns:
        ``running mean``, of an epoch's batches as they were trained on, and whether with dropout;
        nothing where they were measured after each epoch, or where nothing tells.
    """
    model = config.get("model")
    if config.get("eval_train", True):
        return ""
    rates = model.get("dropout") if isinstance(model, dict) else None
    dropout = any(rates) if isinstance(rates, list) else bool(rates)
    return "running mean, with dropout" if dropout else "running mean"


def _configs(runs: Iterable[Run]) -> Iterator[Record]:
    """A config of each kind of runs whose training metrics may have been taken differently.

    To parse those of a thousand runs takes longer than all that is drawn of them.
    """
    kinds: dict[object, list[Run]] = {}
    for run in runs:
        kind = tuple(pair for pair in run.overrides.items() if pair[0].startswith(DECIDE))
        kinds.setdefault(kind, []).append(run)
    for those in kinds.values():
        yield next((run.config for run in those if run.config), {})


def _is_of_data(metric: str) -> bool:
    """Whether a metric is measured on examples, unlike the norm of a weight."""
    return split_of(metric) in SPLITS or not is_metric(metric)


def _measure(entry: Mapping[str, Any]) -> Measure:
    way = entry.get("direction")
    unit = entry.get("unit")
    return Measure(
        way if way in ("higher", "lower") else None,
        str(entry.get("label") or ""),
        None if unit is None else str(unit),
    )


def _agreed(several: Sequence[Measure]) -> Measure:
    """What all say the same of."""
    first, *others = several
    return Measure(
        first.direction if all(one.direction == first.direction for one in others) else None,
        first.label if all(one.label == first.label for one in others) else "",
        first.unit if all(one.unit == first.unit for one in others) else None,
    )


def _by_name(metric: str) -> Measure:
    """What a name tells where no record does: of older runs and of other programs' tables."""
    name = metric.lower().rpartition("/")[2]
    words = set(re.split(r"[^a-z0-9]+", name))
    way: Direction | None = None
    if bool(words & HIGHER) != bool(words & LOWER):
        way = "higher" if words & HIGHER else "lower"
    return Measure(way, "", FRACTION if name.endswith("accuracy") else None)
