"""TensorBoard: curves in a browser while runs train (``tensorboard --logdir outputs``)."""

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any

import yaml

from runner.loggers.base import Logger, NewRun, RunLog
from runner.registry import register


@register("logger", "tensorboard")
class TensorBoard(Logger):
    """Writes an event file into ``tensorboard/`` in each run's folder."""

    package = "tensorboard"

    def __init__(self) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.writer = SummaryWriter

    def open(self, run: NewRun) -> RunLog:
        """Open an event file, the config in it as text."""
        writer = self.writer(str(run.folder / "tensorboard"))
        text = yaml.safe_dump(run.config, sort_keys=False, allow_unicode=True)
        writer.add_text("config", "\n".join(f"    {line}" for line in text.splitlines()))
        return _Events(writer)

    def look(self, folder: Path) -> str:
        """Return the command that opens the event files in a browser; see ``Logger``."""
        return f"tensorboard --logdir {quote(str(folder))}"


class _Events(RunLog):
    """The event file of one run: a scalar for every column, by epoch."""

    def __init__(self, writer: Any) -> None:
        self.writer = writer

    def row(self, row: Mapping[str, float]) -> None:
        for name, value in row.items():
            if name != "epoch":
                self.writer.add_scalar(name, value, int(row["epoch"]))
        self.writer.flush()

    def finish(self, summary: Mapping[str, Any]) -> None:
        self.writer.add_text("status", str(summary["status"]))
        self.writer.close()
