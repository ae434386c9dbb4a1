"""A request under Hydra: prepared before it, carried out inside it, told of at its end."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn, JobStatus
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from runner.build import build_component, build_logger, build_model, load_data, with_data
from runner.columns import FAILURES
from runner.config import Config, check
from runner.crew.follow import Follower
from runner.errors import RequestError
from runner.loggers.guard import Loggers
from runner.request.files import write_jobs, write_multirun
from runner.request.plain import plain_of
from runner.request.points import Composer, RequestedRun
from runner.request.validate import Request, points_of
from runner.request.without_effect import check_effect
from runner.sweep.conclude import conclude_run, conclude_sweep, exit_code
from runner.sweep.entry import enter, is_own_job
from runner.sweep.launch import set_out, statuses, train
from runner.sweep.progress import ProgressDisplay
from runner.tryout import Trials
from runner.warm_start import fit, source_of, with_weights


def prepare(points: Sequence[RequestedRun]) -> list[Config]:
    """Check every point, load the data, and try every component out, before any folder is made.

    Raises:
        RequestError: One sentence for each fault of any point.
    """
    configs = _checked_alone(points)
    keys = [_without_seed(config) for config in configs]
    distinct = dict(zip(keys, configs, strict=True))
    try_out = Trials()
    found = _all_checked([partial(_try_out, try_out, config) for config in distinct.values()])
    known = {key: config.data_checksum for key, config in zip(distinct, found, strict=True)}
    return [
        config.model_copy(update={"data_checksum": known[key]})
        for key, config in zip(keys, configs, strict=True)
    ]


def checked(points: Sequence[RequestedRun]) -> list[Config]:
    """Check every point by itself, and find its data and the weights that it starts from.

    Raises:
        RequestError: One sentence for each fault of any point.
    """
    return [with_data(config) for config in _checked_alone(points)]


def _checked_alone(points: Sequence[RequestedRun]) -> list[Config]:
    """Check every point without its data: what is wrong is said before anything is downloaded."""
    return _all_checked([partial(_checked, point) for point in points])


def _checked(point: RequestedRun) -> Config:
    config = check(point.resolved)
    check_effect(point, config)
    return with_weights(config)


def _try_out(trials: Trials, config: Config) -> Config:
    """Try a run's components out, and return its config with what is known of its data."""
    trials(config, load_data(config))
    return with_data(config)


def warm_starts(configs: Iterable[Config]) -> list[str]:
    """Say what of other runs' weights the runs start with, each sentence once."""
    starts = [config for config in configs if config.init_from is not None]
    distinct = {(c.init_checksum, json.dumps([c.model, c.dataset])): c for c in starts}
    told: dict[str, None] = {}
    for config in distinct.values():
        if source := source_of(config):
            told[fit(build_model(config, load_data(config)), source).told(source)] = None
    return list(told)


def remarks(configs: Iterable[Config]) -> list[str]:
    """Say what there is to know of the runs' schedules, each sentence once."""
    distinct = {json.dumps(config.schedule, sort_keys=True): config for config in configs}
    found = [build_component("schedule", [c.schedule]).remark() for c in distinct.values()]
    return [sentence for sentence in dict.fromkeys(found) if sentence]


def start(argv: Sequence[str], request: Request, configs: Sequence[Config]) -> int:
    """Hand a prepared request to Hydra.

    Args:
        argv: Hydra's command line.
        request: What is asked for.
        configs: The configs of its runs, checked.

    Returns:
        0 if every run ended as it was meant to, else 1.
    """
    job = Job(request, configs)
    for sentence in [*warm_starts(configs), *remarks(configs)]:
        job.display.tell(sentence)
    try:
        with job.loggers:
            enter(argv, job)
    finally:
        job.display.close()
    return exit_code(job.statuses, job.expected)


