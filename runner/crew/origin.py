"""What results come from besides their configs: versions and code, and what has changed."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from runner.build import with_data
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
        components that are not its own.
    """
    return {"versions": versions(), "code": _code(configs)}


def own_origin() -> Origin:
    """Return what every run comes from, whatever its config: versions, and the program's files."""
    return {"versions": versions(), "code": {"runner": own_code()}}


def differences(before: Mapping[str, Any], now: Origin) -> list[str]:
    """Say in words what is no longer as it was; what was not on record is no difference."""
    told = []
    for name, version in now["versions"].items():
        if before.get("versions", {}).get(name, version) != version:
            told.append(f"{name} was {before['versions'][name]} and is {version}")
    code = before.get("code", {})
    changed = [name for name, text in now["code"].items() if code.get(name, text) != text]
    return told + [f"the code of {name} has changed" for name in changed]


def changed_data(configs: Iterable[Config]) -> list[str]:
    """Name the datasets whose content is no longer what the runs were planned with."""
    known = (config for config in configs if config.data_checksum is not None)
    distinct = {json.dumps([c.dataset, c.data_checksum], sort_keys=True): c for c in known}
    return [
        f"the data of dataset={config.dataset['name']} has changed"
        for config in distinct.values()
        if with_data(config) != config
    ]


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
    return {"runner": own_code()} | told | (imported_checksums() if own else {})


@cache
def own_code() -> str:
    """Return a checksum of the program's files."""
    return _checksum(path.read_bytes() for path in sorted(PACKAGE.rglob("*.py")))


def _checksum(parts: Iterable[Any]) -> str:
    found = hashlib.blake2b(digest_size=8)
    for part in parts:
        found.update(part)
    return found.hexdigest()
