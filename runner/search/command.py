"""``hydra/sweeper=search`` as a command: begun or resumed, carried out, and told of at its end."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.initialize import initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from runner.build import build_logger
from runner.columns import FAILURES, Status
from runner.config import Config
from runner.crew.follow import Follower
from runner.crew.summary_fields import monitor_of
from runner.crew.sweep_file import read_sweep_file
from runner.folder_lock import HIDDEN
from runner.loggers.guard import Loggers
from runner.paths import conf_folder
from runner.request.command_line import read as read_command
from runner.request.files import write_multirun
from runner.request.overrides import only
from runner.request.points import Composer
from runner.request.searching import SearchRequest
from runner.request.validate import Request, check_request
from runner.search.check import check_search
from runner.search.confirm import confirm
from runner.search.ending import conclude_search
from runner.search.place import Place
from runner.search.pruning import too_few
from runner.search.request_file import ALLOWED, read_request, remember, write_request
from runner.search.rounds import Search
from runner.search.space import read, with_types
from runner.sweep.conclude import exit_code
from runner.sweep.job import Job, prepare
from runner.sweep.launch import Trainers, statuses
from runner.sweep.progress import ProgressDisplay
from runner.sweep.resume import refuse_differences, relaunch


def search(job: Job, config: DictConfig) -> list[Any]:
    """Do the work of the sweeper ``search``.

    Args:
        job: The task, with the request.
        config: Hydra's, whole.

    Returns:
        Nothing: Hydra has no results to hand on that are not in the folder.
    """
    folder = Path(config.hydra.sweep.dir)
    write_multirun(folder, config, job.request.task)
    job.loggers.sweep = folder
    request = _typed(job.request, job.configs)
    overrides = [*config.hydra.overrides.hydra, *config.hydra.overrides.task]
    write_request(folder, [o for o in overrides if not o.startswith("hydra.sweep.dir=")], request)
    if warning := too_few(request.settings):
        job.display.tell(warning)
    composer = Composer(GlobalHydra.instance().config_loader())
    found = Search(request, _place(folder, composer, job.request, job.configs, job.display))
    job.statuses = _carry_out(found)
    job.expected = [str(Status.OK)] * len(job.statuses)
    return []


def resume(folder: Path, overrides: Sequence[str], *, force: bool) -> int:
    """Go on with a search: what was asked for is trained, then more is asked for, if wanted.

    Args:
        folder: Its folder; nobody else works on it.
        overrides: ``hydra.sweeper.trials=N`` for more points, and keys of the launcher.
        force: Whether to go on though code, versions, data or configs have changed.

    Returns:
        0 if no run failed and those that confirm the best completed, else 1.

    Raises:
        RequestError: It can't go on, or not so.
    """
    before = read_request(folder)
    only(overrides, ALLOWED, "key that --resume of a search takes")
    request = check_request(read_command(["-m", *before.overrides, *overrides]))
    configs = prepare(request.points)
    found = _typed(request, configs)
    check_search(found, configs)
    before.check_same(found)
    settings = found.settings.model_copy(update={"round": before.round})
    found = replace(found, settings=settings)
    if (folder / HIDDEN / "sweep.json").is_file():
        if not force:
            refuse_differences(folder, read_sweep_file(folder), all_of_it=True)
        relaunch(folder, request.launching)
    remember(folder, before, overrides)
    display = ProgressDisplay(0)
    loggers = Loggers(build_logger, display.tell)
    loggers.sweep = folder
    if any(config.logger for config in configs):
        display.follower = Follower(loggers, is_sweep=True)
    with initialize_config_dir(str(conf_folder()), version_base="1.3"), loggers:
        composer = Composer(GlobalHydra.instance().config_loader())
        ended = _carry_out(Search(found, _place(folder, composer, request, configs, display)))
    return exit_code(ended, [str(Status.OK)] * len(ended))


def _typed(request: Request, configs: Sequence[Config]) -> SearchRequest:
    assert request.search is not None
    return with_types(request.search, configs)


def _place(
    folder: Path,
    composer: Composer,
    request: Request,
    configs: Sequence[Config],
    display: ProgressDisplay,
) -> Place:
    assert request.search is not None
    columns = request.search.settings.goals or [configs[0].monitor]
    goals = tuple(monitor_of(configs[0], column) for column in columns)
    settings = request.search.settings
    trainers = Trainers(folder, display, rounds=ceil(settings.trials / settings.round_size))
    epochs = configs[0].epochs
    return Place(folder, composer, request.launching, trainers, display, goals, epochs)


def _carry_out(search: Search) -> list[str]:
    """Search, confirm and conclude, and return the statuses that decide on the exit code."""
    place = search.place
    if not search.rounds:
        search.study.begin_with(_first_points(search.request, place))
    try:
        with place.trainers:
            search.run()
        confirmed = confirm(search)
    finally:
        place.display.close()
        conclude_search(search)
    # That points diverge is what a search finds out; that a confirmed one does is a failure.
    failed = [status for status in statuses(place.folder) if status in FAILURES]
    return [*failed, *(statuses(confirmed) if confirmed else [])]


def _first_points(request: SearchRequest, place: Place) -> list[dict[str, Any]]:
    """Return the points to try first: those that were asked for, or the defaults."""
    if request.settings.start != "defaults":
        known = {dimension.key: dimension for dimension in request.dimensions}
        points = request.settings.start
        return [{key: read(known[key], value) for key, value in one.items()} for one in points]
    return [_defaults(request, place.composer)]


def _defaults(request: SearchRequest, composer: Composer) -> dict[str, Any]:
    """Return the default of each key, as far as it is among the values to search.

    Where the default component is not, they are those of the first that is listed.
    """
    choices = composer.base(request.fixed_groups).hydra.runtime.choices
    groups = {
        d.key: str(read(d, choices.get(d.key)) or d.values[0])
        for d in request.dimensions[: request.groups]
    }
    plain = composer.point(request.overrides(groups)).config
    rest = request.dimensions[request.groups :]
    defaults = groups | {d.key: read(d, OmegaConf.select(plain, d.key)) for d in rest}
    return {key: value for key, value in defaults.items() if value is not None}
