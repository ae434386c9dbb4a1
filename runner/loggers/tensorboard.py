"""TensorBoard: curves in a browser while runs train (``tensorboard --logdir outputs``)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from torch.utils.tensorboard import SummaryWriter

from runner.loggers.base import Logger


class TensorBoard(Logger):
    """Writes an event file into the run's folder: a scalar for every column, by epoch.

    Args:
        folder: The run's folder; the file goes into ``tensorboard/`` in it.
        config: The run's config, shown as text.
    """

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self.writer = SummaryWriter(str(folder / "tensorboard"))
        text = yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True)
        self.writer.add_text("config", "\n".join(f"    {line}" for line in text.splitlines()))

    def row(self, row: Mapping[str, float]) -> None:
        """Write an epoch's metrics; see ``Logger``."""
        for name, value in row.items():
            if name != "epoch":
                self.writer.add_scalar(name, value, int(row["epoch"]))
        self.writer.flush()

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Write how the run ended, and close the file; see ``Logger``."""
        self.writer.add_text("status", str(summary["status"]))
        self.writer.close()
