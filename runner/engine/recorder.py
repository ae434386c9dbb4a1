"""A run's own files: its metrics as they come, its log, and its summary."""

import errno
import json
import math
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from runner.atomic_write import write_whole
from runner.columns import Status
from runner.engine.monitor import Monitor

Row = dict[str, float]
TABLES = ("metrics.csv", "trace.csv")


class Recorder:
    """Writes the files of one run; rows are appended, flushed each epoch and never rewritten.

    Args:
        folder: The run's folder; it is made if need be.
        identity: What the summary repeats of the run: seed, signature, device, versions and so on.
        job: The run's number in its sweep; 0 for a run on its own.
        monitor: What decides the best epoch.
    """

    def __init__(
        self,
        folder: Path,
        identity: Mapping[str, Any],
        job: int = 0,
        monitor: Monitor | None = None,
    ) -> None:
        self.folder, self.job = folder, job
        self.monitor = monitor or Monitor()
        self.identity = dict(identity)
        self.last: Row = {}
        self.best: Row | None = None
        self.sizes = dict.fromkeys(TABLES, 0)
        self.status: str | None = None
        self.reason: str | None = None
        folder.mkdir(exist_ok=True)  # without its parents: the folder of a sweep may be gone

    def begin(self) -> None:
        """Write a summary of all that is known before training: whoever finds it knows the run."""
        self._summarise({"status": Status.RUNNING, "reason": None, **self.identity})

    def row(self, row: Row) -> bool:
        """Append one epoch to ``metrics.csv``.

        Args:
            row: Column to value, the same columns in every row; the monitored one decides the best.

        Returns:
            Whether this epoch is the best so far; never, without a validation split.
        """
        self._append("metrics.csv", row)
        self.last = row
        improved = self.monitor.improves(row, self.best)
        if improved:
            self.best = row
        return improved

    def trace(self, row: Row) -> None:
        """Append one look at the training set, within an epoch, to ``trace.csv``."""
        self._append("trace.csv", row)

    def log(self, line: str) -> None:
        """Append a line to the run's ``runner.log``, with the time of day."""
        with (self.folder / "runner.log").open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {line}\n")

    def finish(self, status: str, seconds: float, examples: int, reason: str | None = None) -> None:
        """Write ``summary.json``; the run is over.

        Args:
            status: How it ended; see `runner.columns.Status`.
            seconds: The time it trained, with its group.
            examples: How many examples it saw, repetitions counted.
            reason: One sentence where the status is not ``ok``.
        """
        self.status, self.reason = status, reason
        self._summarise(
            {
                "status": status,
                "reason": reason,
                **self.identity,
                "last": _finite(self.last) or None,
                "best": _finite(self.best) if self.best else None,
                "best_metric": self.monitor.column if self.monitor.column in self.last else None,
                "seconds": round(seconds, 3),
                "examples_per_second": round(examples / seconds, 1) if seconds else None,
            }
        )
        self.log(status if reason is None else f"{status}: {reason}")

    def state(self) -> dict[str, Any]:
        """Return how far the record is, at full precision, for a save of the group."""
        return {"last": self.last, "best": self.best, "sizes": dict(self.sizes)}

    def holds(self, state: Mapping[str, Any]) -> bool:
        """Whether the tables on disk still have all the rows that a state speaks of."""
        return all(_size(self.folder / name) >= size for name, size in state["sizes"].items())

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a state: rows that were written after it are cut, to be made again."""
        self.last, self.best = state["last"], state["best"]
        self.sizes = {name: _size(self.folder / name) for name in TABLES} | state["sizes"]
        self.cut()

    def cut(self) -> None:
        """Cut what the tables have beyond what this record wrote, torn lines too."""
        for name, size in self.sizes.items():
            path = self.folder / name
            if not size:
                path.unlink(missing_ok=True)
            elif _size(path) > size:
                os.truncate(path, size)

    def recover(self) -> None:
        """Take the last and the best row from the table, where nobody is left who knows them."""
        path = self.folder / "metrics.csv"
        lines = path.read_text("utf-8").split("\n")[:-1] if path.is_file() else []
        cells = (map(_read, line.split(",")) for line in lines[1:])
        for row in (dict(zip(lines[0].split(","), row, strict=True)) for row in cells):
            self.last = row
            if self.monitor.improves(row, self.best):
                self.best = row

    def _append(self, name: str, row: Row) -> None:
        lines = [] if self.sizes[name] else [",".join(row)]
        lines.append(",".join(map(_written, row.values())))
        text = "".join(f"{line}\n" for line in lines).encode()
        # The first row makes the file, and no other: two runs in one folder would make one table
        # of both, and one that was removed would have no header.
        with (self.folder / name).open("r+b" if self.sizes[name] else "xb", buffering=0) as file:
            file.seek(0, os.SEEK_END)
            try:
                if file.write(text) < len(text):
                    raise OSError(errno.ENOSPC, "It could not be written whole", file.name)
            except OSError:
                file.truncate(self.sizes[name])
                raise
        self.sizes[name] += len(text)

    def _summarise(self, summary: Mapping[str, Any]) -> None:
        text = json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
        write_whole(self.folder / "summary.json", text.encode(), within=self.folder)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _written(value: float) -> str:
    """Nine significant digits tell any two float32 numbers apart; what overflowed is no number."""
    if isinstance(value, int):
        return str(value)
    return f"{value:.9g}" if math.isfinite(value) else "nan"


def _read(text: str) -> float:
    return int(text) if text.isdecimal() else float(text)


def _finite(row: Row) -> dict[str, float | None]:
    """JSON has no nan: what is not finite is null."""
    return {name: value if math.isfinite(value) else None for name, value in row.items()}
