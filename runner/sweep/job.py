"""A request under Hydra: prepared before it, carried out inside it, told of at its end."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn, JobStatus
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict

from runner.build import build_logger, load_data
from runner.config import Config, check
from runner.engine.recorder import Recorder
from runner.errors import RequestError
from runner.loggers.guard import Loggers
from runner.request.files import write_jobs
from runner.request.points import Composer, RequestedRun
from runner.request.validate import points_of
from runner.results.plots.draw import draw_sweep
from runner.results.report import write_report
from runner.results.sweep import Sweep, read_sweep, write_tables
from runner.sweep.entry import enter, is_own_job
from runner.sweep.illustrate import illustrate_sweep
from runner.sweep.launch import train_points
from runner.sweep.progress import ProgressDisplay, console
from runner.sweep.summary_output import end_run, end_sweep
from runner.tryout import Trials


def prepare(points: Sequence[RequestedRun]) -> list[Config]:
    """Check every point, load the data, and try every component out, before any folder is made.

    Raises:
        RequestError: One sentence for each fault of any point.
    """
    configs = _all_checked([partial(_checked, point) for point in points])
    distinct = {_without_seed(config): config for config in configs}
    try_out = Trials()
    _all_checked([partial(_try_out, try_out, config) for config in distinct.values()])
    return configs


def _checked(point: RequestedRun) -> Config:
    return check(point.resolved)


def _try_out(trials: Trials, config: Config) -> None:
    trials(config, load_data(config))


def start(argv: Sequence[str], points: Sequence[RequestedRun], configs: Sequence[Config]) -> int:
    """Hand a prepared request to Hydra.

    Args:
        argv: Hydra's command line.
        points: The runs it asks for.
        configs: Their configs, checked.

    Returns:
        0 if every run ended as it was meant to, else 1.
    """
    job = Job(ProgressDisplay(len(configs)), points, configs)
    try:
        with job.loggers:
            enter(argv, job)
    finally:
        job.progress.close()
    meant = [config.expect for config in configs]
    return int(any(s not in ("ok", m) for s, m in zip(job.statuses, meant, strict=True)))


class Job:
    """The task function: called by Hydra with one config, or by our launcher with all of them.

    Args:
        progress: Tells the person.
        points: The runs of the request, as they were prepared.
        configs: Their configs.

    Attributes:
        statuses: How the runs ended, in order.
        loggers: What else hears of the runs.
    """

    def __init__(
        self, progress: ProgressDisplay, points: Sequence[RequestedRun], configs: Sequence[Config]
    ) -> None:
        self.progress, self.points = progress, list(points)
        self.loggers = Loggers(build_logger, progress.tell)
        self.prepared = {
            point.overrides: (point, config) for point, config in zip(points, configs, strict=True)
        }
        self.statuses: list[str] = []

    def __call__(self, config: DictConfig) -> str:
        """Train one run into the folder that Hydra made for it, and return its status."""
        hydra = HydraConfig.get()
        is_run = hydra.mode == RunMode.RUN
        point = self._composed(tuple(hydra.overrides.task), config, is_run)
        folder = Path(hydra.runtime.output_dir)
        recorder, *_ = self._train([point], [check(point.resolved)], [folder], 1, is_run)
        if is_run:
            self.progress.close()
            end_run(recorder, sorted((folder / "plots").glob("*.png")))
        return self.statuses[-1]

    def _composed(
        self, overrides: tuple[str, ...], config: DictConfig, is_run: bool
    ) -> RequestedRun:
        """A run as Hydra composed it, with the defaults that it was prepared with."""
        known = self.points[0] if is_run else self.prepared.get(overrides, (None, None))[0]
        return RequestedRun(overrides, config, known.defaults if known else {})

    def together(
        self, overrides: Sequence[Sequence[str]], folders: Sequence[Path], width: int | str
    ) -> list[str]:
        """Train many prepared runs, each into its folder, and return their statuses."""
        points, configs = zip(*(self.prepared[tuple(job)] for job in overrides), strict=True)
        self._train(points, configs, folders, width, False)
        return self.statuses[-len(points) :]

    def _train(
        self,
        points: Sequence[RequestedRun],
        configs: Sequence[Config],
        folders: Sequence[Path],
        width: int | str,
        plots_by_default: bool,
    ) -> list[Recorder]:
        recorders = train_points(
            points, configs, folders, width, self.progress, plots_by_default, self.loggers
        )
        self.statuses += [recorder.status or "failed" for recorder in recorders]
        return recorders


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
    points = job.points if job else _points(sweeper, arguments)
    folder = Path(sweeper.config.hydra.sweep.dir)
    folder.mkdir(parents=True, exist_ok=True)
    OmegaConf.save(sweeper.config, folder / "multirun.yaml")
    write_jobs(folder, points)
    if job:
        job.loggers.sweep = folder
    try:
        return [sweeper.launcher.launch([point.overrides for point in points], initial_job_idx=0)]
    finally:
        if job:
            job.progress.close()
        _conclude(folder)


def _conclude(folder: Path) -> None:
    """Write and draw what a sweep gave, however it ended."""
    try:
        done = read_sweep(folder)
        written = write_tables(done)
    except (OSError, RequestError) as error:
        console().print(f"The tables could not be written: {error}")
        return
    written += _attempt("plots could not be drawn", lambda: _draw(done))
    written += _attempt("report could not be written", lambda: [write_report(done)])
    end_sweep(done, written)


def _draw(done: Sweep) -> list[Path]:
    illustrate_sweep(done)
    return draw_sweep(done)


def _attempt(fault: str, write: Callable[[], list[Path]]) -> list[Path]:
    """Write files; what fails is said so, and leaves the results as they were."""
    try:
        return write()
    except Exception as error:
        console().print(f"The {fault}: {type(error).__name__}: {error}")
        return []


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
    statuses = job.together(job_overrides, folders, launcher.width)
    points = (job.prepared[tuple(overrides)][0] for overrides in job_overrides)
    return [_job_return(*done) for done in zip(points, folders, statuses, strict=True)]


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
    return points_of(composer, arguments, sweeper.params)


def _job_folders(config: DictConfig, numbers: Iterable[int]) -> list[Path]:
    hydra, folders = config.hydra, []
    sweep = Path(str(hydra.sweep.dir))  # resolved once: it takes a millisecond
    with open_dict(config):
        for number in numbers:
            hydra.job.num = hydra.job.id = number
            folders.append(sweep / str(hydra.sweep.subdir))
    return folders


def _job_return(point: RequestedRun, folder: Path, status: str) -> JobReturn:
    done = JobReturn(
        overrides=point.overrides, cfg=point.config, working_dir=str(folder), task_name="runner"
    )
    done.status, done.return_value = JobStatus.COMPLETED, status
    return done
