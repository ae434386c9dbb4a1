"""Keys that were asked for and do not exist: which points have none, or which names are near."""

from collections.abc import Sequence

from omegaconf import DictConfig, OmegaConf

from runner.errors import RequestError, unknown
from runner.registry import MULTI_CHOICE_GROUPS, SINGLE_CHOICE_GROUPS
from runner.request.points import Composer, parse

MISSING = object()
SHOWN = 5  # points that are named in a sentence


def check_keys(composer: Composer, combinations: Sequence[tuple[str, ...]]) -> None:
    """Find each key of each point in the groups that were chosen there.

    Raises:
        RequestError: A key does not exist, or not at every point.
    """
    lacking: dict[str, list[tuple[str, ...]]] = {}
    checked: dict[tuple[tuple[str, ...], tuple[str, ...]], None] = {}
    for combination in combinations:
        parsed = parse(combination)
        groups = tuple(o.input_line or "" for o in parsed if composer.is_group(o))
        keys = tuple(o.key_or_group for o in parsed if not composer.is_group(o))
        checked[groups, keys] = None
    for groups, keys in checked:
        for key in keys:
            if OmegaConf.select(composer.base(groups), key, default=MISSING) is MISSING:
                lacking.setdefault(key, []).append(groups)
    everywhere = {groups for groups, _ in checked}
    if lacking:
        raise RequestError(
            *(
                _lacking_somewhere(key, without)
                if len(without) < len(everywhere)
                else _unknown_key(composer, key, without[0])
                for key, without in lacking.items()
            )
        )


def _lacking_somewhere(key: str, without: Sequence[tuple[str, ...]]) -> str:
    points = "; ".join(" ".join(groups) for groups in without[:SHOWN])
    more = f" and {len(without) - SHOWN} more" if len(without) > SHOWN else ""
    return f"{key} is not a key of every point; these have none: {points}{more}."


def _unknown_key(composer: Composer, key: str, groups: tuple[str, ...]) -> str:
    """Say where a key is found, if another choice of its group has it, or which are near."""
    config = composer.base(groups)
    group, _, rest = key.partition(".")
    if rest and group in MULTI_CHOICE_GROUPS and composer.is_group_name(group):
        return _unknown_of_many(composer, key, groups)
    if rest and group in SINGLE_CHOICE_GROUPS and (others := _choices_with(composer, key, groups)):
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
    if name not in chosen and (others := _choices_with(composer, f"{group}.{name}", groups)):
        return f"{key} needs {others[0]}: add it, or {name} to the {group}s you chose."
    node = chosen.get(name, {})
    return unknown("key", key, names_in(node, f"{group}.{name}"))


def names_in(node: DictConfig, parent: str) -> list[str]:
    """Return the keys of a node that a person may set, with the dotted name of their parent."""
    return [f"{parent}.{name!s}" for name in node if name not in ("name", "_target_")]


def _choices_with(composer: Composer, key: str, groups: tuple[str, ...]) -> list[str]:
    group = key.partition(".")[0]
    rest = [line for line in groups if line.partition("=")[0] != group]
    choices = [f"{group}={option}" for option in composer.loader.get_group_options(group)]
    return [
        choice
        for choice in choices
        if OmegaConf.select(composer.base((*rest, choice)), key, default=MISSING) is not MISSING
    ]
