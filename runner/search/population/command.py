"""``hydra/sweeper=population`` as a command: carried out, and told of at its end."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from runner.columns import FAILURES, Status
from runner.request.populating import REQUEST, PopulationRequest
from runner.request.relaunching import ALL_KEYS
from runner.request.validate import Request
from runner.search import kinds
from runner.search.place import Place
from runner.search.population.check import check_population
from runner.search.population.ending import conclude_population
from runner.search.population.members import Population
from runner.sweep.job import Job
from runner.sweep.launch import statuses


def populate(job: Job, config: DictConfig) -> list[Any]:
    """Do the work of the sweeper ``population``; see `runner.search.kinds.begin`."""
    return kinds.begin(POPULATION, job, config)


def resume(folder: Path, overrides: Sequence[str], *, force: bool) -> int:
    """Go on with a population where it stopped; see `runner.search.kinds.resume`."""
    return kinds.resume(POPULATION, folder, overrides, force=force)


def _asked(request: Request) -> PopulationRequest | None:
    return request.population


def _carry_out(request: PopulationRequest, place: Place) -> list[str]:
    """Train the population and conclude, and return the statuses that decide on the exit code."""
    population = Population(request, place)
    try:
        with place.trainers:
            population.run()
    finally:
        place.display.close()
        conclude_population(population)
    ended = statuses(place.folder)
    # That members diverge is what a population finds out, unless all of them do.
    return [one for one in ended if one in FAILURES] if Status.OK in ended else ended


POPULATION = kinds.Kind("population", REQUEST, ALL_KEYS, _asked, check_population, _carry_out)
