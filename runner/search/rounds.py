"""The search itself, top to bottom: ask for a round, train it from rung to rung, tell what came."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

from runner.build import load_data
from runner.columns import Status
from runner.crew.group_files import GroupFiles, PlannedRun, leaves
from runner.crew.sweep_file import SweepFile, read_sweep_file
from runner.crew.work import open_recorder
from runner.engine.monitor import Monitor
from runner.request.files import write_jobs
from runner.request.searching import SearchRequest
from runner.request.validate import repeated
from runner.search.outcome import Outcome, outcomes
from runner.search.pareto import front
from runner.search.place import Place
from runner.search.pruning import halved, rungs_of, worse_than_median
from runner.search.record import Cut, Round, read_rounds
from runner.search.study import Study
from runner.sweep.job import checked
from runner.sweep.launch import set_out

HOPELESS = 2  # rounds one after another of which every point diverged


class Search:
    """A search, from its first round or from wherever it was left.

    Args:
        request: What may be chosen, and how.
        place: Where it takes place.

    Attributes:
        rounds: Those that were begun.
        outcomes: What became of each point that was told.
        stopped: Why no further round was begun, before there were points enough.
    """

    def __init__(self, request: SearchRequest, place: Place) -> None:
        self.request, self.place = request, place
        self.settings = request.settings
        self.rounds = read_rounds(place.folder)
        self.outcomes: dict[int, Outcome] = {}
        self.stopped: str | None = None
        length = (self.rounds[-1].told or self.rounds[-1].journal) if self.rounds else 0
        journal = place.folder / "study.log"
        self.began = time.monotonic() - max((one.seconds for one in self.rounds), default=0.0)
        self.study = Study(journal, length, request, [goal.direction for goal in place.goals])
        self.rungs = rungs_of(self.settings, place.epochs)
        self.jobs = _jobs(place.folder, self.rounds)

    def run(self) -> None:
        """Carry out what was begun, then ask for rounds until there are points enough.

        Raises:
            KeyboardInterrupt: It was asked to end; what was begun can go on.
        """
        for round_ in self.rounds:
            self._carry_out(round_)
        while (left := self.settings.trials - len(self.outcomes)) > 0:
            self.stopped = self._why_no_more()
            if self.stopped:
                self.place.display.tell(self.stopped)
                return
            self.rounds.append(self._ask(min(left, self.settings.round_size)))
            self._carry_out(self.rounds[-1])

    @property
    def seconds(self) -> float:
        """How long the search has taken, before it was resumed too."""
        return time.monotonic() - self.began

    def _why_no_more(self) -> str | None:
        """Say why no further round is begun, where that is so."""
        budget = self.settings.budget
        if budget is not None and self.rounds and self.seconds >= budget * 60:
            return f"The budget of {budget:g} minutes is spent."
        recent = [n for one in self.rounds[-HOPELESS:] for n in one.trials]
        diverged = all(self.outcomes[n].status == Status.DIVERGED for n in recent)
        if len(self.rounds) >= HOPELESS and diverged:
            return f"Every point of {HOPELESS} rounds diverged: the search stops here."
        return None

    def _ask(self, number: int) -> Round:
        last = self.rounds[-1] if self.rounds else None
        began = time.monotonic()
        values = self.study.ask(len(self.rounds), number)
        asking = time.monotonic() - began
        sweep = read_sweep_file(self.place.folder) if last else None
        round_ = Round(
            number=len(self.rounds),
            first=last.trials.stop if last else 0,
            first_job=len(sweep.expect) if sweep else 0,
            first_group=len(sweep.seconds) if sweep else 0,
            points=values,
            journal=len(self.study.journal),
            asking=asking,
        )
        round_.write(self.place.folder)
        return round_

    def _carry_out(self, round_: Round) -> None:
        """Train a round from rung to rung and tell what became of it; what is done stays done."""
        if not round_.groups:
            self._set_out(round_)
        for until in [*self.rungs, None]:
            cut = round_.cut_at(until) if until else None
            if cut is None and round_.told is None:
                self._train(round_, until)
                cut = self._cut(round_, until) if until else None
            if cut is not None and round_.told is None:
                self._let_go(round_, cut)
        found = self._outcomes(round_)
        self.outcomes |= found
        if round_.told is None:
            self.study.tell(found)
            round_.told, round_.seconds = len(self.study.journal), self.seconds
            round_.write(self.place.folder)
            self._say_round(round_)

    def _set_out(self, round_: Round) -> None:
        """Write the plan of a round into the folder, after those of the rounds before it."""
        folder = self.place.folder
        points = [self.place.composer.point(self.request.overrides(v)) for v in round_.points]
        repeats = [repeated(self.place.composer, point) for point in points]
        jobs = count(round_.first_job)
        round_.jobs = [[next(jobs) for _ in own] for own in repeats]
        flat = list(chain.from_iterable(repeats))
        places = [folder / str(job) for job in chain.from_iterable(round_.jobs)]
        before = _before(folder, round_)
        names = set_out(
            *(folder, flat, checked(flat), places, self.place.launching),
            is_sweep=True,
            after=before,
        )
        self.jobs[round_.first_job :] = [list(point.overrides) for point in flat]
        write_jobs(folder, self.jobs)
        round_.groups = list(dict.fromkeys(names))
        round_.write(folder)

    def _train(self, round_: Round, until: int | None) -> None:
        groups = [files for files in self._groups(round_) if not files.is_done]
        for files in groups:
            files.climb(until)
        self.place.display.expect(
            sum(len(files.unfinished()) for files in groups),
            f"round {round_.number + 1}, to epoch {until or self.place.epochs}: ",
        )
        self.place.trainers.train([files.name for files in groups])

    def _cut(self, round_: Round, until: int) -> Cut:
        """Decide who of a round goes on: by the means over repeats, over the whole round."""
        found = {n: o for n, o in self._outcomes(round_).items() if n not in round_.pruned}
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

    def _say_round(self, round_: Round) -> None:
        """Tell in a line how many points of a round came how far, and the best so far."""
        told = [f"Round {round_.number + 1}: {len(round_.points)} points"]
        for cut in round_.cuts:
            stay = [n for n, value in cut.values.items() if value is not None]
            told.append(f"{len({*stay} - {*cut.pruned})} past epoch {cut.until}")
        if best := self.best():
            told.append(self._best_in_words(best))
        self.place.display.tell("; ".join(told))

    def _best_in_words(self, best: Sequence[int]) -> str:
        if len(self.place.goals) > 1:
            return f"on the Pareto front so far: {len(best)}"
        reached = self.outcomes[best[0]].value
        point = " ".join(f"{key}={value}" for key, value in self.values(best[0]).items())
        return f"best so far {self.place.monitor.column} {reached:.4g}: {point}"

    def best(self, number: int | None = None) -> list[int]:
        """Return the best points that were trained to the end, the best first, each once.

        Where there are several goals these are the points of the Pareto front. A point that was
        asked for twice is the same to the bit, and its first number stands for it.

        Args:
            number: How many at most; None for all that are best.
        """
        ended = {
            n: one.values
            for n, one in self.outcomes.items()
            if one.status == Status.OK and one.values is not None
        }
        sign = 1 if self.place.monitor.direction == "lower" else -1
        ranked = sorted(ended, key=lambda n: (sign * ended[n][0], n))
        if len(self.place.goals) > 1:
            ranked = front(ended, self.place.goals)
        points = {n: p for one in self.rounds for n, p in zip(one.trials, one.points, strict=True)}
        first: dict[frozenset[tuple[str, str]], int] = {}
        for n in ranked:
            first.setdefault(frozenset(points[n].items()), n)
        return list(first.values())[:number]

    def values(self, number: int) -> dict[str, str]:
        """Return the values of a point, as they are typed, by key."""
        round_ = next(one for one in self.rounds if number in one.trials)
        return round_.points[number - round_.first]

    def _groups(self, round_: Round) -> list[GroupFiles]:
        folder = self.place.folder
        return [leaf for name in round_.groups for leaf in leaves(GroupFiles(folder, name))]

    def _outcomes(self, round_: Round) -> dict[int, Outcome]:
        jobs = dict(zip(round_.trials, round_.jobs, strict=True))
        return outcomes(self._groups(round_), jobs, self.place.goals)


def _jobs(folder: Path, rounds: Sequence[Round]) -> list[list[str]]:
    """Return the overrides of the runs that were set out, by job."""
    names = chain.from_iterable(round_.groups for round_ in rounds)
    runs = chain.from_iterable(GroupFiles(folder, name).plan.runs for name in names)
    return [run.overrides for run in sorted(runs, key=lambda run: run.job)]


def _before(folder: Path, round_: Round) -> SweepFile | None:
    """Return what the rounds before one have set out."""
    if not round_.first_job:
        return None
    sweep = read_sweep_file(folder)
    return replace(
        sweep,
        expect=sweep.expect[: round_.first_job],
        seconds=sweep.seconds[: round_.first_group],
    )


def prune(files: GroupFiles, run: PlannedRun, monitor: Monitor, epoch: int, reason: str) -> None:
    """Write the end of a run that a search lets go: its rows stay, its weights are not kept."""
    config = files.plan.configs[run.job]
    recorder = open_recorder(files, run, config, len(files.plan.runs))
    recorder.recover()
    examples = epoch * len(load_data(config).train)
    recorder.finish(Status.PRUNED, files.seconds, examples, reason)
