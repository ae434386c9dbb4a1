"""The search itself, top to bottom: ask for a round, train it from rung to rung, tell what came."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, count
from math import ceil
from pathlib import Path

from runner.columns import FAILURES, Status
from runner.crew.group_files import GroupFiles
from runner.crew.sweep_file import SweepFile, read_sweep_file
from runner.request.files import write_jobs
from runner.request.searching import SearchRequest
from runner.request.validate import repeated
from runner.search.outcome import Outcome
from runner.search.pareto import front
from runner.search.place import Place
from runner.search.race import Race
from runner.search.record import Round, read_rounds
from runner.search.study import Study
from runner.sweep.job import checked
from runner.sweep.launch import set_out

HOPELESS, ENOUGH = 2, 6  # rounds one after another, and points, of which none came to anything
LOST = (Status.DIVERGED, *FAILURES)


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
        self.race = Race(self.settings, place, self.rounds)
        journal, length = place.folder / "study.log", max(map(_entries, self.rounds), default=0)
        self.began = time.monotonic() - max((one.seconds for one in self.rounds), default=0.0)
        self.study = Study(journal, length, request, [goal.direction for goal in place.goals])
        self.jobs = _jobs(place.folder, self.rounds)

    def run(self) -> None:
        """Carry out what was begun, then ask for rounds until there are points enough.

        The last stretch of a round, from its last rung to the end, is trained beside the rungs of
        the next one, so that no worker waits for the one run that is left. What comes of it is
        known, wherever and however soon it is trained, when the round after that is asked for; the
        next one is asked for by what was seen of it at its last rung.

        Raises:
            KeyboardInterrupt: It was asked to end; what was begun can go on.
        """
        before: Round | None = None
        for round_ in self._rounds():
            if not round_.groups:
                self._set_out(round_)
            if round_.let_go is None:
                self.race.to_last_rung(round_)
            if before:
                self._end(before)
            self._tell_who_is_out(round_)
            before = round_
        if before:
            self._end(before)

    def _rounds(self) -> Iterator[Round]:
        """Yield the rounds that were begun, then new ones until there are points enough."""
        yield from list(self.rounds)
        while (left := self.settings.trials - self._asked) > 0:
            self.stopped = self._why_no_more()
            if self.stopped:
                self.place.display.tell(self.stopped)
                return
            self.rounds.append(self._ask(min(left, self.settings.round_size)))
            yield self.rounds[-1]

    @property
    def _asked(self) -> int:
        """How many points were asked for."""
        return self.rounds[-1].trials.stop if self.rounds else 0

    @property
    def seconds(self) -> float:
        """How long the search has taken, before it was resumed too."""
        return time.monotonic() - self.began

    def _why_no_more(self) -> str | None:
        """Say why no further round is begun, where that is so."""
        budget = self.settings.budget
        if budget is not None and self.rounds and self.seconds >= budget * 60:
            return f"The budget of {budget:g} minutes is spent."
        last = self.rounds[-max(HOPELESS, ceil(ENOUGH / self.settings.round_size)) :]
        recent = [number for one in last for number in one.trials]
        ended = {self.outcomes[n].status if n in self.outcomes else None for n in recent}
        if len(last) >= HOPELESS and len(recent) >= ENOUGH and ended <= {*LOST}:
            how = "diverged or failed" if ended & {*FAILURES} else "diverged"
            return f"Every point of {len(last)} rounds {how}: the search stops here."
        return None

    def _ask(self, number: int) -> Round:
        last = self.rounds[-1] if self.rounds else None
        began = time.monotonic()
        going = last.going if last and last.told is None else {}
        values = self.study.ask(len(self.rounds), number, going)
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

    def _tell_who_is_out(self, round_: Round) -> None:
        """Tell what became of those that are out of the race; the rest train on."""
        found = self.race.outcomes(round_)
        gone = {number: found[number] for number in round_.out}
        self.outcomes |= gone
        if round_.let_go is None:
            self.study.tell(gone)
            round_.let_go = len(self.study.journal)
            round_.write(self.place.folder)
        if round_.told is None:
            self.race.begin_last_stretch(round_)
        if not self.race.rungs:  # all of it is the last stretch, and the next round is to know it
            self._end(round_)

    def _end(self, round_: Round) -> None:
        """Wait for the last stretch of a round, and tell what became of it."""
        if round_.told is None:
            self.race.end(round_)
        found = self.race.outcomes(round_)
        self.outcomes |= found
        if round_.told is None:
            self.study.tell({n: one for n, one in found.items() if n not in round_.out})
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


def _jobs(folder: Path, rounds: Sequence[Round]) -> list[list[str]]:
    """Return the overrides of the runs that were set out, by job."""
    names = chain.from_iterable(round_.groups for round_ in rounds)
    runs = chain.from_iterable(GroupFiles(folder, name).plan.runs for name in names)
    return [run.overrides for run in sorted(runs, key=lambda run: run.job)]


def _entries(round_: Round) -> int:
    """Return how many entries the journal had after what was last written of a round."""
    return round_.told or round_.let_go or round_.journal


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
