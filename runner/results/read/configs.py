"""The configurations of runs as flat tables, and the keys in which they differ."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runner.results.read.runs import Run, Value

Flat = dict[str, Value]
# What changes no result, or has a column of its own.
IDLE = {
    *("seed", "repeats", "repeats_of", "name", "plots", "expect", "checkpoint_every"),
    "dataset.root",
}
IDLE_GROUPS = {"device", "logger"}


def flat_config(run: Run) -> Flat:
    """A run's config by dotted names, a group's choice under the group's own name.

    Args:
        run: The run.

    Returns:
        Numbers as numbers, anything else as it is typed: ``true``, ``null``, ``[1,2]``. Empty
        where the run has no config on record.
    """
    found = dict(flatten(run.config))
    if any("${" in str(value) for key, value in found.items() if key not in IDLE):
        found = dict(flatten(resolved(run.config)))
    return {key.removesuffix(".name"): typed(value) for key, value in found.items()}


def flatten(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a nested config by their dotted names."""
    for name, value in config.items():
        if isinstance(value, dict) and value:
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def resolved(config: dict[str, Any]) -> dict[str, Any]:
    """The config with its references filled in; as it is where one leads nowhere."""
    # Imported late: few configs refer to anything.
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        found: Any = OmegaConf.to_container(OmegaConf.create(config), resolve=True)
    except OmegaConfBaseException:
        return config
    return found if isinstance(found, dict) else config


def typed(value: Any) -> Value:
    """A value of a config or of the command line in the one form by which it is compared."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, list):
        return f"[{','.join(str(typed(item)) for item in value)}]"
    text = str(value)
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
    return [key for key in names if not is_idle(key) and _differs(key, known)]


def _differs(key: str, configs: Sequence[Flat]) -> bool:
    group = key.partition(".")[0]
    seen: dict[Value | None, set[Value]] = {}
    for config in configs:
        choice = config.get(group) if group != key else None
        if key in config:
            seen.setdefault(choice, set()).add(config[key])
    return any(len(values) > 1 for values in seen.values())


def is_idle(key: str) -> bool:
    """Whether a key changes no result, or has a column of its own."""
    return key in IDLE or key.partition(".")[0] in IDLE_GROUPS
