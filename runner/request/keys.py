"""Keys that were asked for and do not exist: which points have none, or which names are near."""

from collections.abc import Sequence

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from runner.errors import RequestError, unknown
from runner.registry import MULTI_CHOICE_GROUPS, SINGLE_CHOICE_GROUPS
from runner.request.points import MISSING, Composer, expand

SHOWN = 5  # points that are named in a sentence
SKIP = "hydra.sweeper.skip_missing"

Missing = dict[str, list[tuple[str, ...]]]


def check_keys(composer: Composer, overrides: Sequence[Override], *, skip_missing: bool) -> Missing:
    """Find each key of a request in every choice of groups that its points make.

    Args:
        composer: Composes the choices.
        overrides: The request's own, swept values among them.
        skip_missing: Whether a key may be missing at some points.

    Returns:
        The keys that are missing somewhere, each with the choices of groups that have none.

    Raises:
        RequestError: A key exists at no point, or not at every point where it must.
    """
    choices = expand(o for o in overrides if composer.is_group(o))
    keys = dict.fromkeys(o.key_or_group for o in overrides if not composer.is_group(o))
    missing: Missing = {}
    for groups in choices:
        for key in keys:
            if OmegaConf.select(composer.base(groups), key, default=MISSING) is MISSING:
                missing.setdefault(key, []).append(groups)
    somewhere = {key for key, without in missing.items() if len(without) < len(choices)}
    faults = [
        _missing_somewhere(key, without)
        if key in somewhere
        else _unknown_key(composer, key, without[0])
        for key, without in missing.items()
        if not (skip_missing and key in somewhere)
    ]
    if faults:
        raise RequestError(*faults)
    return missing


def handed(composer: Composer, overrides: Sequence[Override]) -> tuple[str, ...]:
    """Return the overrides that Hydra takes before there is a point.

    It composes a sweep with all that isn't swept, and so with the default of each group that is:
    a key that only the points have it would refuse.

    Args:
        composer: Composes what Hydra will.
        overrides: All that were asked for.
    """
    unswept = [o for o in overrides if not (o.is_hydra_override() or o.is_sweep_override())]
    groups = [o for o in unswept if composer.is_group(o)]
    config = composer.base(tuple(o.input_line or "" for o in groups))
    lacking = [
        o
        for o in unswept
        if o not in groups and OmegaConf.select(config, o.key_or_group, default=MISSING) is MISSING
    ]
    return tuple(o.input_line or "" for o in overrides if o not in lacking)


def without_missing(
    composer: Composer, combinations: Sequence[tuple[str, ...]], missing: Missing
) -> list[tuple[str, ...]]:
    """Return points without the keys that their components lack, each such point once.

    Args:
        composer: Knows the groups.
        combinations: The overrides of each point.
        missing: The keys that are missing somewhere, as `check_keys` returns them.
    """
    if not missing:
        return list(combinations)
    return list(dict.fromkeys(_with_own_keys(composer, lines, missing) for lines in combinations))


def _with_own_keys(
    composer: Composer, combination: tuple[str, ...], missing: Missing
) -> tuple[str, ...]:
    keys = [line.partition("=")[0] for line in combination]
    pairs = list(zip(keys, combination, strict=True))
    groups = tuple(line for key, line in pairs if composer.is_group_name(key))
    return tuple(line for key, line in pairs if groups not in missing.get(key, ()))


def _missing_somewhere(key: str, without: Sequence[tuple[str, ...]]) -> str:
    points = "; ".join(" ".join(groups) for groups in without[:SHOWN])
    more = f" and {len(without) - SHOWN} more" if len(without) > SHOWN else ""
    return (
        f"{key} is not a key of every point; these have none: {points}{more}. To run each of these "
        f"once, without it, add {SKIP}=true."
    )


def _unknown_key(composer: Composer, key: str, groups: tuple[str, ...]) -> str:
    """Say where a key is found, if another choice of its group has it, or which are near."""
    config = composer.base(groups)
    group, _, rest = key.partition(".")
    if rest and group in MULTI_CHOICE_GROUPS and composer.is_group_name(group):
        return _unknown_of_many(composer, key, groups)
    if rest and group in SINGLE_CHOICE_GROUPS and (others := _choices_with(composer, key)):
        listed = " and ".join(others)
        return f"{key} is a key of {listed}, not of {group}={config[group].name}."
    if isinstance(node := config.get(group), DictConfig):
        return unknown("key", key, names_in(node, group))
    names = {str(name) for name in config if name != "hydra"} | {"experiment"}
    return unknown("key", key if group in names else group, names)


def _unknown_of_many(composer: Composer, key: str, groups: tuple[str, ...]) -> str:
    """Say what is wrong with a key of a group from which any number may be chosen."""
    group, name, *_ = key.split(".")
    chosen, options = composer.base(groups)[group], composer.loader.get_group_options(group)
    if name not in options:
        return unknown(group, name, options)
    if name not in chosen and (others := _choices_with(composer, f"{group}.{name}")):
        return f"{key} needs {others[0]}: add it, or {name} to the {group}s you chose."
    node = chosen.get(name, {})
    return unknown("key", key, names_in(node, f"{group}.{name}"))


def names_in(node: DictConfig, parent: str) -> list[str]:
    """Return the keys of a node that a person may set, with the dotted name of their parent."""
    return [f"{parent}.{name!s}" for name in node if name not in ("name", "_target_")]


def _choices_with(composer: Composer, key: str) -> list[str]:
    group, _, rest = key.partition(".")
    options = composer.loader.get_group_options(group)
    return [f"{group}={option}" for option in options if composer.choice_has(group, option, rest)]
