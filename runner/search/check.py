"""Whether a search can be carried out, found before any folder is made."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from runner.build import load_data
from runner.columns import LOSS, measure_of
from runner.config import FILLED_IN, Config, check
from runner.config_keys import as_typed
from runner.errors import RequestError, unknown
from runner.request.searching import SearchRequest, Settings
from runner.request.space import Space
from runner.request.sweeper_keys import NODE
from runner.results.labels import counted
from runner.search.pruning import rungs_of
from runner.search.space import read, with_types

COMPLETE_ALONE = ("cmaes", "gp")
"""Samplers that learn from points that were trained to the end, and from no others."""


def check_search(request: SearchRequest, configs: Sequence[Config]) -> None:
    """Refuse a search that can't be carried out.

    Args:
        request: What was asked for.
        configs: Those of its samples, checked.

    Raises:
        RequestError: One sentence.
    """
    settings = request.settings
    for package, why in (("optuna", "hydra/sweeper=search"), ("cmaes", f"{NODE}.sampler=cmaes")):
        if find_spec(package) is None and (package == "optuna" or settings.sampler == package):
            raise RequestError(f"{why} needs {package}: pip install 'runner[search]'.")
    _check_number(request)
    _check_start(with_types(request, configs))
    check_comparable(request, settings.goals or [configs[0].monitor])
    for goal in settings.goals:
        check(configs[0].model_dump(exclude=FILLED_IN) | {"monitor": goal})
    check_split(configs)
    _check_pruning(settings, min(config.epochs for config in configs))


def _check_number(request: SearchRequest) -> None:
    """Refuse to try more points than there are: some would be trained again, to the same end."""
    trials, number = request.settings.trials, request.number
    if trials > number:
        points = counted(int(number), "point")
        raise RequestError(
            f"These values make {points}, fewer than {NODE}.trials={trials}: leave "
            "out hydra/sweeper=search, and a sweep trains each of them once."
        )


def _check_start(request: SearchRequest) -> None:
    if isinstance(request.settings.start, str):
        return
    known = {dimension.key: dimension for dimension in request.dimensions}
    for point in request.settings.start:
        for key, value in point.items():
            if key not in known:
                raise RequestError(f"{NODE}.start: {unknown('key to search', key, known)}")
            if read(known[key], value) is None:
                told = f"{key}={as_typed(value)}"
                raise RequestError(f"{NODE}.start: {told} is not among the values to search.")


def check_comparable(request: Space[Any], columns: Sequence[str]) -> None:
    """Refuse to choose a loss by itself: one is in other units than another, or smoothed.

    Args:
        request: What was asked for.
        columns: What decides.

    Raises:
        RequestError: One sentence.
    """
    chosen = [d.key for d in request.dimensions if d.key.partition(".")[0] == LOSS]
    by = [column for column in columns if measure_of(column) == LOSS]
    if chosen and by:
        raise RequestError(
            f"{chosen[0]} can't be chosen by {by[0]}, which it changes: choose by another metric, "
            f"such as {NODE}.metric=val/accuracy."
        )


def check_split(configs: Sequence[Config]) -> None:
    """Refuse to choose where there is no validation split to choose by.

    Raises:
        RequestError: One sentence.
    """
    for config in configs:
        if load_data(config).val is None:
            can = "val_fraction" in config.dataset
            remedy = "add dataset.val_fraction=0.1" if can else "choose data that has one"
            raise RequestError(
                f"A search chooses by the validation split, and dataset={config.dataset['name']} "
                f"has none: {remedy}."
            )


def _check_pruning(settings: Settings, epochs: int) -> None:
    if settings.prune == "none":
        return
    if settings.sampler in COMPLETE_ALONE:
        raise RequestError(
            f"{NODE}.sampler={settings.sampler} learns from points that are trained to the end "
            f"alone: add {NODE}.prune=none."
        )
    if not rungs_of(settings, epochs):
        raise RequestError(
            f"epochs={epochs} leaves no epoch at which to let points go, with {NODE}.eta="
            f"{settings.eta} and {NODE}.min_epochs={settings.min_epochs}: more epochs, or "
            f"{NODE}.prune=none."
        )
