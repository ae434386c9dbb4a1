"""``hydra/sweeper=search`` as a command: begun, carried out, and told of at its end."""

from pathlib import Path
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig, OmegaConf

from runner.columns import FAILURES, Status
from runner.crew.summary_fields import monitor_of
from runner.request.points import Composer
from runner.request.searching import SearchRequest
from runner.search.confirm import confirm
from runner.search.ending import conclude_search
from runner.search.rounds import Place, Search
from runner.search.space import read, with_types
from runner.sweep.job import Job
from runner.sweep.launch import statuses


def search(job: Job, config: DictConfig) -> list[Any]:
    """Do the work of the sweeper ``search``.

    Args:
        job: The task, with the request.
        config: Hydra's, whole.

    Returns:
        Nothing: Hydra has no results to hand on that are not in the folder.
    """
    folder = Path(config.hydra.sweep.dir)
    folder.mkdir(parents=True, exist_ok=True)
    OmegaConf.save(config, folder / "multirun.yaml")
    job.loggers.sweep = folder
    assert job.request.search is not None
    request = with_types(job.request.search, job.configs)
    place = Place(
        folder=folder,
        composer=Composer(GlobalHydra.instance().config_loader()),
        launching=job.request.launching,
        display=job.display,
        monitor=monitor_of(job.configs[0]),
        epochs=job.configs[0].epochs,
    )
    found = Search(request, place)
    if not found.rounds:
        found.study.begin_with(_first_points(request, place))
    try:
        found.run()
        confirmed = confirm(found)
    finally:
        job.display.close()
        conclude_search(found)
    # That points diverge is what a search finds out; that a confirmed one does is a failure.
    job.statuses = [status for status in statuses(folder) if status in FAILURES]
    job.statuses += statuses(confirmed) if confirmed else []
    job.expected = [str(Status.OK)] * len(job.statuses)
    return []


def _first_points(request: SearchRequest, place: Place) -> list[dict[str, Any]]:
    """Return the points to try first: those that were asked for, or the defaults."""
    if request.settings.start != "defaults":
        return [dict(point) for point in request.settings.start]
    config = place.composer.base(request.fixed_groups)
    plain = place.composer.point(request.fixed).config
    values = {
        d.key: read(d, config.hydra.runtime.choices.get(d.key, OmegaConf.select(plain, d.key)))
        for d in request.dimensions
    }
    return [{key: value for key, value in values.items() if value is not None}]
