"""How a sweep that goes on is to be trained: as before, or otherwise."""

from collections.abc import Mapping, Sequence
from typing import Any

from hydra.core.override_parser.types import Override

from runner.crew.cluster.settings import SETTINGS
from runner.errors import RequestError, unknown
from runner.request.launching import (
    GROUP,
    LAUNCHING,
    NODE,
    Launching,
    check_launching,
    default_keys,
    on_cluster,
)

OWN = "fused"
PLANNED = "width"  # how wide groups are was decided when they were planned


def keys_of(engine: str) -> list[str]:
    """Return the keys of a launcher that a resume may give another value, by dotted name."""
    names = [*SETTINGS[engine].model_fields] if engine in SETTINGS else [*LAUNCHING]
    return [f"{NODE}.{name}" for name in names if name != PLANNED]


ALL_KEYS = [GROUP, *dict.fromkeys(key for engine in (OWN, *SETTINGS) for key in keys_of(engine))]


def engine_of(overrides: Sequence[str], before: str) -> str:
    """Return the launcher that is asked for, or the one of before.

    Raises:
        RequestError: There is no such launcher.
    """
    asked = [o.partition("=")[2] for o in overrides if o.startswith(f"{GROUP}=")]
    engine = asked[-1] if asked else before
    if engine not in (OWN, *SETTINGS):
        raise RequestError(unknown(GROUP, engine, [OWN, *SETTINGS]))
    return engine


def without_launcher(overrides: Sequence[str]) -> list[str]:
    """Return overrides without those that say how to train."""
    return [o for o in overrides if not o.startswith((f"{GROUP}=", f"{NODE}."))]


def relaunching(
    engine: str, asked: Sequence[Override], before: Mapping[str, Any] | None, own: Launching
) -> Launching:
    """Return how a sweep is to be trained from now on.

    Args:
        engine: The launcher.
        asked: What was typed of its keys.
        before: The cluster that trained it, as it is on record; None for none.
        own: How this machine trained it.

    Raises:
        RequestError: A key has a value that it does not take.
    """
    typed = {o.key_or_group.removeprefix(f"{NODE}."): o.value() for o in asked}
    if engine == OWN:
        kept = {"workers": own.workers, "timeout_min": own.timeout_min}
        return check_launching((kept if before is None else {"workers": "auto"}) | typed)
    same = before is not None and before["engine"] == engine
    kept = {k: v for k, v in (before or {}).items() if k != "engine"} if same else {}
    return on_cluster(engine, default_keys(engine) | kept | typed)
