"""What a search is asked for: its settings, and the values that it may choose."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import Annotated, Any, Generic, Literal

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf
from pydantic import BaseModel, ConfigDict, Field

from runner.columns import MONITOR, REPLICATES
from runner.config_keys import role_of
from runner.errors import RequestError
from runner.folder_lock import HIDDEN
from runner.request.counts import check_number_of_points
from runner.request.dimensions import Dimension as Dimension
from runner.request.dimensions import dimension
from runner.request.keys import Missing, check_keys
from runner.request.points import Composer, RequestedRun, parse, swept_by_study
from runner.request.settings import settings_of
from runner.request.sweeper_keys import NODE as NODE
from runner.request.sweeper_keys import Choosing, Least1, S

REQUEST = f"{HIDDEN}/search/request.json"
"""Where the folder of a search says what was asked for."""
AT_LEAST = 6  # rounds: a sampler learns from what it was told before
FIXED = (
    *("repeats", "repeats_of", "epochs", "patience", "expect", "monitor"),
    *("dataset", "experiment", *REPLICATES),
)
"""What a search does not choose: how long and how often it trains, on what, and what it goes by."""
OF_INPUTS = tuple(
    f"dataset.{name}" for name in ("augment", "channels", "normalize", "resize", "size")
)
"""The keys of data that leave the validated examples, and what is right for each, as they are."""


class Confirm(BaseModel):
    """How the best points are trained again.

    Attributes:
        points: How many points; 0 for none.
        seeds: On how many seeds that the search has not seen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: Annotated[int, Field(ge=0)]
    seeds: Least1


