"""What was asked for on the command line, read and checked whole before anything is started."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.initialize import initialize_config_dir
from omegaconf import MISSING, DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from runner.config_files import check_config_files
from runner.crew.cluster.settings import SETTINGS
from runner.errors import RequestError, unknown
from runner.hydra_compat import take_names
from runner.paths import conf_folder
from runner.registry import MULTI_CHOICE_GROUPS
from runner.request.command_line import Command
from runner.request.counts import check_number_of_runs
from runner.request.folders import folder_of
from runner.request.keys import check_keys, handed, names_in, without_missing
from runner.request.launching import GROUP, Launching, launching
from runner.request.overrides import check_forms, uncomposed
from runner.request.points import Composer, RequestedRun, expand, parse, swept_by_study
from runner.studies import check_sweeper_names

if TYPE_CHECKING:
    from runner.request.populating import PopulationRequest
    from runner.request.searching import SearchRequest


@dataclass(frozen=True)
class Request:
    """A request that can be carried out.

    Attributes:
        points: Its runs, repeats expanded.
        is_sweep: Whether it is a sweep, be it of one run.
        launching: How they are to be trained.
        search: What a search may choose; its points then show whether all of it is right.
        folder: The key that names where its files go, and the folder.
        task: What was typed, Hydra's own keys excepted.
        handed: What Hydra takes of all that was typed; see `runner.request.keys.handed`.
        population: What the members of a population may take; its points are as a search's.
    """

    points: list[RequestedRun]
    is_sweep: bool
    launching: Launching
    folder: tuple[str, Path]
    task: tuple[str, ...]
    handed: tuple[str, ...]
    search: "SearchRequest | None" = None
    population: "PopulationRequest | None" = None


def check_request(command: Command) -> Request:
    """Compose every point of a request; nothing is made and no component imported.

    Raises:
        RequestError: A name, a key or a sweep in it is wrong.
    """
    check_config_files()
    take_names(GROUP, SETTINGS)
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        try:
            return _composed(command, GlobalHydra.instance().config_loader())
        except (HydraException, OmegaConfBaseException, RecursionError) as error:
            raise RequestError(uncomposed(error, command.overrides)) from error


def points_of(
    composer: Composer,
    overrides: Sequence[str],
    params: dict[str, object] | None,
    *,
    skip_missing: bool = False,
) -> list[RequestedRun]:
    """Return the runs of a request: every combination of its values, times its repeats.

    Args:
        composer: Composes each.
        overrides: The request's own overrides, swept values among them.
        params: A study's swept values; the command line wins over them.
        skip_missing: Whether a key that some point lacks is left out there.

    Raises:
        RequestError: A key does not exist, or not at every point; a sweep is empty, or too large.
    """
    asked = parse([*swept_by_study(params), *overrides], composer.loader)
    _check_unswept(composer, asked)
    missing = check_keys(composer, asked, skip_missing=skip_missing)
    combinations = without_missing(composer, expand(asked), missing)
    first = composer.point(combinations[0])
    check_number_of_runs(len(combinations), first.value("repeats"))
    points = [first, *map(composer.point, combinations[1:])]
    _check_repeats({o.key_or_group: o.is_sweep_override() for o in asked}, points)
    return [run for point in points for run in repeated(composer, point)]


def _composed(command: Command, loader: ConfigLoader) -> Request:
    overrides = parse(command.overrides, loader)
    check_forms(overrides)
    task = [o for o in overrides if not o.is_hydra_override()]
    hydra = [o.input_line or "" for o in overrides if o.is_hydra_override()]
    composer = Composer(loader, hydra)
    _check_choices(composer, overrides)
    _check_hydra_keys(composer, overrides)
    study = _study(composer, task)
    check_sweeper_names(study.sweeper)
    if study.runtime.choices["hydra/sweeper"] != "points" and str(study.mode) != "RunMode.RUN":
        return _search(command, composer, overrides, study)
    sweeper, lines = study.sweeper, [o.input_line or "" for o in task]
    points = points_of(
        composer, lines, sweeper.params, skip_missing=sweeper.get("skip_missing", False)
    )
    is_sweep = command.multirun or str(study.mode) == "RunMode.MULTIRUN" or len(points) > 1
    swept = [o for o in task if o.is_sweep_override()]
    if swept and not command.multirun and str(study.mode) != "RunMode.MULTIRUN":
        raise RequestError(f"{swept[0].input_line} has several values: add -m to sweep over them.")
    place = launching(study), folder_of(study, is_sweep=is_sweep)
    if (cluster := place[0].cluster) and not is_sweep:
        raise RequestError(f"hydra/launcher={cluster.engine} trains the groups of a sweep: add -m.")
    return Request(points, is_sweep, *place, tuple(lines), handed(composer, overrides))


def _search(
    command: Command, composer: Composer, overrides: Sequence[Override], study: DictConfig
) -> Request:
    from runner.request.populating import PopulationRequest  # late: they import what checks values
    from runner.request.searching import SearchRequest
    from runner.request.space import requested

    sweeper = study.runtime.choices["hydra/sweeper"]
    if not command.multirun and str(study.mode) != "RunMode.MULTIRUN":
        raise RequestError(f"hydra/sweeper={sweeper} tries many points: add -m.")
    if (launcher := study.runtime.choices["hydra/launcher"]) not in ("fused", *SETTINGS):
        raise RequestError(
            f"hydra/launcher={launcher} can't train a {sweeper}, whose points pause together; "
            "leave it out."
        )
    task = [o for o in overrides if not o.is_hydra_override()]
    _check_unswept(composer, task)
    lines = [o.input_line or "" for o in task]
    place = launching(study), folder_of(study, is_sweep=True)
    typed = tuple(lines), handed(composer, overrides)
    if sweeper == "population":
        population, points = requested(composer, lines, study.sweeper, PopulationRequest)
        return Request(points, True, *place, *typed, population=population)
    search, points = requested(composer, lines, study.sweeper, SearchRequest)
    return Request(points, True, *place, *typed, search=search)


def _check_unswept(composer: Composer, overrides: Sequence[Override]) -> None:
    """Refuse to sweep over what changes no result: each run is logged by all that were chosen."""
    for override in overrides:
        group, _, rest = override.key_or_group.partition(".")
        several = group in MULTI_CHOICE_GROUPS and composer.is_group_name(group)
        if several and override.is_sweep_override():
            values = ",".join(line.partition("=")[2] for (line,) in expand([override]))
            instead = "" if rest else f"; several at once are {group}=[{values}]"
            raise RequestError(f"{override.key_or_group} can't be swept over{instead}.")


def _check_repeats(swept: Mapping[str, bool], points: Sequence[RequestedRun]) -> None:
    """Refuse to repeat what says its seeds itself, be it a study or the command line."""
    if swept.get("repeats"):
        raise RequestError("repeats can't be swept over; it is the number of seeds of each point.")
    if swept.get("repeats_of"):
        raise RequestError(
            "repeats_of can't be swept over; it says what is drawn again in repeats."
        )
    repeats = points[0].value("repeats")
    if points[0].value("repeats_of") == "data":
        _check_data_repeats(swept, points)
    if swept.get("seed") and repeats != 1:
        raise RequestError(
            f"seed is swept over, so repeats={repeats} has no meaning: leave one of them out, "
            f"or write repeats=1."
        )


def _check_data_repeats(swept: Mapping[str, bool], points: Sequence[RequestedRun]) -> None:
    """Refuse to draw data again that is not drawn, or whose draws are asked for one by one."""
    seedless = [p.plain["dataset"]["name"] for p in points if "seed" not in p.plain["dataset"]]
    if seedless:
        raise RequestError(
            f"repeats_of=data needs data that is drawn, and dataset={seedless[0]} has no seed; "
            "repeats_of=seed repeats its runs."
        )
    for key in ("seed", "dataset.seed"):
        if swept.get(key):
            raise RequestError(
                f"{key} is swept over, so repeats_of=data has no meaning: leave one of them out."
            )


def _check_choices(composer: Composer, overrides: Sequence[Override]) -> None:
    """Check the names chosen from groups; other keys need the composed config."""
    faults = []
    for override in overrides:
        group = override.key_or_group
        if override.is_delete() or not composer.is_group(override):
            continue
        options = composer.loader.get_group_options(group)
        choices = [choice for line in expand([override]) for choice in _chosen(parse(line)[0])]
        faults += [
            unknown(group, "null" if choice is None else str(choice), options)
            for choice in choices
            if choice not in options
        ]
        if group in MULTI_CHOICE_GROUPS and len({*map(str, choices)}) < len(choices):
            faults.append(f"{override.input_line} names a {group} twice.")
    if faults:
        raise RequestError(*dict.fromkeys(faults))


def _chosen(override: Override) -> list[object]:
    """Return what is chosen from a group: one, or a list where there may be any number."""
    value = override.value()
    several = override.key_or_group in MULTI_CHOICE_GROUPS
    return value if several and isinstance(value, list) else [value]


def _check_hydra_keys(composer: Composer, overrides: Sequence[Override]) -> None:
    """Give a misspelt key of Hydra's the nearest name; Hydra itself gives none."""
    hydra = [o for o in overrides if o.is_hydra_override()]
    given = [o for o in hydra if not (composer.is_group(o) or o.is_add() or o.is_force_add())]
    if not given:
        return
    choices = [o.input_line or "" for o in hydra if composer.is_group(o)]
    config = Composer(composer.loader, choices).base(_studies(overrides)[0])
    for override in given:
        parent = override.key_or_group.rpartition(".")[0]
        node = OmegaConf.select(config, parent)
        names = names_in(node, parent) if isinstance(node, DictConfig) else []
        if override.key_or_group not in names:
            raise RequestError(_unknown_hydra_key(composer.loader, override.key_or_group, names))


