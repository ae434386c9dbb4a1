"""What one override may look like, before it is known what it changes."""

from collections.abc import Sequence

from hydra.core.override_parser.types import ChoiceSweep, Override, Sweep
from hydra.errors import OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from runner.config_files import DEEP
from runner.errors import RequestError, unknown
from runner.request.plain import without_value
from runner.request.points import parse
from runner.studies import SWEEPERS

PLUGINS = ("hydra.sweeper", "hydra.launcher")
"""Nodes of keys, which a group of nearly the same name chooses."""
PARAMS = "hydra.sweeper.params"


def check_forms(overrides: Sequence[Override]) -> None:
    """Refuse what Hydra would take and a user hardly means.

    Raises:
        RequestError: One sentence for each override that has a wrong form.
    """
    faults = [_ill_formed_hydra(o) if o.is_hydra_override() else _ill_formed(o) for o in overrides]
    if any(faults):
        raise RequestError(*filter(None, faults))


def _ill_formed_hydra(override: Override) -> str | None:
    if override.is_sweep_override():
        return f"{override.input_line}: Hydra's own keys can't be swept over."
    if override.key_or_group == "hydra/sweeper" and override.value() not in SWEEPERS:
        return f"{override.input_line} is not allowed; it takes {' or '.join(SWEEPERS)}."
    if override.key_or_group in PLUGINS and not isinstance(override.value(), dict):
        group = override.key_or_group.replace(".", "/")
        return f"{override.input_line} is not allowed; {group}=NAME chooses one."
    if override.key_or_group == "hydra.searchpath":
        return f"{override.input_line} is not allowed; components of your own stand in components/."
    if override.key_or_group == PARAMS and override.value() is not None:
        return f"{override.input_line} is not allowed; values to sweep over are key=a,b, with -m."
    if override.key_or_group == "hydra.sweep.subdir":
        return f"{override.input_line} is not allowed; the runs of a sweep lie in 0/, 1/ and so on."
    return f"{override.input_line} has no value." if override.value() == "" else None


def _ill_formed(override: Override) -> str | None:
    line, key = override.input_line or "", override.key_or_group
    if not key:
        return f"{line} has no key; write key=value."
    if override.is_delete():
        return f"{line}: keys can't be removed; {key}=VALUE changes this one."
    if override.is_add() or override.is_force_add():
        return f"{line}: keys can't be added; {line.lstrip('+')} sets one."
    if override.value() == "" and not override.is_sweep_override():
        return f"{line} has no value."
    if isinstance(listed := override.value(), ChoiceSweep) and _is_nested(listed):
        return f"{line}: an interval or a range stands alone, not in a list of values."
    return None


def _is_nested(listed: ChoiceSweep) -> bool:
    return any(isinstance(one, Sweep) for one in listed.list)


def only(overrides: Sequence[str], allowed: Sequence[str], what: str) -> list[Override]:
    """Parse overrides of a few keys.

    Args:
        overrides: What was typed.
        allowed: The keys.
        what: What they are, in words: ``key that --resume takes``.

    Raises:
        RequestError: One of them does not parse, or is of another key.
    """
    try:
        parsed = parse(overrides)
    except OverrideParseException as error:
        raise RequestError(unreadable(error)) from error
    check_forms(parsed)
    for override in parsed:
        if override.key_or_group not in allowed:
            raise RequestError(unknown(what, override.key_or_group, allowed))
    return parsed


def unreadable(error: OverrideParseException) -> str:
    """Return one sentence for an override that does not parse."""
    if "=" not in error.override:
        return f"{error.override} has no '='; write key=value."
    _, evaluated, reason = str(error).partition(" while evaluating ")
    hint = "a list is written [a,b]; quote special characters: \"name='żółw'\""
    return f"{error.override} can't be read: {reason.splitlines()[0] if evaluated else hint}."


def uncomposed(error: Exception, overrides: Sequence[str]) -> str:
    """Return one sentence for a request of which no config can be made.

    Args:
        error: Why not: an error of Hydra's, of OmegaConf's, or of nesting too deep.
        overrides: What was typed.
    """
    if isinstance(error, OverrideParseException):
        return unreadable(error)
    if isinstance(error, OmegaConfBaseException):
        return without_value(error)
    if isinstance(error, RecursionError):
        told = " ".join(o for o in overrides if o.startswith("experiment=")) or "The request"
        return f"{told} can't be read: it includes itself, or {DEEP}."
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    first = " ".join(lines[: 2 if lines[0].endswith(":") else 1]) if lines else type(error).__name__
    asked = first.removeprefix("Error merging override ")
    return first if asked == first else f"{asked} is not the kind of value there."
