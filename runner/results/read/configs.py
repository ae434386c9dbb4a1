"""The configurations of runs as flat tables, and the keys in which they differ."""

from collections.abc import Sequence

from runner.config_keys import as_typed, flatten, role_of
from runner.environment import guard_environment
from runner.results.read.runs import Run, Value

Flat = dict[str, Value]


def flat_config(run: Run) -> Flat:
    """A run's config by dotted names, a group's choice under the group's own name.

    Args:
        run: The run.

    Returns:
        Numbers as numbers, anything else as it is typed: ``true``, ``null``, ``[1,2]``. Empty
        where the run has no config on record.
    """
    found = dict(flatten(run.config))
    if any("${" in str(value) for key, value in found.items() if role_of(key).is_setting):
        found = dict(flatten(resolved(run.config)))
    return {key.removesuffix(".name"): typed(value) for key, value in found.items()}


def resolved(config: dict[str, object]) -> dict[str, object]:
    """The config with its references filled in; as it is where one leads nowhere."""
    # Imported late: few configs refer to anything.
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    guard_environment()
    try:
        found: object = OmegaConf.to_container(OmegaConf.create(config), resolve=True)
    except (OmegaConfBaseException, RecursionError, ValueError):
        return config
    return found if isinstance(found, dict) else config


def typed(value: object) -> Value:
    """A value of a config or of the command line in the one form by which it is compared."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    text = as_typed(value)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    if text.startswith("["):
        return text.replace(", ", ",")
    return text.lower() if text.lower() in ("true", "false", "null") else text


def differing(configs: Sequence[Flat]) -> list[str]:
    """The keys in which configs differ, apart from what the choice of a group brings with it.

    ``model=mlp`` and ``model=lenet`` differ in ``model``, not in ``model.hidden``; two ``mlp`` may
    differ in that. A key that one config does not have, such as one of a later version, is no
    difference.

    Args:
        configs: One per run, as `flat_config` gives them; an empty one is not known.
    """
    known = [config for config in configs if config]
    names = dict.fromkeys(key for config in known for key in config)
    return [key for key in names if role_of(key).is_setting and _differs(key, known)]


def _differs(key: str, configs: Sequence[Flat]) -> bool:
    group = key.partition(".")[0]
    seen: dict[Value | None, set[Value]] = {}
    for config in configs:
        choice = config.get(group) if group != key else None
        if key in config:
            seen.setdefault(choice, set()).add(config[key])
    return any(len(values) > 1 for values in seen.values())
