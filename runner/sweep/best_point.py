"""The best point of a sweep: what it is, where its runs and weights lie, how to run it again."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from runner.columns import Status
from runner.results.read.runs import Run
from runner.results.report.facts import again, typed
from runner.results.sweep import Sweep
from runner.results.tables import best_first, point_columns, point_numbers


class BestPoint(NamedTuple):
    """The point with the best mean on the validation split.

    Attributes:
        metric: The metric that chooses.
        values: Its swept values as they are typed; none where nothing was swept but seeds.
        runs: Its runs that completed, the one with the best epoch first.
    """

    metric: str
    values: list[str]
    runs: list[Run]

    @property
    def command(self) -> str:
        """What to type for the point alone, with all its seeds."""
        asked = [run.overrides for run in sorted(self.runs, key=lambda run: run.job)]
        varied = [key for key in asked[0] if len({own.get(key) for own in asked}) > 1]
        if len(varied) != 1:  # several go together: one run stands for all
            return again(self.runs[0])
        (key,) = varied
        values = ",".join(str(own[key]) for own in asked)
        words = [f"{name}={values if name == key else own}" for name, own in asked[0].items()]
        # A study may be a search, and would start as one.
        words += ["hydra/sweeper=points"] if "experiment" in asked[0] else []
        return typed(["-m", *(word for word in words if word != "repeats=1")])

    @property
    def loadable(self) -> Path | None:
        """The folder of the run with the best epoch; None where its weights were not kept."""
        folder = self.runs[0].folder
        return folder if (folder / "checkpoints" / "best.pt").is_file() else None


def best_point(sweep: Sweep) -> BestPoint | None:
    """Return the best point of a sweep; None without a validation split, or where no run is ok."""
    summary, metric = best_first(sweep.tables.summary, sweep.measures)
    if metric is None:
        return None
    table = sweep.tables.sweep
    keys, sign = point_columns(table), sweep.measures.sign(metric)
    chosen = (point_numbers(table, keys) == summary.index[0]).tolist()
    runs = [run for run, is_in in zip(sweep.runs, chosen, strict=True) if is_in]
    runs = [run for run in runs if run.status == Status.OK]
    runs.sort(key=lambda run: sign * run.best[metric] if metric in run.best else math.inf)
    own = runs[0].overrides
    values = [f"{key}={own[key]}" for key in keys if key in own]
    return BestPoint(metric, values, runs)


def how_to_get_a_best(runs: Sequence[Run]) -> str:
    """Say what to add to a request without a validation split, where its data can have one."""
    dataset: object = next((run.config.get("dataset") for run in runs if run.config), None)
    can = isinstance(dataset, dict) and "val_fraction" in dataset
    remedy = ": add dataset.val_fraction=0.1" if can else ""
    return f"No point is best without a validation split{remedy}."
