"""Writes what plots need and only torch can tell: functions on a grid, examples, activations."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor

from runner.atomic_write import whole_file
from runner.columns import of_model
from runner.component_keys import argument_of
from runner.datasets.augment import DRAWS, augment
from runner.datasets.data import Data, Split
from runner.losses.objectives import Objective
from runner.models.activations import curve
from runner.registry import find
from runner.results.read.runs import Record, Run
from runner.results.sweep import Sweep
from runner.results.tables import point_columns

MOST_FUNCTIONS = 9
REACH = 3.0  # a picture is at most so many times as wide as the function's own domain
LINE, SIDE = 801, 201  # points of a grid along one coordinate, and along each of two
IMAGES, AUGMENTED, EXAMPLES, FEATURES = 24, 8, 1000, 6

Arrays = dict[str, Any]
Range = tuple[float, float]


def illustrate_run(run: Run, data: Data, loss: Record) -> None:
    """Write what the plots of a run need besides its own files.

    Args:
        run: The run; its metrics tell where a path went.
        data: Its data, on the CPU.
        loss: Its config's node of the loss: the function, where one is minimised.
    """
    if data.task != "objective":
        _write(run.folder / "preview.npz", preview(data))
    elif surface := _surface(loss, [run]):
        _write(run.folder / "surface.npz", surface)


def illustrate_sweep(sweep: Sweep) -> None:
    """Write what the plots of a sweep need besides its runs' files."""
    for number, (node, mine) in enumerate(_by_function(sweep.runs)):
        if surface := _surface(node, mine):
            jobs = {"jobs": np.array([run.job for run in mine])}
            _write(sweep.folder / f"surface_{number}.npz", jobs | surface)
    if "model.activation" in point_columns(sweep.tables.sweep):
        names = dict.fromkeys(str(run.overrides.get("model.activation")) for run in sweep.runs)
        names.pop("None", None)  # a model without activations was swept too
        _write(sweep.folder / "activations.npz", activations(list(names)))


def _write(path: Path, arrays: Arrays) -> None:
    with whole_file(path) as file:
        np.savez_compressed(file, **arrays)


def activations(names: Sequence[Any]) -> Arrays:
    """Return some activations: ``names``, ``x`` (P,), ``values`` and ``slopes`` (names, P)."""
    curves = [curve(name) for name in names]
    return {
        "names": np.array(names),
        "x": curves[0][0].numpy(),
        "values": np.stack([values.numpy() for _, values, _ in curves]),
        "slopes": np.stack([slopes.numpy() for _, _, slopes in curves]),
    }


def preview(data: Data) -> Arrays:
    """Return a look at some data before it is standardised or resized.

    Args:
        data: The data, on the CPU.

    Returns:
        ``splits`` and their ``sizes``; of classes also ``classes`` and ``counts`` (splits,
        classes); of images ``images`` (K, C, H, W) bytes, ``image_classes`` (K,) and, where they
        are augmented, ``augmented`` (A, C, H, W); of features ``features`` (how many there are)
        and, for each split, ``<split>_inputs`` (N, at most 6) and ``<split>_targets`` (N,), with
        ``feature_names`` and ``target_name`` where they have names.
    """
    splits = data.splits
    arrays: Arrays = {
        "splits": np.array(list(splits)),
        "sizes": np.array([len(split) for split in splits.values()]),
    }
    if data.classes:
        count = len(data.classes)
        arrays["classes"] = np.array(data.classes)
        arrays["counts"] = np.stack(
            [torch.bincount(split.targets, minlength=count).numpy() for split in splits.values()]
        )
    return arrays | (_images(data) if data.train.inputs.ndim == 4 else _features(data))


