"""``hydra/sweeper=population`` as a command: begun or resumed, carried out, told of at its end."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.initialize import initialize_config_dir
from omegaconf import DictConfig

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
from runner.request.populating import REQUEST, PopulationRequest
from runner.request.validate import Request, check_request
from runner.search.place import Place
from runner.search.population.check import check_population
from runner.search.population.ending import conclude_population
from runner.search.population.members import Population
from runner.search.request_file import OF_LAUNCHER, read_request, remember, write_request
from runner.search.space import with_types
from runner.sweep.conclude import exit_code
from runner.sweep.job import Job, prepare
from runner.sweep.launch import Trainers, statuses
from runner.sweep.progress import ProgressDisplay
from runner.sweep.resume import refuse_differences, relaunch


def populate(job: Job, config: DictConfig) -> list[Any]:
    """Do the work of the sweeper ``population``.

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
    asked = [o for o in overrides if not o.startswith("hydra.sweep.dir=")]
    write_request(folder, asked, request, REQUEST)
    composer = Composer(GlobalHydra.instance().config_loader())
    place = _place(folder, composer, job.request, job.configs, job.display)
    job.statuses = _carry_out(Population(request, place))
    job.expected = [str(Status.OK)] * len(job.statuses)
    return []


def resume(folder: Path, overrides: Sequence[str], *, force: bool) -> int:
    """Go on with a population where it stopped.

    Args:
        folder: Its folder; nobody else works on it.
        overrides: Keys of the launcher.
        force: Whether to go on though code, versions, data or configs have changed.

    Returns:
        0 if members came to the end and none failed, else 1.

    Raises:
        RequestError: It can't go on, or not so.
    """
    before = read_request(folder, REQUEST)
    only(overrides, OF_LAUNCHER, "key that --resume of a population takes")
    request = check_request(read_command(["-m", *before.overrides, *overrides]))
    configs = prepare(request.points)
    found = _typed(request, configs)
    check_population(found, configs, request.launching)
    before.check_same(found)
    if (folder / HIDDEN / "sweep.json").is_file():
        if not force:
            refuse_differences(folder, read_sweep_file(folder), all_of_it=True)
        relaunch(folder, request.launching)
    remember(folder, before, overrides, REQUEST)
    display = ProgressDisplay(0)
    loggers = Loggers(build_logger, display.tell)
    loggers.sweep = folder
    if any(config.logger for config in configs):
        display.follower = Follower(loggers, is_sweep=True)
    with initialize_config_dir(str(conf_folder()), version_base="1.3"), loggers:
        composer = Composer(GlobalHydra.instance().config_loader())
        place = _place(folder, composer, request, configs, display)
        ended = _carry_out(Population(found, place))
    return exit_code(ended, [str(Status.OK)] * len(ended))


def _typed(request: Request, configs: Sequence[Config]) -> PopulationRequest:
    assert request.population is not None
    return with_types(request.population, configs)


def _place(
    folder: Path,
    composer: Composer,
    request: Request,
    configs: Sequence[Config],
    display: ProgressDisplay,
) -> Place:
    goals, epochs = (monitor_of(configs[0]),), configs[0].epochs
    trainers = Trainers(folder, display)
    return Place(folder, composer, request.launching, trainers, display, goals, epochs)


def _carry_out(population: Population) -> list[str]:
    """Train the population and conclude, and return the statuses that decide on the exit code."""
    try:
        with population.place.trainers:
            population.run()
    finally:
        population.place.display.close()
        conclude_population(population)
    ended = statuses(population.place.folder)
    # That members diverge is what a population finds out, unless all of them do.
    return [one for one in ended if one in FAILURES] if Status.OK in ended else ended
