"""From a request's overrides to its points: each a list of overrides and the config they give."""

import copy
import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType, ValueType
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict

from runner.environment import guard_environment
from runner.errors import RequestError, first_line
from runner.hydra_compat import choice_alone, default_choices
from runner.request.counts import check_number_of_points
from runner.request.plain import plain_of, resolved, value_at, with_value

CONFIG_NAME = "config"
MISSING = object()
NUMBER = re.compile(
    r"([a-z_]+(?:\.[a-z_]+)*)=(-?(?:0|[1-9]\d{0,15})(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?)", re.ASCII
)
# Text that the grammar of overrides reads as itself.
PLAIN = re.compile(r"[A-Za-z][\w./*?-]*", re.ASCII)


@dataclass(frozen=True)
class RequestedRun:
    """One run of a request.

    Attributes:
        overrides: What a user would type to get this run alone.
        plain: The composed config as plain values, without Hydra's own part, interpolations kept.
            Points share what they have in common: nothing in it is to be changed.
        defaults: The config of the same components with nothing else asked for, as plain values;
            under ``name``, the component that is taken where none is chosen.
    """

    overrides: tuple[str, ...]
    plain: Mapping[str, Any]
    defaults: Mapping[str, object] = field(default_factory=dict, compare=False)

    @property
    def config(self) -> DictConfig:
        """The same, with interpolations that lead somewhere: made anew, as it is large."""
        return OmegaConf.create(dict(self.plain))

    @property
    def resolved(self) -> dict[str, object]:
        """The config as plain values.

        Raises:
            RequestError: An interpolation in it leads nowhere.
        """
        return resolved(self.plain)

    def value(self, key: str) -> Any:
        """Return what one key has, by its dotted name.

        Raises:
            omegaconf.errors.OmegaConfBaseException: An interpolation leads nowhere.
        """
        return value_at(self.plain, key)


def parse(overrides: Sequence[str], loader: ConfigLoader | None = None) -> list[Override]:
    """Parse overrides by Hydra's own grammar.

    Args:
        overrides: What was typed.
        loader: Knows the choices that a ``glob()`` matches.

    Raises:
        hydra.errors.OverrideParseException: One of them does not parse.
    """
    return [_number(one, loader) or _parse_one(one, loader) for one in overrides]


def swept_by_study(params: Mapping[str, object] | None) -> list[str]:
    """Return the overrides that a study's swept values stand for; a list means choices.

    Raises:
        RequestError: A list is empty.
    """
    for key, value in (params or {}).items():
        if value == []:
            raise RequestError(f"{key} sweeps over no value at all.")
    plain: Any = OmegaConf.to_container(params) if isinstance(params, DictConfig) else params
    return [f"{key}={_choices(value)}" for key, value in (plain or {}).items()]


def expand(overrides: Iterable[Override]) -> list[tuple[str, ...]]:
    """Return the overrides of every point: each combination of the swept values, in order.

    Later overrides of a key replace earlier ones, so that the command line wins over a study.

    Raises:
        RequestError: A sweep holds no value, too many, or such as can't be listed.
    """
    columns = {override.get_key_element(): override for override in overrides}
    check_number_of_points(columns.values())
    return list(itertools.product(*map(_values, columns.values())))


def _number(override: str, loader: ConfigLoader | None) -> Override | None:
    """Read ``key=number``, of which a sweep may have thousands: the grammar takes a millisecond."""
    if not (found := NUMBER.fullmatch(override)):
        return None
    key, text, whole = found[1], found[2], found[2].lstrip("-").isdecimal()
    value = int(text) if whole else float(text)
    element = ValueType.ELEMENT
    return Override(OverrideType.CHANGE, key, element, value, None, override, loader)


@cache
def _parse_one(override: str, loader: ConfigLoader | None) -> Override:
    try:
        return OverridesParser.create(loader).parse_overrides([override])[0]
    except ValueError as error:  # a number of thousands of digits
        key = override.partition("=")[0]
        raise RequestError(f"{key} can't be read: {first_line(error)}.") from error