def grid_values(objective: Objective, ranges: Sequence[Range]) -> Arrays:
    """Return a function on a grid: ``x1``, ``x2`` if it has it, ``values`` (X1,) or (X2, X1)."""
    count = LINE if len(ranges) == 1 else SIDE
    axes = [torch.linspace(*limits, count, dtype=torch.float64) for limits in ranges]
    # The last coordinate counts the rows, as pictures have it.
    points = torch.stack(torch.meshgrid(*axes, indexing="xy"), dim=-1)
    values = objective.value(points)
    named = {f"x{number}": axis.numpy() for number, axis in enumerate(axes, start=1)}
    return named | {"values": values.numpy()}


def _by_function(runs: Sequence[Run]) -> list[tuple[Record, list[Run]]]:
    """The runs that minimised each function, with its node of the config."""
    groups: dict[str, tuple[Record, list[Run]]] = {}
    for run in runs:
        if run.summary.get("task") == "objective" and isinstance(run.config.get("loss"), dict):
            node = run.config["loss"]
            groups.setdefault(repr(sorted(node.items())), (node, []))[1].append(run)
    return list(groups.values())[:MOST_FUNCTIONS]


def _surface(node: Record, runs: Sequence[Run]) -> Arrays:
    """The function of a config's node, wide enough for the runs' paths; none of three or more."""
    settings = {key: value for key, value in node.items() if key != "name"}
    objective: Objective = find("loss", node["name"])(
        **{argument_of(key): value for key, value in settings.items()}
    )
    if objective.dimensions > 2:
        return {}
    names = [f"x{number}" for number in range(1, objective.dimensions + 1)]
    ranges = [_range(objective.domain, [run.metrics for run in runs], name) for name in names]
    told = ", ".join([node["name"], *(f"{key}={value}" for key, value in settings.items())])
    return {"name": np.array(told), **grid_values(objective, ranges)}


def _range(domain: Range, tables: Sequence[pd.DataFrame], name: str) -> Range:
    """The domain, wider where paths leave it, but not so that one of them shrinks the rest."""
    columns = [table[of_model(name)].to_numpy(float) for table in tables if of_model(name) in table]
    met = np.concatenate([*columns, np.array(domain)])
    middle, half = sum(domain) / 2, REACH * (domain[1] - domain[0]) / 2
    met = met[np.isfinite(met) & (abs(met - middle) <= half)]
    margin = 0.03 * (met.max() - met.min())
    low = domain[0] if met.min() == domain[0] else met.min() - margin
    high = domain[1] if met.max() == domain[1] else met.max() + margin
    return float(low), float(high)


def _images(data: Data) -> Arrays:
    first = data.train.take(torch.arange(min(IMAGES, len(data.train))))
    images = first.inputs.to(torch.float32) * data.scale
    arrays: Arrays = {"images": _bytes(images), "image_classes": first.targets.numpy()}
    if data.augment:
        some = images[:AUGMENTED]
        uniform = torch.rand(len(some), DRAWS, generator=torch.Generator().manual_seed(0))
        arrays["augmented"] = _bytes(augment(some, data.augment, uniform))
    return arrays


def _bytes(images: Tensor) -> npt.NDArray[np.uint8]:
    return (images.clamp(0, 1) * 255).round().to(torch.uint8).numpy()


def _features(data: Data) -> Arrays:
    arrays: Arrays = {"features": np.array(data.train.inputs.shape[1])}
    if data.encoding is not None:
        arrays["feature_names"] = np.array(data.feature_names[:FEATURES])
        arrays["target_name"] = np.array(data.encoding["target"])
    for name, split in data.splits.items():
        some = _spread(split)
        targets = some.targets if data.classes else data.in_units(some.targets)[:, 0]
        arrays[f"{name}_inputs"] = some.inputs[:, :FEATURES].numpy()
        arrays[f"{name}_targets"] = targets.numpy()
    return arrays


def _spread(split: Split) -> Split:
    """At most so many examples, from the whole length of a split."""
    count = min(EXAMPLES, len(split))
    return split.take(torch.linspace(0, len(split) - 1, count).long())
