"""The learning rate that a population came to, replayed by a run of its own."""

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from runner.datasets.table_file import Table, read_table
from runner.errors import RequestError
from runner.registry import register
from runner.schedules import Schedule

KEY = "schedule.path"
TOLD = ("epoch", "member", "lr", "optim.lr")
"""The columns that say nothing else than when, where, and which learning rate."""


@register("schedule", "replay")
class Replay(Schedule):
    """Follows the learning rates of a file, such as the ``schedule.csv`` of a population.

    The factor of an epoch is its rate over that of the first epoch: with ``optim.lr`` as the file's
    first rate the rates are the file's. After its last epoch the rate stays.

    Args:
        path: The file, CSV with a row for each epoch in order, and a column ``lr``; it must be
            given.

    Raises:
        RequestError: There is no such file, or no rates in it.
    """

    def __init__(self, *, path: str | None) -> None:
        if path is None:
            raise RequestError(
                f"schedule=replay needs the path of a file, e.g. {KEY}=outputs/…/schedule.csv."
            )
        table = read_table(Path(path).expanduser(), f"{KEY}=")
        table.check_has(["lr"], KEY)
        rates = [_rate(table, row, text) for row, text in enumerate(table.columns["lr"])]
        # Plain numbers: no member has others, and a tensor would be taken for one of each.
        self.replayed = [rate / rates[0] for rate in rates]
        self.source, self.varied = table.source, _varied(table)

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        """Return each epoch's rate over the first, (T, 1)."""
        last = len(self.replayed) - 1
        place = elapsed.floor().long().clamp(max=last)
        return torch.tensor(self.replayed, dtype=torch.float64)[place].unsqueeze(1)

    def remark(self) -> str | None:
        """Name what else varied in the file, which is not replayed."""
        if not self.varied:
            return None
        keys = " and ".join(self.varied)
        return f"{self.source} has {keys} change as well: only the learning rate is replayed."


def _rate(table: Table, row: int, text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 < rate < math.inf:
        raise table.fault(row, "lr", f"'{text}' is no learning rate, a number > 0")
    return rate


def _varied(table: Table) -> Sequence[str]:
    return [
        name for name, texts in table.columns.items() if name not in TOLD and len(set(texts)) > 1
    ]
