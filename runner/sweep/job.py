"""A request under Hydra: prepared before it, carried out inside it, told of at its end."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn, JobStatus
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict

from runner.build import load_data, try_out
from runner.config import Config, check
from runner.errors import RequestError
from runner.results.plots import draw_sweep
from runner.results.tables import write_tables
from runner.sweep.entry import enter
from runner.sweep.farewell import end_run, end_sweep
from runner.sweep.launch import train_points
from runner.sweep.points import Composer, Point
from runner.sweep.request import points_of
from runner.sweep.screen import Screen


def prepare(points: Sequence[Point]) -> list[Config]:
    """Check every point, load the data, and try every component out, before any folder is made.

    Raises:
        RequestError: One sentence for each fault of any point.
    """
    configs = _all_checked([lambda point=point: check(point.resolved) for point in points])
    distinct = {config.signature: config for config in configs}
    _all_checked(
        [lambda config=config: try_out(config, load_data(config)) for config in distinct.values()]
    )
    return configs


def start(argv: Sequence[str], configs: Sequence[Config]) -> int:
    """Hand a prepared request to Hydra.

    Args:
        argv: Hydra's command line.
        configs: The configs of its runs.

    Returns:
        0 if every run ended as it was meant to, else 1.
    """
    with Screen(len(configs)) as screen:
        job = Job(screen)
        enter(argv, job)
    meant = [config.expect for config in configs]
    return int(any(s not in ("ok", m) for s, m in zip(job.statuses, meant, strict=True)))


class Job:
    """The task function: called by Hydra with one config, or by our launcher with all of them.

    Args:
        screen: Tells the person.

    Attributes:
        statuses: How the runs ended, in order.
    """

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.statuses: list[str] = []

    def __call__(self, config: DictConfig) -> str:
        """Train one run into the folder that Hydra made for it."""
        hydra = HydraConfig.get()
        folder = Path(hydra.runtime.output_dir)
        is_run = hydra.mode == RunMode.RUN
        point = Point(tuple(hydra.overrides.task), config)
        (status,) = self.together([point], [folder], 1, plots_by_default=is_run)
        return status

    def together(
        self,
        points: Sequence[Point],
        folders: Sequence[Path],
        width: int | str,
        *,
        plots_by_default: bool = False,
    ) -> list[str]:
        """Train many points, each into its folder, and return their statuses."""
        recorders = train_points(points, folders, width, self.screen, plots_by_default)
        self.statuses += [recorder.status or "failed" for recorder in recorders]
        if plots_by_default:
            end_run(recorders[0], _plots(folders[0]))
        return self.statuses[-len(points) :]


def sweep(sweeper: Any, arguments: Sequence[str]) -> list[Sequence[JobReturn]]:
    """Do the work of the sweeper ``points``: expand, launch, and write the tables come what may.

    Args:
        sweeper: The plugin, set up.
        arguments: The request's overrides.

    Returns:
        The results of the jobs, as one batch.
    """
    points = points_of(_composer(sweeper), arguments, sweeper.params)
    folder = Path(sweeper.config.hydra.sweep.dir)
    folder.mkdir(parents=True, exist_ok=True)
    OmegaConf.save(sweeper.config, folder / "multirun.yaml")
    try:
        return [sweeper.launcher.launch([point.overrides for point in points], initial_job_idx=0)]
    finally:
        tables = write_tables(folder)
        end_sweep(folder, tables, draw_sweep(folder, tables))


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
    composer = _composer(launcher)
    points = [composer.point(overrides) for overrides in job_overrides]
    folders = [_job_folder(launcher.config, initial_job_idx + job) for job in range(len(points))]
    statuses = launcher.task_function.together(points, folders, launcher.width)
    return [_job_return(*job) for job in zip(points, folders, statuses, strict=True)]


def _all_checked(checks: Sequence[Any]) -> list[Any]:
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


def _composer(plugin: Any) -> Composer:
    overrides = OmegaConf.to_container(plugin.config.hydra.overrides.hydra)
    return Composer(plugin.hydra_context.config_loader, overrides)  # type: ignore[arg-type]


def _job_folder(config: DictConfig, number: int) -> Path:
    with open_dict(config):
        config.hydra.job.num = config.hydra.job.id = number
    return Path(config.hydra.sweep.dir) / str(config.hydra.sweep.subdir)


def _job_return(point: Point, folder: Path, status: str) -> JobReturn:
    done = JobReturn(
        overrides=point.overrides, cfg=point.config, working_dir=str(folder), task_name="runner"
    )
    done.status, done.return_value = JobStatus.COMPLETED, status
    return done


def _plots(folder: Path) -> list[Path]:
    return sorted((folder / "plots").glob("*.png"))
