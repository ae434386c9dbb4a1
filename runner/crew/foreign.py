"""The components of runs that are not the program's own: they may do what they like."""

import inspect
from collections.abc import Iterable
from pathlib import Path

from runner.config import Config
from runner.metrics.chosen import chosen_names
from runner.registry import SINGLE_CHOICE_GROUPS, find

Part = tuple[str, str]


def foreign_parts(configs: Iterable[Config]) -> dict[Part, type]:
    """Return the components of runs that are not the program's own, by group and name."""
    parts = {part for config in configs for part in _parts(config)}
    found = {part: find(*part) for part in sorted(parts)}
    return {part: c for part, c in found.items() if not c.__module__.startswith("runner.")}


def source_files(parts: dict[Part, type]) -> dict[str, Path]:
    """Return the files in which components are written, ``model=theirs`` to its file."""
    files = {part: inspect.getsourcefile(component) for part, component in parts.items()}
    return {f"{group}={name}": Path(file) for (group, name), file in files.items() if file}


def _parts(config: Config) -> set[Part]:
    single = {(group, getattr(config, group)["name"]) for group in SINGLE_CHOICE_GROUPS}
    task = find("dataset", config.dataset["name"]).task_of(config.dataset)
    return single | {("metric", name) for name in chosen_names(config.metric, task)}
