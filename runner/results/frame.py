"""One frame of many runs: of a run, of a sweep, or of a folder that holds any number of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from runner.columns import REPLICATES
from runner.config_keys import role_of
from runner.errors import RequestError
from runner.results.measures import Measures
from runner.results.read.configs import Flat, differing, flat_config, typed
from runner.results.read.runs import Run, finite, is_run, is_sweep, parse_csv, read_runs
from runner.results.read.start_times import age, runs_and_sweeps
from runner.results.tables import rows_under, swept_keys


def load_frame(folder: Path) -> pd.DataFrame:
    """Read a run, a sweep, or a folder of them; see `runner.results.load`."""
    if not folder.is_dir() or is_run(folder) or is_sweep(folder):
        return _frame(read_runs(folder), None)
    places = sorted(runs_and_sweeps(folder), key=age)
    found = [(path.relative_to(folder).as_posix(), run) for path in places for run in _read(path)]
    if not found:
        raise RequestError(
            f"'{folder}' holds no run (summary.json, metrics.csv) "
            "and no sweep (numbered runs, multirun.yaml), at any depth."
        )
    return _frame([run for _, run in found], [sweep for sweep, _ in found])


def _read(path: Path) -> list[Run]:
    """The runs of a sweep or a run; a sweep that was ended before its first run has none."""
    try:
        return read_runs(path)
    except RequestError:
        return []


def _frame(runs: Sequence[Run], sweeps: Sequence[str] | None) -> pd.DataFrame:
    keys = _sweep_keys(runs) if sweeps is None else _folder_keys(runs, sweeps)
    heads = [
        _head(run) | labels | values
        for run, labels, values in zip(runs, _labels(runs), keys, strict=True)
    ]
    if sweeps is not None:
        heads = [{"sweep": sweep} | head for sweep, head in zip(sweeps, heads, strict=True)]
    metrics, counts = _metrics(runs)
    repeated = pd.DataFrame(heads).loc[np.repeat(np.arange(len(runs)), counts)]
    frame = pd.concat([repeated.reset_index(drop=True), metrics], axis=1)
    frame.attrs |= _shared(runs)
    return frame


def _head(run: Run) -> dict[str, Any]:
    return {"job": run.job, "run_dir": str(run.folder), "status": run.status, "seed": run.seed}


def _labels(runs: Sequence[Run]) -> list[dict[str, str]]:
    """The name and tags of each run; nothing where no run has any."""
    told = [
        {
            "name": str(run.summary.get("name") or ""),
            "tags": ", ".join(run.summary.get("tags") or ()),
        }
        for run in runs
    ]
    return told if any(own["name"] or own["tags"] for own in told) else [{} for _ in runs]


def _sweep_keys(runs: Sequence[Run]) -> list[Flat]:
    """The swept values of each run of one sweep, as they were asked for."""
    names = [key for key in swept_keys([run.overrides for run in runs]) if key != "seed"]
    return [{key: run.overrides.get(key, np.nan) for key in names} for run in runs]


def _folder_keys(runs: Sequence[Run], sweeps: Sequence[str]) -> list[Flat]:
    """The values of each run, asked for or not, of all keys in which any two runs differ."""
    configs = [flat_config(run) for run in runs]
    losses = _auto_losses(runs, configs)
    asked = [{key: typed(value) for key, value in run.overrides.items()} for run in runs]
    asked = [_loss_by_name(own, loss) for own, loss in zip(asked, losses, strict=True)]
    configs = [_loss_by_name(config, loss) for config, loss in zip(configs, losses, strict=True)]
    names = dict.fromkeys([*_asked_keys(asked, sweeps), *differing(configs)])
    rows = [
        {name: own.get(name, config.get(name, np.nan)) for name in names if name != "seed"}
        for own, config in zip(asked, configs, strict=True)
    ]
    kept = [name for name in rows[0] if len({row[name] for row in rows}) > 1]
    kept.sort(key=lambda name: name in REPLICATES)
    return [{name: row[name] for name in kept} for row in rows]


def _auto_losses(runs: Sequence[Run], configs: Sequence[Flat]) -> list[str | None]:
    """What ``loss=auto`` stands for in each run; one that failed at once is told by the others."""
    told = [run.summary.get("loss") for run in runs]
    datasets = [config.get("dataset") for config in configs]
    autos = zip(datasets, told, configs, strict=True)
    known = {data: loss for data, loss, config in autos if loss and config.get("loss") == "auto"}
    return [loss or known.get(data) for data, loss in zip(datasets, told, strict=True)]


def _loss_by_name(values: Flat, loss: str | None) -> Flat:
    """The same values, ``auto`` by the name of the loss that it stood for, or left out."""
    if values.get("loss") != "auto":
        return values
    others = {key: value for key, value in values.items() if key != "loss"}
    return others | {"loss": loss} if loss else others


def _asked_keys(asked: Sequence[Flat], sweeps: Sequence[str]) -> list[str]:
    """The keys asked for in more than one way; such as change no result, if a sweep varied them."""
    by_sweep: dict[str, list[Flat]] = {}
    for sweep, own in zip(sweeps, asked, strict=True):
        by_sweep.setdefault(sweep, []).append(own)
    varied = {key for sweep in by_sweep.values() for key in swept_keys(sweep)}
    return [key for key in swept_keys(asked) if key in varied or role_of(key).is_setting]


def _metrics(runs: Sequence[Run]) -> tuple[pd.DataFrame, list[int]]:
    """The rows of all runs under one header, one of holes for a run without any; and how many."""
    header = list(dict.fromkeys(name for run in runs for name in run.header))
    counts = [max(1, len(run.rows)) for run in runs]
    if not header:
        return pd.DataFrame(index=range(len(runs))), counts
    hole = ",".join(["nan"] * len(header))
    lines = [line for run in runs for line in (rows_under(header, run) if run.rows else [hole])]
    return finite(parse_csv("\n".join([",".join(header), *lines]))), counts


def _shared(runs: Sequence[Run]) -> dict[str, Any]:
    """What figures say of runs, where it is the same for all of them."""
    facts = {name: {run.summary.get(name) for run in runs} - {None} for name in ("task", "loss")}
    known = Measures.of(runs).record
    for group in ("dataset", "model"):
        nodes = (run.config.get(group) for run in runs if run.config)
        facts[group] = {node.get("name") if isinstance(node, dict) else None for node in nodes}
    shared = {name: found.pop() if len(found) == 1 else None for name, found in facts.items()}
    return {**shared, "metrics": known}
