"""Loggers fed from the files of runs, wherever these train."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runner.config import Config
from runner.crew.group_files import GroupFiles
from runner.crew.planned import PlannedRun
from runner.engine.recorder import Recorder
from runner.loggers.base import NewRun, RunLog
from runner.loggers.guard import Loggers


class Follower:
    """Passes the rows and the ends of runs on to the loggers that were chosen.

    Args:
        loggers: The command's.
        is_sweep: Whether the runs belong to a sweep.
    """

    def __init__(self, loggers: Loggers, *, is_sweep: bool) -> None:
        self.loggers, self.is_sweep = loggers, is_sweep
        self.logs: dict[Path, list[RunLog]] = {}
        self.read: dict[Path, int] = {}

    def look(self, files: GroupFiles) -> None:
        """Pass on what the runs of a group have written since the last look."""
        for run in files.plan.runs:
            if run.config["logger"] and (files.run_folder(run) / "summary.json").is_file():
                self._look(files, run)

    def _look(self, files: GroupFiles, run: PlannedRun) -> None:
        folder = files.run_folder(run)
        if folder not in self.logs:
            self.logs[folder] = self._open(files, run)
        for row in self._rows(folder):
            for log in self.logs[folder]:
                log.row(row)

    def end(self, files: GroupFiles) -> None:
        """Pass on the end of a group's runs."""
        self.look(files)
        for run in files.plan.runs:
            folder = files.run_folder(run)
            for log in self.logs.pop(folder, []):
                log.finish(json.loads((folder / "summary.json").read_text("utf-8")))

    def _open(self, files: GroupFiles, run: PlannedRun) -> list[RunLog]:
        config = Config.model_validate(run.config)
        node = config.model_dump(exclude={"logger"})
        folder, sweep = files.run_folder(run), files.sweep if self.is_sweep else None
        told = NewRun(folder, sweep, tuple(run.overrides), node, config.signature)
        return self.loggers.open(config.logger, told, Recorder(folder, {}, run.job).log)

    def _rows(self, folder: Path) -> list[Mapping[str, Any]]:
        path = folder / "metrics.csv"
        if not path.is_file():
            return []
        lines = path.read_text("utf-8").split("\n")[:-1]
        first, self.read[folder] = max(1, self.read.get(folder, 1)), max(1, len(lines))
        names = lines[0].split(",") if lines else []
        cells = (map(_number, line.split(",")) for line in lines[first:])
        return [dict(zip(names, row, strict=True)) for row in cells]


def _number(text: str) -> float:
    return int(text) if text.isdecimal() else float(text)
