"""What the columns of every table are: whoever writes or reads one asks here.

A measured name has a slash (``train/loss``, ``model/weight_norm``, ``gradient_norm/out.weight``); a
swept key never has one. What is neither belongs to the program: ``job``, ``status``, ``seed``,
``epoch``, ``step``, ``lr``, and beside these what only some tables have (`OF_TABLES`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

SPLITS = ("train", "val", "test")
RUN = ("job", "status", "seed")
PROGRESS = ("epoch", "step", "lr")
# What only some tables have: sweep.csv, summary.csv, trace.csv, the frame of a folder of sweeps.
OF_TABLES = (
    "best_epoch",
    "signature",
    "run_dir",
    "runs",
    "failed",
    "pruned",
    "seconds",
    "sweep",
    "name",
    "tags",
)
REPLICATES = ("seed", "dataset.fold")
"""The columns that tell the repetitions of a point apart, wherever they stand."""
DATA_SEED: Final = "dataset.seed"
"""The column that does so as well where it goes together with ``seed``."""
WHOLE = ("job", "seed", "epoch", "step", "best_epoch")
"""The columns that hold whole numbers."""
MONITOR: Final = "val/loss"
"""The metric that chooses the best epoch and the best point."""
BEST: Final = "best/"
"""What stands before the name of a metric of the best epoch."""

LOSS: Final = "loss"
"""The measure that is trained on, which every run has."""
FRACTION: Final = "fraction"
"""The unit of a measure from 0 to 1 that counts examples."""

Task = Literal["classes", "numbers", "objective"]
Direction = Literal["higher", "lower"]


class Status(StrEnum):
    """How a run ended, or that it has begun and has not: the values of the column ``status``."""

    OK = "ok"
    RUNNING = "running"
    DIVERGED = "diverged"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    OOM = "oom"
    PRUNED = "pruned"


SETTLED = (Status.OK, Status.PRUNED)
"""How a run ended of which no more was wanted: complete, or let go by a search."""
UNFINISHED = (Status.RUNNING, Status.INTERRUPTED)
"""How a run stands that has come to no end of its own."""
FAILURES = (Status.FAILED, Status.OOM)
"""How a run ended that could not be trained; one that diverged was, and says so."""


@dataclass(frozen=True)
class Measure:
    """What ``summary.json`` says of a measure, by its name without the split.

    Attributes:
        direction: Which way is better; None where it is not known.
        label: What it is called on an axis, beside its name.
        unit: What it is counted in; None for a number without a unit.
    """

    direction: Direction | None
    label: str
    unit: str | None


def of_model(name: str) -> str:
    """The column of a number that a model has, such as the norm of its weights."""
    return f"model/{name}"


def of_gradient(weight: str) -> str:
    """The column of the norm of a weight's gradient."""
    return f"gradient_norm/{weight}"


def is_metric(name: str) -> bool:
    """Whether a column is measured."""
    return "/" in name


def is_swept_key(name: str) -> bool:
    """Whether a column is a swept key; ``seed``, which may be swept, has a column of its own."""
    return not (is_metric(name) or name in RUN or name in PROGRESS or name in OF_TABLES)


def metrics(names: Iterable[str]) -> list[str]:
    """The measured columns among some, in their order."""
    return [name for name in names if is_metric(name)]


def is_counter(name: str) -> bool:
    """Whether a column numbers rows or steps, or is a rate set, so that no table measures it."""
    return name in WHOLE or name in PROGRESS


def is_best(name: str) -> bool:
    """Whether a column is a metric of the best epoch."""
    return name.startswith(BEST)


def of_last_epoch(name: str) -> str:
    """The column of the same metric at the last epoch."""
    return name.removeprefix(BEST)


def split_of(name: str) -> str:
    """What stands before a metric's own name: a split, ``model``, ``gradient_norm``."""
    return name.removeprefix(BEST).partition("/")[0]


def measure_of(name: str) -> str:
    """A metric's own name, without its split: ``loss`` of ``best/val/loss``."""
    return name.removeprefix(BEST).partition("/")[2] or name


def loss_beside(name: str) -> str:
    """The loss of the same split and epoch: ``best/test/loss`` of ``best/test/accuracy``."""
    return f"{name.removesuffix(measure_of(name))}{LOSS}"


def renamed(names: Iterable[str]) -> list[str]:
    """The columns of a table written before measured names had a slash, by today's names.

    What a model named itself stood behind the learning rate as it was (``weight_norm``, ``w1``), or
    in ``summary.csv`` behind the first metric, and gradients as ``gradient_norm.layers.0.weight``.

    Args:
        names: The columns in their order; today's are returned as they are.
    """
    found: list[str] = []
    measured = False
    for name in names:
        own = measured and is_swept_key(name)
        found.append(_renamed(name) if own else name)
        measured = measured or name == "lr" or is_metric(name)
    return found


def _renamed(name: str) -> str:
    weight = name.removeprefix("gradient_norm.")
    return of_model(name) if weight == name else of_gradient(weight)