class Settings(Choosing):
    """The keys of ``hydra/sweeper=search``.

    Attributes:
        sampler: What asks for points.
        trials: How many points are tried in all.
        round: How many are asked for at a time; ``"auto"`` for a sixth of the trials,
            and no fewer than ``eta`` where some are let go.
        prune: How the worst of a round are let go.
        eta: One in so many stays at each rung.
        min_epochs: The first rung is not before.
        goals: Several metrics of which none may be had at the cost of another; none for one metric.
        budget: Minutes after which no further round is begun; None for no limit.
        start: Points to try first, each key to value, or the defaults.
        confirm: How the best points are trained again.
    """

    needs = (
        "A search needs a key to choose values for, such as 'optim.lr=tag(log,interval(1e-3,1))' "
        "or optim=sgd,adam."
    )

    sampler: Literal["tpe", "random", "sobol", "cmaes", "gp"]
    trials: Least1
    round: Literal["auto"] | Least1
    prune: Literal["halving", "median", "none"]
    eta: Annotated[int, Field(ge=2)]
    min_epochs: Least1
    goals: list[str]
    budget: Annotated[float, Field(gt=0)] | None
    start: Literal["defaults"] | list[dict[str, Any]]
    confirm: Confirm

    @property
    def columns(self) -> list[str]:
        """What decides; nothing for the run's ``monitor``."""
        return self.goals or super().columns

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return len(self.sizes)

    @property
    def round_size(self) -> int:
        """How many points are asked for at a time: enough that some can be let go."""
        least = 1 if self.prune == "none" else self.eta
        return max(least, self.trials // AT_LEAST) if self.round == "auto" else self.round

    @property
    def sizes(self) -> list[int]:
        """How many points each round has."""
        whole, rest = divmod(self.trials, self.round_size)
        return [self.round_size] * whole + [rest] * (rest > 0)


@dataclass(frozen=True)
class Space(Generic[S]):
    """What was asked for, and which values may be chosen.

    Attributes:
        settings: How it is to go.
        fixed: The overrides that every point has.
        fixed_groups: Those of them that choose from groups.
        dimensions: What it may choose; groups first, for other keys depend on them.
        groups: How many of the dimensions choose from groups.
        missing: Keys that not every choice of groups has, with the choices that have none.
    """

    settings: S
    fixed: tuple[str, ...]
    fixed_groups: tuple[str, ...]
    dimensions: tuple[Dimension, ...]
    groups: int
    missing: Missing

    def has(self, key: str, values: Mapping[str, str]) -> bool:
        """Whether the components of a point have a key, by the groups that were chosen."""
        without = self.missing.get(key)
        if not without:
            return True
        chosen = (f"{d.key}={values[d.key]}" for d in self.dimensions[: self.groups])
        return (*self.fixed_groups, *chosen) not in without

    def overrides(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Return the overrides of a point, as they are typed, without keys that it lacks."""
        fixed = [o for o in self.fixed if self.has(o.partition("=")[0], values)]
        return (*fixed, *(f"{k}={v}" for k, v in values.items() if self.has(k, values)))

    def samples(self) -> list[dict[str, str]]:
        """Return points that cover every choice of groups and every value of the other keys."""
        rest = self.dimensions[self.groups :]
        return [
            chosen | {d.key: d.sample(number) for d in rest}
            for chosen in self._choices()
            for number in range(max(map(len, rest), default=1))
        ]

    @property
    def number(self) -> float:
        """How many different points there are; infinitely many where there is an interval."""
        rest = self.dimensions[self.groups :]
        return sum(
            prod(d.number for d in rest if self.has(d.key, chosen)) for chosen in self._choices()
        )

    def _choices(self) -> Iterator[dict[str, str]]:
        """Yield every choice of groups."""
        own = [[(d.key, value) for value in d.values] for d in self.dimensions[: self.groups]]
        yield from map(dict, product(*own))


@dataclass(frozen=True)
class SearchRequest(Space[Settings]):
    """A search that was asked for."""

    settings: Settings


def is_search(folder: Path) -> bool:
    """Whether a folder is that of a search."""
    return (folder / REQUEST).is_file()


def search_request(
    composer: Composer, lines: Sequence[str], sweeper: DictConfig
) -> tuple[SearchRequest, list[RequestedRun]]:
    """Read a search that was asked for.

    Args:
        composer: Composes points.
        lines: The request's own overrides, those that are searched over among them.
        sweeper: Its part of Hydra's config.

    Returns:
        The search, and points that show whether any that it may ask for is wrong.

    Raises:
        RequestError: A setting, a key or a range is wrong.
    """
    found = SearchRequest(**vars(space(composer, lines, sweeper, Settings)))
    _check_goals(found.settings)
    return found, sample_points(composer, found)


def space(composer: Composer, lines: Sequence[str], sweeper: DictConfig, kind: type[S]) -> Space[S]:
    """Read what may be chosen, and how.

    Args:
        composer: Composes points.
        lines: The request's own overrides, those that are searched over among them.
        sweeper: Its part of Hydra's config.
        kind: The settings that it has.

    Raises:
        RequestError: A setting, a key or a range is wrong.
    """
    node: Any = OmegaConf.to_container(sweeper, resolve=True)
    settings = settings_of(kind, node, NODE)
    asked_for = parse([*swept_by_study(node["params"]), *lines], composer.loader)
    asked = {o.get_key_element(): o for o in asked_for}
    searched = [o for o in asked.values() if o.is_sweep_override()]
    if not searched:
        raise RequestError(kind.needs)
    _check_searched(searched)
    _check_columns(settings)
    groups = [o for o in searched if composer.is_group(o)]
    dimensions = tuple(map(dimension, [*groups, *(o for o in searched if o not in groups)]))
    rest = [o for o in asked.values() if o not in searched]
    fixed = [f"{o.get_key_element()}={o.get_value_element_as_str()}" for o in rest]
    if settings.monitor is not None:
        fixed.append(f"monitor={settings.monitor}")
    samples = parse([f"{d.key}={d.sample(0)}" for d in dimensions[len(groups) :]])
    return Space(
        settings=settings,
        fixed=tuple(fixed),
        fixed_groups=tuple(
            line for line, o in zip(fixed, rest, strict=False) if composer.is_group(o)
        ),
        dimensions=dimensions,
        groups=len(groups),
        missing=check_keys(composer, [*parse(fixed), *groups, *samples], skip_missing=True),
    )


def sample_points(composer: Composer, asked: Space[Any]) -> list[RequestedRun]:
    """Return points that have every choice of every key, and both ends of every interval."""
    return [composer.point(asked.overrides(values)) for values in asked.samples()]


def _check_goals(settings: Settings) -> None:
    goals = settings.goals
    if not goals:
        return
    if settings.metric is not None or len(set(goals)) < 2 or len(set(goals)) < len(goals):
        raise RequestError(
            f"{NODE}.goals takes two metrics or more, such as [val/loss,val/accuracy], and "
            f"{NODE}.metric none beside them."
        )
    if settings.prune != "none":
        raise RequestError(
            f"With several goals nobody can say who is behind: add {NODE}.prune=none."
        )
    if settings.sampler == "cmaes":
        raise RequestError(
            f"{NODE}.sampler=cmaes knows one goal alone: several take tpe, random, sobol or gp."
        )


def _check_columns(settings: Choosing) -> None:
    """Refuse what a run's ``monitor`` would be refused for, under the name that was typed."""
    if any(column.partition("/")[0] != "val" for column in settings.columns):
        typed = f"metric={settings.metric}" if settings.metric else "goals"
        raise RequestError(
            f"{NODE}.{typed} is not allowed: it chooses, so it must be a metric of the validation "
            f"split, such as {MONITOR}."
        )


def _check_searched(searched: Sequence[Override]) -> None:
    faults = []
    for override in searched:
        check_number_of_points([override])
        key = override.key_or_group
        if key in FIXED:
            faults.append(f"{key} can't be searched over: it says how each point is to be tried.")
        elif not role_of(key).is_setting:
            faults.append(f"{key} can't be searched over: it changes no result.")
        elif key.startswith("dataset.") and key not in OF_INPUTS:
            faults.append(
                f"{key} can't be searched over: points must be validated on the same. Of the data "
                f"only its inputs' keys can: {', '.join(OF_INPUTS)}."
            )
    if faults:
        raise RequestError(*faults)