def _unknown_hydra_key(loader: ConfigLoader, key: str, names: Sequence[str]) -> str:
    """Say which launcher or sweeper has a key, if not the chosen one, or which keys are near."""
    if "." not in key:
        return unknown("group", key, ["hydra/launcher", "hydra/sweeper"])
    part = key.split(".")[1]
    group = f"hydra/{part}"
    owners = [
        name
        for name in loader.get_group_options(group)
        if _has_key(Composer(loader, [f"{group}={name}"]).base(()), key)
    ]
    if owners:
        return f"{key} is a key of {group}={', '.join(owners)}, not of the {part} that was chosen."
    return unknown("key", key, names)


def _has_key(config: DictConfig, key: str) -> bool:
    return bool(OmegaConf.select(config, key, default=MISSING) != MISSING)


def _study(composer: Composer, overrides: Sequence[Override]) -> DictConfig:
    """Return Hydra's part of the config under the study that was chosen, if one was."""
    chosen: list[DictConfig] = [composer.base(groups).hydra for groups in _studies(overrides)]
    if len(chosen) > 1 and any(study.sweeper.get("params") for study in chosen):
        raise RequestError("experiment can't be swept over studies that are sweeps themselves.")
    return chosen[0]


def _studies(overrides: Sequence[Override]) -> Sequence[tuple[str, ...]]:
    """Return what chooses each study that is asked for; one choice of none without a study."""
    lines = [o for o in overrides if o.key_or_group == "experiment"]
    return expand(lines) if lines else [()]


def repeated(composer: Composer, point: RequestedRun) -> list[RequestedRun]:
    """Return a point once for each of its repetitions, each with its own seed or seeds."""
    repeats, seeds = point.value("repeats"), {"seed": point.value("seed")}
    if point.value("repeats_of") == "data":
        seeds["dataset.seed"] = point.value("dataset.seed")
    if any(type(number) is not int for number in (repeats, *seeds.values())) or repeats < 2:
        return [point]
    rest = [o for o in point.overrides if o.partition("=")[0] not in (*seeds, "repeats")]
    return [
        composer.point([*rest, *(f"{k}={v + repeat}" for k, v in seeds.items()), "repeats=1"])
        for repeat in range(repeats)
    ]
