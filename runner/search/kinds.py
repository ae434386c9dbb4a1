"""What a search and a population have in common as commands: how they begin, and how they go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from hydra.core.global_hydra import GlobalHydra
from hydra.initialize import initialize_config_dir
from omegaconf import DictConfig

from runner.atomic_write import remove_parts
from runner.build import build_logger
from runner.columns import Status
from runner.config import Config
from runner.crew.cluster.engines import check_cluster, check_left
from runner.crew.follow import Follower
from runner.crew.kept_components import check_at_hand
from runner.crew.summary_fields import monitor_of
from runner.crew.sweep_file import SweepFile, read_sweep_file
from runner.device import trained_elsewhere
from runner.folder_lock import HIDDEN
from runner.loggers.guard import Loggers
from runner.paths import conf_folder
from runner.request.command_line import read as read_command
from runner.request.files import write_multirun
from runner.request.launching import Launching
from runner.request.overrides import only
from runner.request.points import Composer
from runner.request.space import Space
from runner.request.validate import Request, check_request
from runner.search.place import Place
from runner.search.request_file import read_request, remember, write_request
from runner.search.space import with_types
from runner.sweep.conclude import exit_code
from runner.sweep.job import Job, prepare
from runner.sweep.launch import Trainers
from runner.sweep.progress import ProgressDisplay
from runner.sweep.resume import clear, make_ready, relaunch

R = TypeVar("R", bound=Space[Any])


@dataclass(frozen=True)
class Kind(Generic[R]):
    """A search or a population, as a command.

    Attributes:
        name: What a person calls it.
        file: Where its folder says what was asked for.
        allowed: The keys that a resume takes.
        asked: Returns what was asked for.
        check: Refuses what can't be carried out.
        carry_out: Does it, and returns the statuses that decide on the exit code.
    """

    name: str
    file: str
    allowed: Sequence[str]
    asked: Callable[[Request], R | None]
    check: Callable[[R, Sequence[Config], Launching], None]
    carry_out: Callable[[R, Place], list[str]]


def begin(kind: Kind[R], job: Job, config: DictConfig) -> list[Any]:
    """Do the work of a sweeper.

    Args:
        kind: Which.
        job: The task, with the request.
        config: Hydra's, whole.

    Returns:
        Nothing: Hydra has no results to hand on that are not in the folder.
    """
    folder = Path(config.hydra.sweep.dir)
    write_multirun(folder, config, job.request.task)
    job.loggers.sweep = folder
    found = _typed(kind, job.request, job.configs)
    overrides = [*config.hydra.overrides.hydra, *config.hydra.overrides.task]
    asked = [o for o in overrides if not o.startswith("hydra.sweep.dir=")]
    write_request(folder, asked, found, kind.file)
    place = _place(folder, found, job.configs[0], job.request.launching, job.display)
    job.statuses = kind.carry_out(found, place)
    job.expected = [str(Status.OK)] * len(job.statuses)
    return []


def resume(kind: Kind[R], folder: Path, overrides: Sequence[str], *, force: bool) -> int:
    """Go on where it stopped.

    Args:
        kind: What it is.
        folder: Its folder; nobody else works on it.
        overrides: What is asked for otherwise than before.
        force: Whether to go on though code, versions, data or configs have changed.

    Returns:
        0 if all ended as it was meant to, else 1.

    Raises:
        RequestError: It can't go on, or not so.
    """
    before = read_request(folder, kind.file)
    only(overrides, kind.allowed, f"key that --resume of a {kind.name} takes")
    sweep = _cleared(folder, kind.file)
    request = check_request(read_command(["-m", *before.with_more(overrides)]))
    with trained_elsewhere(request.launching.on_gpus):
        configs = prepare(request.points)
    found = _typed(kind, request, configs)
    kind.check(found, configs, request.launching)
    before.check_same(found)
    check_left(request.launching.cluster, folder, force=force)
    if request.launching.cluster:
        check_cluster(request.launching.cluster, folder)
    if before.round:
        found = replace(found, settings=found.settings.model_copy(update={"round": before.round}))
    if sweep:
        make_ready(folder, sweep, force=force, all_of_it=True)
        relaunch(folder, request.launching)
    remember(folder, before, overrides, kind.file)
    display = ProgressDisplay(0)
    loggers = Loggers(build_logger, display.tell)
    loggers.sweep = folder
    if any(config.logger for config in configs):
        display.follower = Follower(loggers, is_sweep=True)
    with initialize_config_dir(str(conf_folder()), version_base="1.3"), loggers:
        ended = kind.carry_out(found, _place(folder, found, configs[0], request.launching, display))
    return exit_code(ended, [str(Status.OK)] * len(ended))


def _cleared(folder: Path, file: str) -> SweepFile | None:
    """Clear up after a kill, and return the plan of what was begun, whose code is at hand."""
    remove_parts((folder / file).parent)
    for place in (folder, *folder.glob("confirm-*")):
        clear(place)
    if not (folder / HIDDEN / "sweep.json").is_file():
        return None
    sweep = read_sweep_file(folder)
    check_at_hand(folder, sweep.origin.get("code", {}))
    return sweep


def _typed(kind: Kind[R], request: Request, configs: Sequence[Config]) -> R:
    found = kind.asked(request)
    assert found is not None
    return with_types(found, configs)


def _place(
    folder: Path, found: Space[Any], first: Config, launching: Launching, display: ProgressDisplay
) -> Place:
    settings, composer = found.settings, Composer(GlobalHydra.instance().config_loader())
    goals = tuple(monitor_of(first, column) for column in settings.columns or [first.monitor])
    trainers = Trainers(folder, display, settings.rounds)
    return Place(folder, composer, launching, trainers, display, goals, first.epochs)
