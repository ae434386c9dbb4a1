"""``hydra/sweeper=search`` as a command: carried out, and told of at its end."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from runner.columns import FAILURES
from runner.config import Config
from runner.request.launching import Launching
from runner.request.points import Composer
from runner.request.searching import REQUEST, SearchRequest
from runner.request.validate import Request
from runner.search import kinds
from runner.search.check import check_search
from runner.search.confirm import confirm
from runner.search.ending import conclude_search
from runner.search.place import Place
from runner.search.pruning import too_few
from runner.search.request_file import ALLOWED
from runner.search.rounds import Search
from runner.search.space import read
from runner.sweep.job import Job
from runner.sweep.launch import statuses


def search(job: Job, config: DictConfig) -> list[Any]:
    """Do the work of the sweeper ``search``; see `runner.search.kinds.begin`."""
    return kinds.begin(SEARCH, job, config)


def resume(folder: Path, overrides: Sequence[str], *, force: bool) -> int:
    """Go on with a search: what was asked for is trained, then more is asked for, if wanted.

    ``hydra.sweeper.trials=N`` asks for more points. See `runner.search.kinds.resume`.
    """
    return kinds.resume(SEARCH, folder, overrides, force=force)


def _asked(request: Request) -> SearchRequest | None:
    return request.search


def _check(request: SearchRequest, configs: Sequence[Config], launching: Launching) -> None:
    check_search(request, configs)


def _carry_out(request: SearchRequest, place: Place) -> list[str]:
    """Search, confirm and conclude, and return the statuses that decide on the exit code."""
    search = Search(request, place)
    if not search.rounds:
        search.study.begin_with(_first_points(request, place))
        if warning := too_few(request.settings):
            place.display.tell(warning)
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


SEARCH = kinds.Kind("search", REQUEST, ALLOWED, _asked, _check, _carry_out)
