"""A population, top to bottom: train to an exchange, let the worst take over, train on."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from random import Random

from runner.columns import Status
from runner.config_keys import as_typed
from runner.crew.exchanges import Exchange, read_exchanges
from runner.crew.group_files import GroupFiles, all_groups
from runner.crew.planned import PlannedRun
from runner.engine.monitor import Monitor
from runner.engine.recorder import Recorder, Row
from runner.folder_lock import HIDDEN
from runner.request.files import write_jobs
from runner.request.populating import PopulationRequest
from runner.search.place import Place
from runner.search.population.check import buffers_of
from runner.search.population.history import History
from runner.search.population.tables import write_lineage
from runner.search.population.values import drawn, explored
from runner.search.request_file import deciding
from runner.sweep.job import checked
from runner.sweep.launch import set_out


class Population:
    """A population, from its beginning or from wherever it was left.

    Args:
        request: What may be chosen, and how.
        place: Where it takes place.

    Attributes:
        exchanges: Those that were decided.
    """

    def __init__(self, request: PopulationRequest, place: Place) -> None:
        self.request, self.place, self.settings = request, place, request.settings
        self.exchanges = read_exchanges(place.folder)

    def run(self) -> None:
        """Carry out what was begun, and go on to the end.

        Raises:
            KeyboardInterrupt: It was asked to end; what was begun can go on.
        """
        if not (self.place.folder / HIDDEN / "sweep.json").is_file():
            self._set_out()
        for epoch in self.settings.stops(self.place.epochs)[len(self.exchanges) :]:
            self._train(epoch)
            self._exchange(epoch)
        self._train(None)

    @property
    def groups(self) -> list[GroupFiles]:
        """Its group, or the parts that took its place when it ended before its time."""
        return all_groups(self.place.folder)

    @cached_property
    def history(self) -> History:
        """What became of its members."""
        configs = {job: own for files in self.groups for job, own in files.plan.configs.items()}
        keys = [of.key for of in self.request.dimensions]
        return History(keys, dict(sorted(configs.items())), self.exchanges)

    @cached_property
    def buffers(self) -> list[str]:
        """The buffers of the model that hold values of keys which may change."""
        return buffers_of(self.request, self.history.configs[0])

    def last_rows(self) -> dict[int, Row]:
        """Return the last row of each member that was trained to the end, by job."""
        ended = {
            run.job: last_row(files, run, self.place.monitor)
            for files in self.groups
            for run in files.plan.runs
            if files.status(run) == Status.OK
        }
        return dict(sorted(ended.items()))

    # ---------------------------------------------------------------- its steps

    def _set_out(self) -> None:
        """Draw the members, each with a seed of its own, and write their plan into the folder."""
        folder, composer = self.place.folder, self.place.composer
        draws = Random(f"{self.settings.seed}: the beginning")
        first = composer.point(self.request.fixed).config.seed
        fixed = [o for o in self.request.fixed if o.partition("=")[0] != "seed"]
        points = []
        for member in range(self.settings.members):
            own = [f"{of.key}={as_typed(drawn(of, draws))}" for of in self.request.dimensions]
            points.append(composer.point([*fixed, *own, f"seed={first + member}"]))
        mark = {"population": _hash(deciding(self.request))}
        configs = [config.model_copy(update=mark) for config in checked(points)]
        places = [folder / str(member) for member in range(len(points))]
        together = replace(self.place.launching, width=len(points))
        write_jobs(folder, [point.overrides for point in points])
        set_out(folder, points, configs, places, together, is_sweep=True)

    def _train(self, until: int | None) -> None:
        groups = [files for files in self.groups if not files.is_done]
        for files in groups:
            files.climb(until)
        runs = sum(len(files.unfinished()) for files in groups)
        self.place.display.expect(runs, f"to epoch {until or self.place.epochs}: ")
        self.place.trainers.train([files.name for files in groups])

    def _exchange(self, epoch: int) -> None:
        """Decide who goes on from whom, with which values; whoever trains them applies it.

        Where a group ended before its time, each of its parts is a population of its own from then
        on: they no longer train in one place.
        """
        number, monitor = len(self.exchanges), self.place.monitor
        draws = Random(f"{self.settings.seed}: exchange {number}")
        metric: dict[int, float] = {}
        parents: dict[int, int] = {}
        for files in self.groups:
            training = [run for run in files.plan.runs if files.status(run) is None]
            own = {r.job: last_row(files, r, monitor)[monitor.column] for r in training}
            metric |= own
            parents |= self._parents(own, draws)
        before = {child: self.history.values(parent, epoch) for child, parent in parents.items()}
        values = {
            child: explored(self.request.dimensions, before[child], self.settings, draws)
            for child in parents
        }
        self.exchanges.append(Exchange(number, epoch, metric, parents, values, self.buffers))
        self.exchanges[-1].write(self.place.folder)
        write_lineage(self.place.folder, self.history, monitor.column)
        self._say(self.exchanges[-1])

    def _parents(self, metric: Mapping[int, float], draws: Random) -> dict[int, int]:
        """Return from whom the worst of some members go on: each from one of as many best."""
        best_first = ranked(metric, self.place.monitor)
        copied = self.settings.copied(len(best_first))
        worst = sorted(best_first[len(best_first) - copied :])
        return {child: draws.choice(best_first[:copied]) for child in worst}

    def _say(self, exchange: Exchange) -> None:
        """Tell in a line how many took over, and who is the best."""
        if not exchange.metric:
            return
        best = ranked(exchange.metric, self.place.monitor)[0]
        values = self.history.values(best, exchange.epoch)
        told = " ".join(f"{key}={as_typed(value)}" for key, value in values.items())
        self.place.display.tell(
            f"After epoch {exchange.epoch}: {len(exchange.parents)} of {len(exchange.metric)} "
            f"members go on from the best; member {best} has {self.place.monitor.column} "
            f"{exchange.metric[best]:.4g} with {told}"
        )


def ranked(metric: Mapping[int, float], monitor: Monitor) -> list[int]:
    """Return members by their metric, the best first; of equals the earlier."""
    sign = 1 if monitor.direction == "lower" else -1
    return sorted(metric, key=lambda job: (sign * metric[job], job))


def last_row(files: GroupFiles, run: PlannedRun, monitor: Monitor) -> Row:
    """Return the last row of a run's metrics."""
    record = Recorder(files.run_folder(run), {}, run.job, monitor)
    record.recover()
    return record.last


def _hash(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
