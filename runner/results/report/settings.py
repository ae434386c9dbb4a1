"""The configuration of a report's runs, and what of it was asked for."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from runner.results.files import Run, Value


class Setting(NamedTuple):
    """One key of the configuration.

    Attributes:
        key: Its dotted name, as on the command line.
        value: Its value in words; all its values where they differ between the runs.
        how: ``"swept"``, ``"asked for"``, or empty for a default.
    """

    key: str
    value: str
    how: str


def settings(runs: Sequence[Run], most: int = 12) -> list[Setting]:
    """Every key of the runs' configuration, with what was asked for on top of the defaults.

    Args:
        runs: The runs; the first that has a config on record shows the values they share.
        most: How many values of a swept key are written out.
    """
    config = resolved(next((run.config for run in runs if run.config), {}))
    asked: dict[str, dict[Value, None]] = {}
    for run in runs:
        for key, value in run.overrides.items():
            if not key.startswith(("hydra.", "hydra/")) and key != "repeats":
                asked.setdefault(key, {})[value] = None
    rows = [_setting(key, value, asked, most) for key, value in flatten(config)]
    known = {row.key for row in rows} | {row.key.removesuffix(".name") for row in rows}
    others = (key for key in asked if key not in known)
    return [*rows, *(_setting(key, next(iter(asked[key])), asked, most) for key in others)]


def flatten(config: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a nested config by their dotted names."""
    for name, value in config.items():
        if isinstance(value, dict) and value:
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def resolved(config: dict[str, Any]) -> dict[str, Any]:
    """The config with its references filled in; as it is where one leads nowhere."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        found: Any = OmegaConf.to_container(OmegaConf.create(config), resolve=True)
    except OmegaConfBaseException:
        return config
    return found if isinstance(found, dict) else config


def _setting(key: str, value: Any, asked: dict[str, dict[Value, None]], most: int) -> Setting:
    name = key if key in asked else key.removesuffix(".name")
    if name not in asked:
        return Setting(key, words(value), "")
    values = [words(value) for value in asked[name]]
    if len(values) == 1:
        return Setting(key, words(value), "asked for")
    more = f", … ({len(values)} values)" if len(values) > most else ""
    return Setting(key, ", ".join(values[:most]) + more, "swept")


def words(value: Any) -> str:
    """A value as it is written in a config."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list):
        return f"[{', '.join(map(words, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)
