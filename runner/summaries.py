"""``summary.json`` of a run, which may be another's: each field of the kind that a run writes."""

import math
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from runner.columns import Status
from runner.guarded_files import read_bytes, why_unread
from runner.plain_values import ValuesError, load_json

NAME = "summary.json"
YEARS = range(1970, 3000)
LONGEST_NAME = 1000  # characters: a longer one is nobody's name, and a title of it takes a minute


class Summary(NamedTuple):
    """What a run says of itself.

    Attributes:
        fields: Those that are of the kind that a run writes; none where there is no such file.
        fault: What is not told, in words that follow the name of the file; empty where all is.
    """

    fields: dict[str, Any]
    fault: str = ""


def read_summary(run: Path) -> Summary:
    """Read the summary of a run.

    Args:
        run: The run's folder.
    """
    try:
        found = load_json(read_bytes(run / NAME))
    except FileNotFoundError:
        return Summary({})
    except OSError as error:
        return Summary({}, why_unread(error))
    except ValuesError as error:
        return Summary({}, f"can't be read: {error}")
    if not isinstance(found, dict):
        return Summary({}, "can't be read: it holds no names and values")
    return _checked(found)


def _checked(found: dict[str, Any]) -> Summary:
    """Leave out the fields that are of another kind; what a later version added stays."""
    wrong = [name for name in KINDS if found.get(name) is not None and not KINDS[name](found[name])]
    fields = {name: value for name, value in found.items() if name not in wrong}
    for row in ("last", "best"):
        if fields.get(row):
            fields[row] = {name: _finite(value) for name, value in fields[row].items()}
    told = f"has no sound {', '.join(wrong)}; left out" if wrong else ""
    return Summary(fields, told)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_NAME


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_duration(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value < 1e9


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9


def _is_mapping(value: object) -> bool:
    return isinstance(value, dict)


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_name, value))


def _are_named_texts(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_row(value: object) -> bool:
    """Whether these are metrics by their columns, of an epoch that there can be."""
    if not isinstance(value, dict) or not _is_duration(value.get("epoch", 0)):
        return False
    return all(number is None or _is_number(number) for number in value.values())


def _is_best(value: object) -> bool:
    return _is_row(value) and (value == {} or "epoch" in dict(value))  # type: ignore[call-overload]


def _is_state(value: object) -> bool:
    """Whether this says what was checked out; older versions wrote it as text."""
    if not isinstance(value, dict):
        return _is_text(value)
    return all(one is None or isinstance(one, str | bool) for one in value.values())


def _are_measures(value: object) -> bool:
    if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
        return False
    texts = [text for one in value.values() for text in one.values()]
    ways = [one.get("direction") for one in value.values()]
    return all(text is None or _is_name(text) for text in texts) and all(
        way in (None, "lower", "higher") for way in ways
    )


def _is_moment(value: object) -> bool:
    """Whether a text is a moment with its time zone, as those that are compared must be."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return False
    return moment is not None and moment.tzinfo is not None and moment.year in YEARS


KINDS: dict[str, Callable[[object], bool]] = {
    "status": lambda value: value in list(Status),
    **dict.fromkeys(("name", "signature", "task", "loss"), _is_name),
    **dict.fromkeys(("monitor", "best_metric"), _is_name),
    **dict.fromkeys(("reason", "device", "machine", "command", "code"), _is_text),
    **dict.fromkeys(("git", "program_git"), _is_state),
    **dict.fromkeys(("tags", "features"), _are_names),
    **dict.fromkeys(("versions", "components"), _are_named_texts),
    **dict.fromkeys(("defaults", "config"), _is_mapping),
    "last": _is_row,
    "best": _is_best,
    **dict.fromkeys(("width", "threads"), _is_count),
    **dict.fromkeys(("seconds", "examples_per_second"), _is_duration),
    "seed": lambda value: isinstance(value, int),
    "metrics": _are_measures,
    "started": _is_moment,
}
