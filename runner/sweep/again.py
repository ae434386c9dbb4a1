"""``--again RUN_DIR``: a run is run once more from its record, and the results are compared."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.initialize import initialize_config_dir

from runner.columns import Status
from runner.components_folder import FLAG, checksums
from runner.config import FILLED_IN
from runner.config_keys import PLACES_OF_DATA, flatten
from runner.errors import RequestError, unknown
from runner.machine import cores
from runner.paths import components_folder, conf_folder
from runner.registry import MULTI_CHOICE_GROUPS, SINGLE_CHOICE_GROUPS
from runner.request.overrides import only
from runner.request.points import Composer, RequestedRun, written
from runner.results.again import verdict
from runner.results.differences import inert
from runner.results.read.folders import is_run, is_sweep, job_folders, why_none
from runner.results.read.runs import Run, read_run
from runner.results.text_tables import wrapped

ALLOWED = ("hydra.run.dir", "device", *PLACES_OF_DATA)
"""The keys that may be given beside a record: where things lie here, and what is to compute."""
# Where it was run and what was kept of it is no part of what is run; nor is another's data root.
LEFT_OUT = {*FILLED_IN, "repeats", "repeats_of", "dataset.root", "logger"}
COMPARED = (Status.OK, Status.DIVERGED)


def recorded(folder: Path) -> Run:
    """Return a run that can be run again.

    Raises:
        RequestError: It is none, or has no end or no record to compare with.
    """
    if folder.is_dir() and is_sweep(folder):
        jobs = job_folders(folder)
        name = f", such as '{jobs[0]}'" if jobs else ""
        raise RequestError(f"'{folder}' is a sweep: name one of its runs{name}.")
    if not folder.is_dir() or not is_run(folder):
        raise RequestError(why_none(folder))
    run = read_run(folder)
    if why := _why_not(run):
        raise RequestError(f"'{folder}' can't be run again: {why}")
    return run


def overrides_of(run: Run, typed: Sequence[str]) -> list[str]:
    """Return what is to be typed for the same run: what is not the default.

    Values are taken as they are: no text of a record looks anything up.

    Args:
        run: What `recorded` returned.
        typed: What was typed beside its folder.

    Raises:
        RequestError: Something else was typed, or the record has text that would look things up.
    """
    own = {o.key_or_group for o in only(typed, ALLOWED, "key that --again takes")}
    config = run.summary["config"]
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        composer = Composer(GlobalHydra.instance().config_loader())
        usual = [*_choices(_flat(composer.point([])))]
        chosen = [one for one in _choices(config) if one not in usual and _key(one) not in own]
        _check_choices(composer, chosen)
        groups = [one for one in typed if _key(one) in SINGLE_CHOICE_GROUPS]
        standard = _flat(composer.point([*chosen, *groups]))
    asked = config | _threads(run)
    values = [
        f"{key}={written(_plain(key, asked[key]))}"
        for key, value in standard.items()
        if asked.get(key, value) != value and not {key, key.partition(".")[0]} & {*LEFT_OUT, *own}
    ]
    return [*chosen, *values, *typed]


def tell(before: Run, folder: Path) -> int:
    """Say whether a run came out as before; return 0 where it did, to the bit or to rounding."""
    found = verdict(before, read_run(folder))
    heading = ["What differs:"] if found.differing else []
    for paragraph in (found.told, *heading, *(f"- {sentence}" for sentence in found.differing)):
        print("\n".join(wrapped(paragraph)))
    return 0 if found.same else 1


def _why_not(run: Run) -> str | None:
    """Say why a run has nothing to be run by, or to be compared with."""
    config = run.summary.get("config")
    if not isinstance(config, Mapping) or not _has_choices(config):
        return "it has lost its summary.json, or that of an older version has no configuration."
    if run.status == Status.PRUNED:
        return "it is a trial that its search let go before its end."
    if config.get("population") is not None:
        return "it was a member of a population, and took over weights and values from others."
    if run.status not in COMPARED:
        return f"it has not ended ({run.status}), so that there is no result to compare with."
    if not run.rows:
        return "it has lost its metrics.csv."
    return _components_missing(run)


def _has_choices(config: Mapping[str, Any]) -> bool:
    return all(isinstance(config.get(group), str) for group in SINGLE_CHOICE_GROUPS)


def _components_missing(run: Run) -> str | None:
    """Say which component of its own it lacks here: code is never run from where it is read."""
    used, here = run.summary.get("components"), components_folder()
    if not isinstance(used, Mapping):
        return None
    missing = sorted(set(map(str, used)) - (checksums(here) if here else {}).keys())
    if not missing:
        return None
    return (
        f"it uses {missing[0]}, which is not at hand: go to the folder where it is, or name the "
        f"folder that holds it, {FLAG} DIR."
    )


def _flat(point: RequestedRun) -> dict[str, object]:
    """Return a config under the names that a record has: a component under its group's."""
    return {key.removesuffix(".name"): value for key, value in flatten(point.resolved)}


def _key(override: str) -> str:
    return override.partition("=")[0]


def _choices(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield the components of a record, as they are chosen: ``model=mlp``, ``metric=[auto,f1]``."""
    for group in SINGLE_CHOICE_GROUPS:
        yield f"{group}={config[group]}"
    for group in set(MULTI_CHOICE_GROUPS) - LEFT_OUT:
        parts = [key.split(".") for key in config if key.startswith(f"{group}.")]
        names = [part[1] for part in parts if len(part) == 2]
        yield f"{group}=[{','.join(names)}]"


def _check_choices(composer: Composer, choices: Sequence[str]) -> None:
    """Refuse a component that does not exist here, or whose name would lead to another file."""
    for choice in choices:
        group, _, names = choice.partition("=")
        options = composer.loader.get_group_options(group)
        for name in names.strip("[]").split(","):
            if name and name not in options:
                told = unknown(group, inert(name), options)
                raise RequestError(f"The record has {inert(choice)}. {told}")


def _threads(run: Run) -> dict[str, int]:
    """Return the threads that it had, where this machine has as many cores: they change bits."""
    threads = run.summary.get("threads")
    if isinstance(threads, int) and 0 < threads <= cores():
        return {"device.threads": threads}
    return {}


def _plain(key: str, value: object) -> object:
    """Return a value of a record, unless it would be looked up rather than taken."""
    if "${" in str(value):
        raise RequestError(f"The record has {key}={inert(repr(value))}, which would be looked up.")
    return value
