"""The fields of ``summary.json`` besides the results: what ran, on what, with which versions.

The results are put beside them by ``runner.engine.recorder``; `runner.results` reads them.
"""

import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from importlib.metadata import version

import runner
from runner.columns import LOSS, Measure, Task, measure_of
from runner.components_folder import imported_checksums, is_own
from runner.config import Config
from runner.config_keys import flatten
from runner.crew.foreign import foreign_parts
from runner.datasets.data import Data
from runner.engine.monitor import Monitor
from runner.losses.per_example import AutoLoss
from runner.machine import machine
from runner.metrics.chosen import chosen_metrics
from runner.registry import find

FEW = 10  # of more features no weight is named either, see runner.models.linreg


def identity(
    config: Config,
    defaults: Mapping[str, object],
    width: int,
    provenance: Mapping[str, object],
) -> dict[str, object]:
    """Return the fields of ``summary.json`` that are known before a run begins.

    What is None is known, and put in its place, when the run's group begins to train. The config is
    repeated here so that thousands of runs are found by one small file each.

    Args:
        config: The run's config.
        defaults: Those that the run does not have; see `replaced`.
        width: How many runs train together.
        provenance: What its command has on record; see `runner.crew.provenance`.
    """
    task = find("dataset", config.dataset["name"]).task_of(config.dataset)
    loss = loss_name(config, task)
    return {
        "name": config.name,
        "tags": config.tags,
        "seed": config.seed,
        "signature": config.signature,
        "task": task,
        "loss": loss,
        "metrics": measures(config, task),
        "monitor": config.monitor,
        "device": None,
        "width": width,
        "threads": None,
        "started": f"{datetime.now().astimezone():%Y-%m-%dT%H:%M:%S%z}",
        "defaults": dict(defaults),
        "config": {key.removesuffix(".name"): value for key, value in flatten(config.model_dump())},
        "machine": machine(),
        "versions": versions(),
        **provenance,
        **_own_components(config),
    }


def features(data: Data) -> dict[str, list[str]]:
    """Return the field that names the features of a table, in order, where they are few."""
    names = data.feature_names
    return {"features": names} if 0 < len(names) <= FEW else {}


def _own_components(config: Config) -> dict[str, dict[str, str]]:
    """Return the checksums of the files of one's own, where the run uses a component of theirs."""
    uses = any(is_own(component) for component in foreign_parts([config]).values())
    return {"components": imported_checksums()} if uses else {}


def loss_name(config: Config, task: Task) -> str:
    """Return the name of a run's loss; that of the one that ``auto`` stands for."""
    name: str = config.loss["name"]
    return AutoLoss.stands_for[task] if name == "auto" else name


def monitor_of(config: Config, column: str | None = None) -> Monitor:
    """Return what chooses a run's best epoch, or another metric, and which way it is better."""
    column = column or config.monitor
    task = find("dataset", config.dataset["name"]).task_of(config.dataset)
    metric = chosen_metrics(config.metric, task).get(measure_of(column))
    return Monitor(column, metric.direction if metric else "lower")


def loss_label(config: Config, task: Task) -> str:
    """Return what the loss is called on an axis, a standardised target's told apart."""
    name, dataset = loss_name(config, task), find("dataset", config.dataset["name"])
    standardised = dataset.standardizes_target(config.dataset)
    label: str = find("loss", name).label or name
    return f"{label}, standardised" if standardised else label


def measures(config: Config, task: Task) -> dict[str, dict[str, str | None]]:
    """Return what is measured, by name: which way is better, its label, its unit.

    Args:
        config: The run's config, which says which metrics were chosen.
        task: What the targets are.
    """
    told = {LOSS: Measure("lower", loss_label(config, task), None)}
    told |= {name: metric.measure for name, metric in chosen_metrics(config.metric, task).items()}
    return {name: asdict(measure) for name, measure in told.items()}


def replaced(config: Config, defaults: Mapping[str, object]) -> dict[str, object]:
    """Return the defaults that a run does not have, by dotted name; a component by its group.

    Args:
        config: The run's config.
        defaults: The same without what was asked for, see ``runner.request.points.RequestedRun``.
    """
    standard = dict(flatten(defaults))
    own = flatten(config.model_dump(exclude={"repeats", "logger"}))
    differing = {key: standard[key] for key, value in own if standard.get(key, value) != value}
    return {key.removesuffix(".name"): value for key, value in differing.items()}


@cache
def versions() -> dict[str, str]:
    """Return the versions of what the results depend on."""
    names = ("torch", "numpy", "hydra-core")
    return {"runner": runner.__version__, "python": platform.python_version()} | {
        name: version(name) for name in names
    }
