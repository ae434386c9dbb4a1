"""MLflow: runs in a local database or on a tracking server (``mlflow ui``)."""

import logging
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

from pydantic import Field

from runner.columns import Status
from runner.config_keys import flatten
from runner.loggers.base import Logger, NewRun, RunLog, sweep_title
from runner.registry import register

SQLITE = "sqlite:///"
# MLflow's words; whatever else is FAILED.
ENDS: dict[str, str] = {Status.OK: "FINISHED", Status.INTERRUPTED: "KILLED"}
PARAMS, METRICS = 100, 1000  # in one call, by MLflow's own limits
VALUE = 6000  # characters, likewise
SHARE = 0.1  # of the training time, at most, that may go into sending
PAUSE = 1.0  # seconds at least between two calls for a run
# No word to its makers, none on the screen, and no minutes of waiting for a server that is gone.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "CRITICAL",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}


@register("logger", "mlflow")
class MLflow(Logger):
    """Makes one MLflow run for each run, those of a sweep under a parent run of their own.

    Parameters are the config's values, metrics every column of ``metrics.csv`` by epoch.

    Args:
        store: Where the runs go: ``sqlite:///PATH``, or the address of a tracking server.
        experiment: The experiment they belong to; it is made if need be.
    """

    package = "mlflow"

    def __init__(
        self,
        *,
        store: Annotated[str, Field(min_length=1)],
        experiment: Annotated[str, Field(min_length=1)],
    ) -> None:
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        logging.getLogger("alembic").setLevel(logging.ERROR)
        from mlflow import MlflowClient

        if store.startswith(SQLITE):
            _prepare(Path(store.removeprefix(SQLITE).partition("?")[0]))
        self.store = store
        self.client = MlflowClient(tracking_uri=store)
        self.experiment = _experiment(self.client, experiment)
        self.parents: dict[Path, str] = {}
        self.open_runs: set[str] = set()

    def open(self, run: NewRun) -> RunLog:
        """Make an MLflow run, and that of its sweep before the first."""
        tags = {"signature": run.signature, "folder": str(run.folder.resolve())}
        if run.sweep is not None:
            tags["mlflow.parentRunId"] = self._parent(run.sweep)
        made = self._run(run.title, tags)
        log = _Metrics(self, made)
        log.params(dict(flatten(run.config)))
        self.open_runs.add(made)
        return log

    def look(self, folder: Path) -> str:
        """Return the command that opens the store in a browser; see ``Logger``."""
        return f"mlflow ui --backend-store-uri {quote(self.store)}"

    def close(self, status: str) -> None:
        """End the run of the sweep as its runs ended, taken together, after what is still open."""
        for run in tuple(self.open_runs):
            self.end(run, Status.FAILED)
        for parent in self.parents.values():
            self.end(parent, status)

    def end(self, run: str, status: str) -> None:
        """End a run, its status as a tag beside MLflow's own, which has fewer words."""
        self.client.set_tag(run, "status", status)
        self.client.set_terminated(run, ENDS.get(status, "FAILED"))
        self.open_runs.discard(run)

    def _parent(self, sweep: Path) -> str:
        if sweep not in self.parents:
            tags = {"folder": str(sweep.resolve())}
            self.parents[sweep] = self._run(sweep_title(sweep), tags)
        return self.parents[sweep]

    def _run(self, name: str, tags: dict[str, str]) -> str:
        made: str = self.client.create_run(self.experiment, run_name=name, tags=tags).info.run_id
        return made


def _experiment(client: Any, name: str) -> str:
    """Return the number of an experiment, made if need be, perhaps by another command just now."""
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return str(client.create_experiment(name))
        except MlflowException:
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    return str(found.experiment_id)


def _prepare(database: Path) -> None:
    """Make a database's folder and open it once: MLflow would try for minutes where it can't."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("PRAGMA schema_version")


def _batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


class _Metrics(RunLog):
    """One run: rows are kept back and sent together, since each call takes milliseconds."""

    def __init__(self, logger: MLflow, run: str) -> None:
        self.logger, self.run = logger, run
        self.waiting: list[Any] = []
        self.due = time.monotonic() + PAUSE

    def params(self, values: Mapping[str, Any]) -> None:
        """Send the config's values."""
        from mlflow.entities import Param

        params = [Param(name, str(value)[:VALUE]) for name, value in values.items()]
        for some in _batches(params, PARAMS):
            self.logger.client.log_batch(self.run, params=some)

    def row(self, row: Mapping[str, float]) -> None:
        """Keep an epoch's row, and send what waits when it is time; see ``RunLog``."""
        from mlflow.entities import Metric

        now, epoch = int(time.time() * 1000), int(row["epoch"])
        named = {name: value for name, value in row.items() if name != "epoch"}
        self.waiting += [Metric(name, float(value), now, epoch) for name, value in named.items()]
        if time.monotonic() >= self.due:
            self._send()

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Send what still waits, and end the run; see ``RunLog``."""
        self._send()
        self.logger.end(self.run, str(summary["status"]))

    def _send(self) -> None:
        """Send what waits; where that fails it goes on waiting, for the next row or the end."""
        began = time.monotonic()
        for some in _batches(self.waiting, METRICS):
            self.logger.client.log_batch(self.run, metrics=some)
        self.waiting = []
        ended = time.monotonic()
        # The runs that train together all wait for each other's calls.
        self.due = ended + max(PAUSE, (ended - began) * len(self.logger.open_runs) / SHARE)