class Job:
    """The task function: called by Hydra with one config, or by our launcher for all of them.

    Args:
        request: What is asked for.
        configs: The configs of its runs, checked.

    Attributes:
        display: Tells the person.
        loggers: What else hears of the runs.
        statuses: How the runs ended, in order.
        expected: How each was to end.
        groups: The name of each run's group, in order.
    """

    def __init__(self, request: Request, configs: Sequence[Config]) -> None:
        self.request, self.configs = request, configs
        self.display = ProgressDisplay(len(configs))
        self.loggers = Loggers(build_logger, self.display.tell)
        if any(config.logger for config in configs):
            self.display.follower = Follower(self.loggers, is_sweep=request.is_sweep)
        self.statuses: list[str] = []
        self.expected: list[str] = [config.expect for config in configs]
        self.groups: list[str] = []

    def __call__(self, config: DictConfig) -> str:
        """Train one run into the folder that Hydra made for it, and return its status.

        Raises:
            RunFailedError: It failed, and is one of several, which go on.
        """
        hydra = HydraConfig.get()
        if hydra.mode == RunMode.RUN:
            return self._run(config, tuple(hydra.overrides.task), Path(hydra.runtime.output_dir))
        return self._one_of_sweep(Path(hydra.sweep.dir), int(hydra.job.num))

    def together(self, folder: Path) -> list[str]:
        """Train all runs of a sweep that was set out, and return their statuses."""
        train(folder, self.display)
        self.statuses = statuses(folder)
        return self.statuses

    def set_out(self, folder: Path, places: Sequence[Path]) -> None:
        """Write a sweep's plan into its folder; see `runner.sweep.launch.set_out`."""
        self.loggers.sweep = folder
        asked = (self.request.points, self.configs, places, self.request.launching)
        self.groups = set_out(folder, *asked, is_sweep=True)

    def _run(self, config: DictConfig, overrides: tuple[str, ...], folder: Path) -> str:
        point = RequestedRun(overrides, plain_of(config), self.request.points[0].defaults)
        configs = checked([point])
        set_out(folder, [point], configs, [folder], self.request.launching, is_sweep=False)
        try:
            train(folder, self.display)
        finally:
            self.display.close()
        conclude_run(folder)
        self.statuses = statuses(folder)
        return self.statuses[0]

    def _one_of_sweep(self, folder: Path, number: int) -> str:
        names = [self.groups[number]]
        train(folder, self.display, names)
        (status,) = statuses(folder, names)
        self.statuses.append(status)
        if status in FAILURES:
            raise RunFailedError(status)
        return status


class RunFailedError(Exception):
    """Tells Hydra that a run failed; what there is to say is in the run's files."""


def sweep(sweeper: Any, arguments: Sequence[str]) -> list[Sequence[JobReturn]]:
    """Do the work of the sweeper ``points``: expand, launch, and write the tables come what may.

    Args:
        sweeper: The plugin, set up.
        arguments: The request's overrides.

    Returns:
        The results of the jobs, as one batch.
    """
    task = sweeper.task_function
    job: Job | None = task if is_own_job(task) else None
    points = job.request.points if job else _points(sweeper, arguments)
    folder = Path(sweeper.config.hydra.sweep.dir)
    write_multirun(folder, sweeper.config, job.request.task if job else arguments)
    write_jobs(folder, [point.overrides for point in points])
    if job:
        job.set_out(folder, _job_folders(sweeper.config, range(len(points))))
    try:
        return [sweeper.launcher.launch([point.overrides for point in points], initial_job_idx=0)]
    finally:
        if job:
            job.display.close()
        conclude_sweep(folder)


def launch(
    launcher: Any, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
) -> list[JobReturn]:
    """Do the work of the launcher ``fused``: train all jobs, each into its own folder.

    Args:
        launcher: The plugin, set up.
        job_overrides: The overrides of each job.
        initial_job_idx: The number of the first.

    Returns:
        One result per job, in order; its value is the run's status.
    """
    numbers = range(initial_job_idx, initial_job_idx + len(job_overrides))
    folders = _job_folders(launcher.config, numbers)
    job: Job = launcher.task_function
    ended = job.together(Path(str(launcher.config.hydra.sweep.dir)))
    return [job_return(*done) for done in zip(job.request.points, folders, ended, strict=True)]


T = TypeVar("T")


def _all_checked(checks: Sequence[Callable[[], T]]) -> list[T]:
    """Carry out every check and raise all their faults at once, each said once."""
    passed, faults = [], dict[str, None]()
    for attempt in checks:
        try:
            passed.append(attempt())
        except RequestError as error:
            faults |= dict.fromkeys(error.sentences)
    if faults:
        raise RequestError(*faults)
    return passed


def _without_seed(config: Config) -> str:
    """Tell configs apart by all that trying them out depends on."""
    return config.model_copy(update={"seed": 0}).model_dump_json()


def _points(sweeper: Any, arguments: Sequence[str]) -> list[RequestedRun]:
    """Expand the request of a program that is not ours, which nobody prepared."""
    overrides: Any = OmegaConf.to_container(sweeper.config.hydra.overrides.hydra)
    composer = Composer(sweeper.hydra_context.config_loader, overrides)
    return points_of(composer, arguments, sweeper.params, skip_missing=sweeper.skip_missing)


def _job_folders(config: DictConfig, numbers: Iterable[int]) -> list[Path]:
    """Return where the runs go; that they are named by their numbers is no setting."""
    sweep = Path(str(config.hydra.sweep.dir))
    return [sweep / str(number) for number in numbers]


def job_return(point: RequestedRun, folder: Path, status: str) -> JobReturn:
    """Return what Hydra is to know of a run that has ended."""
    done = JobReturn(overrides=point.overrides, working_dir=str(folder), task_name="runner")
    failed = status in FAILURES
    done.status = JobStatus.FAILED if failed else JobStatus.COMPLETED
    done.return_value = RunFailedError(status) if failed else status
    return done
