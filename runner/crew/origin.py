"""What results come from besides their configs: versions, code and data, and what has changed."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from runner.build import load_data
from runner.components_folder import imported_checksums, is_own
from runner.config import Config
from runner.crew.foreign import foreign_parts, source_files
from runner.crew.group_files import GroupFiles
from runner.crew.summary_fields import versions
from runner.errors import RequestError
from runner.paths import PACKAGE
from runner.warm_start import source_of

Origin = dict[str, dict[str, str]]


def origin(configs: Sequence[Config]) -> Origin:
    """Return what some runs come from, as texts that are equal where it is the same.

    Returns:
        ``versions`` by package; ``code``, checksums of the program's files and of those of
        components that are not its own; ``data``, checksums of the examples by dataset.
    """
    return {"versions": versions(), "code": _code(configs), "data": _data(configs)}


def own_origin() -> Origin:
    """Return what every run comes from, whatever its config: versions, and the program's files."""
    return {"versions": versions(), "code": {"runner": _own_code()}, "data": {}}


def differences(before: Mapping[str, Any], now: Origin) -> list[str]:
    """Say in words what is no longer as it was; what was not on record is no difference."""
    told = []
    for name, version in now["versions"].items():
        if before.get("versions", {}).get(name, version) != version:
            told.append(f"{name} was {before['versions'][name]} and is {version}")
    for part in ("code", "data"):
        changed = [
            name for name, text in now[part].items() if before.get(part, {}).get(name, text) != text
        ]
        told += [f"the {part} of {_named(name)} has changed" for name in changed]
    return told


def changed_requests(groups: Iterable[GroupFiles]) -> list[str]:
    """Name the files of ``.hydra/`` that no longer say what their run was planned with."""
    return [
        f"{run.folder}/.hydra/{name} has changed"
        for files in groups
        for run in files.plan.runs
        for name, text in run.request.items()
        if (path := files.run_folder(run) / ".hydra" / name).is_file()
        and path.read_text("utf-8") != text
    ]


def lost_weights(groups: Iterable[GroupFiles]) -> list[str]:
    """Say why runs that have not begun can't start with the weights that they were planned with.

    What has begun has them in its own files.
    """
    waiting = [files for files in groups if not files.has_save]
    configs = [files.plan.configs[job] for files in waiting for job in files.unfinished()]
    distinct = {(config.init_from, config.init_checksum): config for config in configs}
    faults: list[str] = []
    for config in distinct.values():
        try:
            source_of(config)
        except RequestError as error:
            faults += error.sentences
    return faults


def _code(configs: Sequence[Config]) -> dict[str, str]:
    foreign = foreign_parts(configs)
    own = {part for part, component in foreign.items() if is_own(component)}
    packages = source_files({part: c for part, c in foreign.items() if part not in own})
    told = {what: _checksum([file.read_bytes()]) for what, file in packages.items()}
    return {"runner": _own_code()} | told | (imported_checksums() if own else {})


@cache
def _own_code() -> str:
    return _checksum(path.read_bytes() for path in sorted(PACKAGE.rglob("*.py")))


def _data(configs: Sequence[Config]) -> dict[str, str]:
    distinct = {json.dumps(config.dataset, sort_keys=True): config for config in configs}
    return {node: _checksum_of_data(config) for node, config in distinct.items()}


def _checksum_of_data(config: Config) -> str:
    splits = load_data(config).splits.values()
    tensors = (tensor for split in splits for tensor in (split.inputs, split.targets))
    return _checksum(tensor.contiguous().numpy().data for tensor in tensors)


def _checksum(parts: Iterable[Any]) -> str:
    found = hashlib.blake2b(digest_size=8)
    for part in parts:
        found.update(part)
    return found.hexdigest()


def _named(name: str) -> str:
    return f"dataset={json.loads(name)['name']}" if name.startswith("{") else name
