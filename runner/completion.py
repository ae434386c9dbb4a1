"""What a shell completes after ``runner``: commands, groups with their choices, and keys.

It is asked at every press of a key, so that it reads the YAML files alone: no Hydra, no torch.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from runner.columns import Status
from runner.commands import commands
from runner.components_folder import FLAG, take_flag
from runner.config_groups import STUDIES, choice_names, config_folders, group_names
from runner.errors import RequestError, unknown
from runner.paths import conf_folder

FLAGS = (
    *("--help", "--hydra-help", "--version", "--info", "--cfg"),
    *("--multirun", "--dry-run", "--resume", "--retry", "--force", "--again", FLAG),
)
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Bash itself breaks words at "=" and replaces what stands behind the last break alone.
INSTALL = r"""_runner_complete() {
    local typed=${COMP_LINE:0:COMP_POINT} found IFS=$'\n'
    typed=${typed##*[[:space:]]}
    COMPREPLY=()
    for found in $(COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" "$1" -sc query=bash 2>/dev/null)
    do
        COMPREPLY+=("${found#"${typed%"$2"}"}")
    done
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=.] ]] && compopt -o nospace
    return 0
}
complete -o default -F _runner_complete runner"""
UNINSTALL = "complete -r runner; unset -f _runner_complete"


def complete(words: Sequence[str]) -> int:
    """Answer the shell: ``install=bash``, ``uninstall=bash``, or ``query=bash`` at each press.

    Raises:
        RequestError: It is asked for something else.
    """
    answers = {
        "install=bash": lambda: INSTALL,
        "uninstall=bash": lambda: UNINSTALL,
        "query=bash": lambda: "\n".join(completions(_typed())),
    }
    asked = " ".join(words)
    if asked not in answers:
        raise RequestError(unknown("answer to -sc", asked, ["install=bash", "uninstall=bash"]))
    print(answers[asked]())
    return 0


def completions(typed: str) -> list[str]:
    """Return what the last word of a line may become.

    Args:
        typed: The line up to the cursor, from the program's name on.

    Returns:
        Whole words that begin as the last one does; none where a file's name is due.
    """
    *before, word = typed.split(" ")[1:] or [""]
    before = [one for one in before if one]
    if before and before[-1] in ("--resume", "--again", FLAG):
        return []
    with suppress(RequestError):  # there is no such folder
        before = take_flag(before)
    if before and before[0] in commands():
        return _filters(word, before) if before[0] == "runs" else []
    return _completed(word, before)


def _completed(word: str, before: Sequence[str]) -> list[str]:
    key, equals, value = word.partition("=")
    if equals:
        begun, comma, _ = value.rpartition(",")
        found = [f"{key}={begun}{comma}{choice}" for choice in _values(key, before)]
    else:
        found = [*_words(word, before), *([] if before else commands())]
    return sorted(name for name in dict.fromkeys(found) if name.startswith(word))


def _filters(word: str, before: Sequence[str]) -> list[str]:
    """Return what a filter of runs may become: their labels, how they ended, keys and groups."""
    if word.startswith("-"):
        return []
    own = [f"{key}=" for key in ("name", "tag", "since", "status")]
    own += [f"status={status}" for status in Status] if word.startswith("status=") else []
    found = {*_completed(word, before), *(name for name in own if name.startswith(word))}
    return sorted(found - {f"{STUDIES}=", "tags="})


def _typed() -> str:
    line = os.environ.get("COMP_LINE", "")
    return line[: int(os.environ.get("COMP_POINT") or len(line))]


def _words(word: str, before: Sequence[str]) -> Iterator[str]:
    """Yield flags, groups and keys; those of a group once its name stands there."""
    if word.startswith("-"):
        yield from FLAGS
        return
    root = _read(conf_folder() / "config.yaml")
    group, dot, _ = word.partition(".")
    if dot:
        yield from (f"{group}.{key}=" for key in _keys(group, before))
        return
    for name in (*group_names(), STUDIES):
        yield f"{name}="
        if name == group:
            yield f"{name}."
    yield from (f"{key}=" for key in root if key not in ("defaults", "hydra", *group_names()))


def _values(key: str, before: Sequence[str]) -> list[str]:
    """Return the choices of a group, or the values of a switch."""
    if key in (STUDIES, *group_names()):
        return choice_names(key)
    group, dot, name = key.partition(".")
    node = _keys(group, before) if dot else _read(conf_folder() / "config.yaml")
    return ["true", "false"] if isinstance(node.get(name if dot else key), bool) else []


def _keys(group: str, before: Sequence[str]) -> Mapping[str, Any]:
    """Return the keys of what is chosen from a group: on the line, else by default."""
    if group not in group_names():
        return {}
    defaults = _read(conf_folder() / "config.yaml")["defaults"]
    chosen = {
        name: value for one in defaults if isinstance(one, dict) for name, value in one.items()
    }
    chosen |= dict(word.split("=", 1) for word in before if "=" in word)
    found: dict[str, Any] = {}
    for choice in str(chosen.get(group, "")).strip("[]").split(","):
        for folder in config_folders():
            found |= _read(folder / group / f"{choice}.yaml")
    return {name: value for name, value in found.items() if name != "name"}


def _read(path: Path) -> dict[str, Any]:
    """Read a YAML file; one that is missing or torn has nothing to complete."""
    try:
        found = yaml.load(path.read_bytes(), LOADER)
    except (OSError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}
