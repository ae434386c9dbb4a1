"""What a person might type: the groups, choices, keys and values of ``conf/``."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from runner.registry import HOMES

CONF = Path(__file__).parents[2] / "conf"
STUDIES = Path(__file__).parents[2] / "experiments"


@cache
def choices() -> dict[str, list[str]]:
    """Return each config group with its choices."""
    found = {group: sorted(p.stem for p in (CONF / group).glob("*.yaml")) for group in HOMES}
    return found | {"experiment": sorted(path.stem for path in STUDIES.glob("*.yaml"))}


@cache
def keys() -> dict[str, Any]:
    """Return every key of the program, dotted, with a value that it has somewhere."""
    found = {key: value for key, value in _read(CONF / "config.yaml").items() if key != "hydra"}
    del found["defaults"]
    for group in HOMES:
        for path in sorted((CONF / group).glob("*.yaml")):
            found |= dict(_keys(group, path))
    return found


def keys_of(group: str, choice: str) -> dict[str, Any]:
    """Return the dotted keys of one choice."""
    return dict(_keys(group, CONF / group / f"{choice}.yaml"))


def _keys(group: str, path: Path) -> Iterator[tuple[str, Any]]:
    parent = f"{group}.{path.stem}" if group in ("metric", "logger") else group
    for key, value in _read(path).items():
        if key != "name":
            yield f"{parent}.{key}", value


@cache
def _read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
