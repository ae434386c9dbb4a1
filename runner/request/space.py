"""What may be chosen, and how: what a search and a population have in common as requests."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, ClassVar, Generic, TypeVar

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from runner.columns import REPLICATES
from runner.config_keys import role_of
from runner.errors import RequestError
from runner.request.counts import check_number_of_points
from runner.request.dimensions import Dimension, dimension
from runner.request.keys import Missing, check_keys
from runner.request.points import Composer, RequestedRun, parse, swept_by_study
from runner.request.settings import settings_of
from runner.request.sweeper_keys import NODE, Choosing, S

FIXED = (
    *("repeats", "repeats_of", "epochs", "patience", "expect", "monitor"),
    *("dataset", "experiment", *REPLICATES),
)
"""What a search does not choose: how long and how often it trains, on what, and what it goes by."""
OF_INPUTS = tuple(
    f"dataset.{name}" for name in ("augment", "channels", "normalize", "resize", "size")
)
"""The keys of data that leave the validated examples, and what is right for each, as they are."""


@dataclass(frozen=True)
class Space(Generic[S]):
    """What was asked for, and which values may be chosen.

    Attributes:
        settings_kind: The keys of its sweeper.
        settings: How it is to go.
        fixed: The overrides that every point has.
        fixed_groups: Those of them that choose from groups.
        dimensions: What it may choose; groups first, for other keys depend on them.
        groups: How many of the dimensions choose from groups.
        missing: Keys that not every choice of groups has, with the choices that have none.
    """

    settings_kind: ClassVar[type[Choosing]]

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


R = TypeVar("R", bound=Space[Any])


def requested(
    composer: Composer, lines: Sequence[str], sweeper: DictConfig, kind: type[R]
) -> tuple[R, list[RequestedRun]]:
    """Read what was asked for.

    Args:
        composer: Composes points.
        lines: The request's own overrides, those that are searched over among them.
        sweeper: Its part of Hydra's config.
        kind: What is asked for: a search, a population.

    Returns:
        It, and points that have every choice of every key, and both ends of every interval: they
        show whether any point that it may come to is wrong.

    Raises:
        RequestError: A setting, a key or a range is wrong.
    """
    found = _space(composer, lines, sweeper, kind)
    return found, [composer.point(found.overrides(values)) for values in found.samples()]


def _space(composer: Composer, lines: Sequence[str], sweeper: DictConfig, kind: type[R]) -> R:
    node: Any = OmegaConf.to_container(sweeper, resolve=True)
    settings = settings_of(kind.settings_kind, node, NODE)
    asked_for = parse([*swept_by_study(node["params"]), *lines], composer.loader)
    asked = {o.get_key_element(): o for o in asked_for}
    searched = [o for o in asked.values() if o.is_sweep_override()]
    if not searched:
        raise RequestError(settings.needs)
    _check_searched(searched)
    settings.check()
    groups = [o for o in searched if composer.is_group(o)]
    dimensions = tuple(map(dimension, [*groups, *(o for o in searched if o not in groups)]))
    rest = [o for o in asked.values() if o not in searched]
    fixed = [f"{o.get_key_element()}={o.get_value_element_as_str()}" for o in rest]
    if settings.monitor is not None:
        fixed.append(f"monitor={settings.monitor}")
    samples = parse([f"{d.key}={d.sample(0)}" for d in dimensions[len(groups) :]])
    return kind(
        settings=settings,
        fixed=tuple(fixed),
        fixed_groups=tuple(
            line for line, o in zip(fixed, rest, strict=False) if composer.is_group(o)
        ),
        dimensions=dimensions,
        groups=len(groups),
        missing=check_keys(composer, [*parse(fixed), *groups, *samples], skip_missing=True),
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
