"""Optuna behind ask and tell: which points come next, by those that were tried."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler
from optuna.storages import JournalStorage
from optuna.trial import FrozenTrial, TrialState

from runner.columns import Direction, Status
from runner.request.dimensions import Dimension
from runner.request.searching import SearchRequest
from runner.search.journal import Journal
from runner.search.outcome import Outcome
from runner.search.space import Value, chosen

NAME = "runner"
WORST = 1e9  # told of a point that diverged: beyond any loss worth a thought


class Study:
    """Asks for points and is told what became of them.

    Args:
        path: Its journal.
        length: How many entries of it count; 0 for a new study.
        request: What may be asked for, and how.
        directions: Which way each goal is better.
    """

    def __init__(
        self, path: Path, length: int, request: SearchRequest, directions: Sequence[Direction]
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.journal, self.request = Journal(path, length), request
        self.worst = WORST if directions[0] == "lower" else -WORST
        self.has_one_goal = len(directions) == 1
        self.study = optuna.create_study(
            storage=JournalStorage(self.journal),
            study_name=NAME,
            directions=["minimize" if one == "lower" else "maximize" for one in directions],
            load_if_exists=True,
        )

    def begin_with(self, points: Sequence[Mapping[str, Value]]) -> None:
        """Queue points to be asked for first; what one leaves open is chosen as ever."""
        for point in points:
            self.study.enqueue_trial(dict(point))

    def ask(
        self, round_: int, number: int, going: Mapping[int, tuple[int, float]]
    ) -> list[dict[str, str]]:
        """Return the points of a round: of each its values by key, as they are typed.

        The numbers of the points in the study follow on those that were asked for before. A round
        has a seed of its own, so that the same journal is asked for the same points again.

        Args:
            round_: The round's number, from 0.
            number: How many points.
            going: The points that are trained on meanwhile, with the epoch and value they were last
                seen at.
        """
        settings = self.request.settings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            learns = settings.sampler == "tpe" and not self._is_queued()
            study = self._as_if_let_go(going) if going and learns else self.study
            dimensions = self.request.dimensions
            study.sampler = sampler(settings.sampler, settings.seed, round_, dimensions)
            points = [self._ask(study) for _ in range(number)]
        self.journal.write()
        return points

    def _ask(self, study: optuna.Study) -> dict[str, str]:
        trial = study.ask()
        values = self._values(trial)
        if study is not self.study:  # asked for again where it is kept
            self.study.enqueue_trial(trial.params)
            self._values(self.study.ask())
        return values

    def _is_queued(self) -> bool:
        """Whether points to begin with are left, which need no sampler."""
        waiting = (TrialState.WAITING,)
        return bool(self.study.get_trials(deepcopy=False, states=waiting))

    def _as_if_let_go(self, going: Mapping[int, tuple[int, float]]) -> optuna.Study:
        """Return a passing copy in which points that train on ended where they were last seen.

        A sampler leaves out what is running: it would know nothing of the best of the last round.
        """
        trials = list(self.study.get_trials(deepcopy=False))
        copy = optuna.create_study(direction=self.study.direction)
        for number, (epoch, value) in going.items():
            seen = trials[number]
            trials[number] = optuna.trial.create_trial(
                state=TrialState.PRUNED,
                params=seen.params,
                distributions=seen.distributions,
                intermediate_values={epoch: value},
            )
        copy.add_trials(trials)
        return copy

    def tell(self, outcomes: Mapping[int, Outcome]) -> None:
        """Say what became of points, by their numbers in the study."""
        trials = self.study.get_trials(deepcopy=False)
        for number, outcome in sorted(outcomes.items()):
            trial = optuna.Trial(self.study, trials[number]._trial_id)
            if outcome.status == Status.OK:
                self.study.tell(trial, outcome.values)
            elif outcome.status in (Status.PRUNED, Status.DIVERGED) and self.has_one_goal:
                # Told as failed, points that diverge would teach nothing, and more would follow. Of
                # those pruned a sampler takes the later for the better: hence the epoch 0.
                value = outcome.value
                trial.report(*((self.worst, 0) if value is None else (value, outcome.epoch)))
                self.study.tell(trial, state=TrialState.PRUNED)
            else:
                self.study.tell(trial, state=TrialState.FAIL)
        self.journal.write()

    def _values(self, trial: optuna.Trial) -> dict[str, str]:
        values: dict[str, Value] = {}
        for dimension in self.request.dimensions:
            if self.request.has(dimension.key, chosen(self.request, values)):
                values[dimension.key] = suggested(trial, dimension)
        return chosen(self.request, values)


def suggested(trial: optuna.Trial, of: Dimension) -> Value:
    """Let a trial choose a value."""
    if of.values:
        return trial.suggest_categorical(of.key, of.values)
    if of.whole:
        ends = (int(of.low), int(of.high))
        return trial.suggest_int(of.key, *ends, step=int(of.step or 1), log=of.log)
    return trial.suggest_float(of.key, of.low, of.high, step=of.step, log=of.log)


class Sobol(optuna.samplers.QMCSampler):
    """One sequence over the whole space, from the first point on.

    Optuna's own takes the first point for the space, and so draws it, and what it lacks, at random.

    Args:
        seed: Of the search.
        dimensions: The space.
    """

    def __init__(self, seed: int, dimensions: Sequence[Dimension]) -> None:
        super().__init__(scramble=True, seed=seed)
        self.space = {of.key: distribution(of) for of in dimensions}

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return the whole space."""
        return self.space


def distribution(of: Dimension) -> BaseDistribution:
    """Return the values of a key as Optuna has them."""
    if of.values:
        return CategoricalDistribution(of.values)
    if of.whole:
        return IntDistribution(int(of.low), int(of.high), of.log, int(of.step or 1))
    return FloatDistribution(of.low, of.high, of.log, of.step)


def sampler(name: str, seed: int, round_: int, dimensions: Sequence[Dimension]) -> BaseSampler:
    """Return what chooses the points of a round.

    Args:
        name: ``tpe``, ``random``, ``sobol``, ``cmaes`` or ``gp``.
        seed: Of the search.
        round_: The round's number, from 0.
        dimensions: What is searched.
    """
    own = seed * 1_000_003 + round_
    samplers = optuna.samplers
    if name == "sobol":  # one sequence through all rounds
        return Sobol(seed, dimensions)
    made: dict[str, Callable[..., BaseSampler]] = {
        "tpe": samplers.TPESampler,
        "random": samplers.RandomSampler,
        "cmaes": samplers.CmaEsSampler,
        "gp": samplers.GPSampler,
    }
    return made[name](seed=own % 2**32)
