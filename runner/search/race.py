"""How the points of a round are trained: from rung to rung, and those that are left to the end."""

import math
from collections.abc import Mapping, Sequence

from runner.build import load_data
from runner.columns import Status
from runner.crew.group_files import GroupFiles, leaves
from runner.crew.planned import PlannedRun
from runner.crew.work import open_recorder
from runner.engine.monitor import Monitor
from runner.request.searching import Settings
from runner.search.outcome import Outcome, outcomes
from runner.search.place import Place
from runner.search.pruning import halved, rungs_of, worse_than_median
from runner.search.record import Cut, Round


class Race:
    """The training of rounds, of which what is done stays done.

    Args:
        settings: How the worst are let go.
        place: Where the search takes place.
        rounds: Those that were begun, by the search that goes on with the list.

    Attributes:
        rungs: The epochs after which the worst are let go.
    """

    def __init__(self, settings: Settings, place: Place, rounds: Sequence[Round]) -> None:
        self.settings, self.place, self.rounds = settings, place, rounds
        self.rungs = rungs_of(settings, place.epochs)

    def to_last_rung(self, round_: Round) -> None:
        """Train a round to its last rung, and let the worst go at each.

        Whoever is in the last stretch of another round is trained beside it.
        """
        for until in self.rungs:
            cut = round_.cut_at(until)
            if cut is None:
                self._train(round_, until)
                cut = self._cut(round_, until)
            self._let_go(round_, cut)

    def begin_last_stretch(self, round_: Round) -> None:
        """Have those that are left of a round trained to the end, beside whatever comes next."""
        self.place.trainers.add(self._climbing(round_, None))

    def end(self, round_: Round) -> None:
        """Train those that are left of a round to the end."""
        self._train(round_, None)

    def outcomes(self, round_: Round) -> dict[int, Outcome]:
        """Return where the points of a round stand, by their numbers."""
        jobs = dict(zip(round_.trials, round_.jobs, strict=True))
        return outcomes(self._groups(round_), jobs, self.place.goals)

    def _train(self, round_: Round, until: int | None) -> None:
        names = self._climbing(round_, until)
        groups = [GroupFiles(self.place.folder, name) for name in names]
        self.place.display.expect(
            sum(len(files.unfinished()) for files in groups),
            f"round {round_.number + 1}, to epoch {until or self.place.epochs}: ",
        )
        self.place.trainers.train(names)

    def _climbing(self, round_: Round, until: int | None) -> list[str]:
        """Allow the groups of a round that are not done to be trained to a rung; return them."""
        groups = [files for files in self._groups(round_) if not files.is_done]
        for files in groups:
            files.climb(until, alone=len(files.unfinished()) == 1)
        return [files.name for files in groups]

    def _cut(self, round_: Round, until: int) -> Cut:
        """Decide who of a round goes on: by the means over repeats, over the whole round."""
        found = {n: o for n, o in self.outcomes(round_).items() if n not in round_.pruned}
        worst = -math.inf if self.place.monitor.direction == "higher" else math.inf
        values = {n: worst if o.value is None else o.value for n, o in found.items()}
        going = self._worst(values, until)
        told = {number: one.value for number, one in found.items()}
        cut = Cut(until, told, going)
        round_.cuts.append(cut)
        round_.write(self.place.folder)
        return cut

    def _worst(self, values: Mapping[int, float], until: int) -> list[int]:
        direction = self.place.monitor.direction
        if self.settings.prune == "halving":
            return halved(values, self.settings.eta, direction)
        cuts = (cut for one in self.rounds for cut in one.cuts if cut.until == until)
        before = [value for cut in cuts for value in cut.values.values() if value is not None]
        return worse_than_median(values, before, direction)

    def _let_go(self, round_: Round, cut: Cut) -> None:
        """Write the end of the runs of points that were let go."""
        jobs = {job for number in cut.pruned for job in round_.jobs[number - round_.first]}
        reason = (
            f"The search let it go after epoch {cut.until}, when {len(cut.values)} points were in "
            f"the race, by {self.place.monitor.column}."
        )
        for files in self._groups(round_):
            for run in files.plan.runs:
                if run.job in jobs and files.status(run) is None:
                    prune(files, run, self.place.monitor, cut.until, reason)

    def _groups(self, round_: Round) -> list[GroupFiles]:
        folder = self.place.folder
        return [leaf for name in round_.groups for leaf in leaves(GroupFiles(folder, name))]


def prune(files: GroupFiles, run: PlannedRun, monitor: Monitor, epoch: int, reason: str) -> None:
    """Write the end of a run that a search lets go: its rows stay, its weights are not kept."""
    config = files.plan.configs[run.job]
    recorder = open_recorder(files, run, config, len(files.plan.runs))
    recorder.recover()
    examples = epoch * len(load_data(config).train)
    recorder.finish(Status.PRUNED, files.seconds, examples, reason)
