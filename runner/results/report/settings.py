"""The configuration of a report's runs, and what of it was overridden."""

from collections.abc import Sequence
from typing import NamedTuple

from runner.config_keys import as_typed, flatten
from runner.results.read.configs import resolved
from runner.results.read.runs import Run


class Setting(NamedTuple):
    """One key of the configuration.

    Attributes:
        key: Its dotted name, as on the command line.
        value: Its value in words; all its values where they differ between the runs.
        default: Its default, where it has another value and the default is on record.
        how: ``"swept"``, ``"override"``, ``"study"``, or empty for a default.
    """

    key: str
    value: str
    default: str
    how: str


Values = dict[str, dict[str, None]]  # the distinct values of each key in words, in order


def settings(runs: Sequence[Run], most: int = 12) -> list[Setting]:
    """Every key of the runs' configuration, with what differs from the defaults.

    Args:
        runs: The runs; the first that has a config on record shows the values they share.
        most: How many values of a swept key are written out.
    """
    config = resolved(next((run.config for run in runs if run.config), {}))
    asked, defaults = _asked(runs), _defaults(runs)
    shown = {_name(key, asked, defaults): _shown(value) for key, value in flatten(config)}
    if any("defaults" in run.summary for run in runs):
        # An override that replaced no default is the default.
        same = asked.keys() & shown.keys() - defaults.keys()
        defaults |= {key: asked[key] for key in same if not key.startswith("logger")}
    keys = dict.fromkeys([*shown, *asked, *defaults])
    return [_setting(key, shown.get(key, ""), asked, defaults, most) for key in keys]


def _shown(value: object) -> str:
    """A value as it is typed; of 3 and 3.0, which are the same setting, the shorter."""
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e16
    return as_typed(int(value) if whole and isinstance(value, float) else value)


def _asked(runs: Sequence[Run]) -> Values:
    """The overrides, key by key."""
    found: Values = {}
    for run in runs:
        for key, value in run.overrides.items():
            if not key.startswith(("hydra.", "hydra/")) and key != "repeats":
                found.setdefault(key, {})[_shown(value)] = None
    return found


def _defaults(runs: Sequence[Run]) -> Values:
    """The defaults that runs do not have, key by key."""
    found: Values = {}
    for run in runs:
        for key, value in (run.summary.get("defaults") or {}).items():
            found.setdefault(key, {})[_shown(value)] = None
    return found


def _name(key: str, asked: Values, defaults: Values) -> str:
    """The key as on the command line: a component is chosen by the name of its group."""
    group = key.removesuffix(".name")
    return group if group in asked or group in defaults else key


def _setting(key: str, value: str, asked: Values, defaults: Values, most: int) -> Setting:
    default = _listed(defaults.get(key, {}), most)
    if key not in asked:
        return Setting(key, value, default, "study" if default else "")
    values = asked[key]
    how = "override" if len(values) == 1 else "swept"
    return Setting(key, (len(values) == 1 and value) or _listed(values, most), default, how)


def _listed(values: dict[str, None], most: int) -> str:
    more = f", … ({len(values)} values)" if len(values) > most else ""
    return ", ".join(list(values)[:most]) + more