class Composer:
    """Composes the configs of points: a choice of groups once, then values in their places.

    Hydra's own composition takes 40 ms a point. The results are equal.

    Args:
        loader: Hydra's config loader.
        hydra_overrides: Overrides of Hydra's own keys, the same for every point.
    """

    def __init__(self, loader: ConfigLoader, hydra_overrides: Sequence[str] = ()) -> None:
        guard_environment()
        self.loader = loader
        self.hydra_overrides = list(hydra_overrides)
        self._bases: dict[tuple[str, ...], DictConfig] = {}
        self._tasks: dict[tuple[str, ...], Mapping[str, Any]] = {}
        self._groups: dict[str, bool] = {}
        self._defaults: dict[tuple[str, ...], Mapping[str, object]] = {}

    def point(self, overrides: Sequence[str]) -> RequestedRun:
        """Compose one point, its overrides applied in order.

        Raises:
            RequestError: A value has keys where a list is due, or the reverse.
        """
        parsed = parse(overrides)
        groups = tuple(o.input_line or "" for o in parsed if self.is_group(o))
        plain = self._task_base(groups)
        for override in parsed:
            if not self.is_group(override):
                plain = with_value(plain, override)
        return RequestedRun(tuple(overrides), plain, self._default(groups))

    def base(self, groups: tuple[str, ...]) -> DictConfig:
        """Compose a choice of groups whole, with Hydra's own part."""
        if groups not in self._bases:
            self._bases[groups] = self.loader.load_configuration(
                CONFIG_NAME, [*self.hydra_overrides, *groups], RunMode.RUN
            )
        return self._bases[groups]

    def choice_has(self, group: str, option: str, key: str) -> bool:
        """Whether a choice of a group has a key, which is named as it is in the group."""
        alone = choice_alone(self.loader, group, option)
        node = self.base((f"{group}={option}",)).get(group) if alone is None else alone
        return OmegaConf.select(node, key, default=MISSING) is not MISSING

    def is_group(self, override: Override) -> bool:
        """Whether an override chooses from a config group."""
        return self.is_group_name(override.key_or_group)

    def is_group_name(self, key: str) -> bool:
        """Whether a key is the name of a config group."""
        if key not in self._groups:
            try:
                self._groups[key] = bool(self.loader.get_group_options(key))
            except OSError:  # no name of a folder may be that long
                self._groups[key] = False
        return self._groups[key]

    def _default(self, groups: tuple[str, ...]) -> Mapping[str, object]:
        """Return what a choice of groups would be without a study: ``RequestedRun.defaults``."""
        if groups not in self._defaults:
            choices = self.base(groups).hydra.runtime.choices
            chosen = {g: c for g, c in choices.items() if "/" not in g and type(c) is str}
            by_study = chosen.pop("experiment", None) is not None
            own = tuple(f"{group}={choice}" for group, choice in chosen.items())
            # Without the study a key of the sweeper that it chooses is none.
            task = Composer(self.loader)._task_base(own) if by_study else self._task_base(groups)
            plain = resolved(task)
            self._defaults[groups] = _with_names(plain, default_choices(self.loader, CONFIG_NAME))
        return self._defaults[groups]

    def _task_base(self, groups: tuple[str, ...]) -> Mapping[str, Any]:
        if groups not in self._tasks:
            task = copy.copy(self.base(groups))
            with open_dict(task):
                del task["hydra"]
            self._tasks[groups] = plain_of(task)
        return self._tasks[groups]


def _with_names(config: dict[str, object], names: Mapping[str, object]) -> dict[str, object]:
    """Return a config whose components go by other names."""
    return {
        key: node | {"name": names[key]} if key in names and isinstance(node, dict) else node
        for key, node in config.items()
    }


def _values(override: Override) -> tuple[str, ...]:
    key = override.get_key_element()
    if not override.is_sweep_override():
        return (_line(key, override.get_value_element_as_str()),)
    if not override.is_discrete_sweep():
        raise RequestError(
            f"{override.input_line} lists no values. Allowed: a,b,c, choice(), range(), glob(); to "
            "search an interval, add hydra/sweeper=search."
        )
    values = tuple(_line(key, value) for value in override.sweep_string_iterator())
    if not values:
        raise RequestError(f"{override.input_line} sweeps over no value at all.")
    if len(set(values)) < len(values):
        raise RequestError(f"{override.input_line} names a value twice; repeats=N runs N seeds.")
    return values


def _line(key: str, value: str) -> str:
    """An override as it is typed; Hydra writes ``True`` for what was ``true``."""
    return f"{key}={value.lower() if value in ('True', 'False') else value}"


def _choices(value: object) -> str:
    """Write a list as choices; text that stands alone is in the grammar already (``range()``)."""
    if isinstance(value, list):
        return ",".join(map(written, value))
    return value if isinstance(value, str) else written(value)


def written(value: object) -> str:
    """Write a YAML value in the grammar of overrides; text that it would misread is quoted."""
    if isinstance(value, list):
        return f"[{','.join(map(written, value))}]"
    if not isinstance(value, str):
        return repr(value) if isinstance(value, float) else json.dumps(value)
    plain = PLAIN.fullmatch(value) and value.lower() not in ("true", "false", "null", "nan", "inf")
    return value if plain else json.dumps(value, ensure_ascii=False)
