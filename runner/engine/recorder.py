"""A run's own files: its metrics as they come, its log, and its summary at the end."""

import json
import math
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from runner.atomic_write import write_whole
from runner.columns import MONITOR
from runner.loggers.base import RunLog

Row = dict[str, float]


class Recorder:
    """Writes the files of one run; rows are appended, flushed each epoch and never rewritten.

    Args:
        folder: The run's folder; it is made if need be.
        identity: What the summary repeats of the run: seed, signature, device, versions and so on.

    Attributes:
        logs: What else hears of it, and never fails.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any]) -> None:
        self.folder = folder
        self.logs: list[RunLog] = []
        self.identity = dict(identity)
        self.last: Row = {}
        self.best: Row | None = None
        self.traced = False
        self.status: str | None = None
        self.reason: str | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def row(self, row: Row) -> bool:
        """Append one epoch to ``metrics.csv``.

        Args:
            row: Column to value, the same columns in every row; ``val/loss`` decides the best.

        Returns:
            Whether this epoch is the best so far; never, without a validation split.
        """
        self._append("metrics.csv", row, first=not self.last)
        self.last = row
        improved = MONITOR in row and self._improves(row[MONITOR])
        if improved:
            self.best = row
        # Last of all: an interruption while others write must find the record whole.
        for log in self.logs:
            log.row(row)
        return improved

    def trace(self, row: Row) -> None:
        """Append one look at the training set, within an epoch, to ``trace.csv``."""
        self._append("trace.csv", row, first=not self.traced)
        self.traced = True

    def log(self, line: str) -> None:
        """Append a line to the run's ``runner.log``, with the time of day."""
        with (self.folder / "runner.log").open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {line}\n")

    def finish(self, status: str, seconds: float, examples: int, reason: str | None = None) -> None:
        """Write ``summary.json``; the run is over.

        Args:
            status: ``ok``, ``diverged``, ``failed``, ``interrupted`` or ``oom``.
            seconds: The time it trained, with its group.
            examples: How many examples it saw, repetitions counted.
            reason: One sentence where the status is not ``ok``.
        """
        self.status, self.reason = status, reason
        summary = {
            "status": status,
            "reason": reason,
            **self.identity,
            "last": _finite(self.last) or None,
            "best": _finite(self.best) if self.best else None,
            "best_metric": MONITOR if MONITOR in self.last else None,
            "seconds": round(seconds, 3),
            "examples_per_second": round(examples / seconds, 1) if seconds else None,
        }
        text = json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
        write_whole(self.folder / "summary.json", text.encode())
        for log in self.logs:
            log.finish(summary)
        self.log(status if reason is None else f"{status}: {reason}")

    def _append(self, name: str, row: Row, *, first: bool) -> None:
        # The first row makes the file: two runs in one folder would make one table of both.
        with (self.folder / name).open("x" if first else "a", encoding="utf-8") as file:
            if first:
                file.write(",".join(row) + "\n")
            file.write(",".join(map(_written, row.values())) + "\n")

    def _improves(self, loss: float) -> bool:
        return math.isfinite(loss) and (self.best is None or loss < self.best[MONITOR])


def _written(value: float) -> str:
    """Nine significant digits tell any two float32 numbers apart; what overflowed is no number."""
    if isinstance(value, int):
        return str(value)
    return f"{value:.9g}" if math.isfinite(value) else "nan"


def _finite(row: Row) -> dict[str, float | None]:
    """JSON has no nan: what is not finite is null."""
    return {name: value if math.isfinite(value) else None for name, value in row.items()}
