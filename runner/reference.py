"""``python -m runner --help model=resnet``: every key with its default, range and meaning.

A key's default stands in its YAML, its range in an annotation, and its meaning in the docstring of
its component; that of a top-level key in the comments of ``conf/config.yaml``. The page
``docs/keys.md`` is made of the same: ``python -m runner.reference > docs/keys.md``.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from textwrap import wrap
from typing import Any, NamedTuple

import yaml

from runner.allowed_values import allowed_values
from runner.component_keys import argument_of, schemas_of
from runner.config import schemas_of_top_level
from runner.config_groups import config_folders
from runner.config_keys import as_typed
from runner.docstrings import meaning, summary
from runner.errors import RequestError, nearest
from runner.paths import conf_folder
from runner.registry import HOMES, MULTI_CHOICE_GROUPS, find, names

WIDTH = 80
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# A top-level key with its comment; further lines of comment go on with it.
COMMENTED = re.compile(r"^(\w+):[^#\n]*#\s*(.+(?:\n +#.*)*)$", re.MULTILINE)
HEAD = """# Keys

Every key of the configuration: its default, what it takes, what it means. The same is printed by
`python -m runner --help GROUP`, `--help GROUP=CHOICE` and `--help KEY`. Made by
`python -m runner.reference > docs/keys.md`.
"""


class Key(NamedTuple):
    """One key.

    Attributes:
        name: Its dotted name, as it is typed.
        default: Its default, as it is typed.
        takes: Its type and range in words.
        meaning: What it means, in a sentence without its full stop.
    """

    name: str
    default: str
    takes: str
    meaning: str


class Choice(NamedTuple):
    """One choice of a group.

    Attributes:
        typed: How it is chosen: ``model=resnet``.
        summary: What it is.
        keys: Its keys.
    """

    typed: str
    summary: str
    keys: tuple[Key, ...]


def told(asked: str) -> str:
    """Return what there is to say of a group, a choice, or a key.

    Raises:
        RequestError: There is no such thing; the sentence has the nearest name.
    """
    if asked in groups():
        return _paragraphs(map(_of_choice, choices(asked)))
    group, equals, _ = asked.partition("=")
    if equals and group in groups():
        found = [choice for choice in choices(group) if choice.typed == asked]
        if not found:
            raise RequestError(nearest("choice", asked, [c.typed for c in choices(group)]))
        return _paragraphs(map(_of_choice, found))
    return _of_keys(group)


def page() -> str:
    """Return ``docs/keys.md``: the program's own components, whatever else is installed."""
    parts = [HEAD, "## Top level", _table(top_level())]
    for group in groups():
        parts.append(f"## `{group}`")
        for choice in filter(_is_own, choices(group)):
            parts.append(f"### `{choice.typed}`\n\n{_escaped(choice.summary)}.")
            parts += [_table(choice.keys)] if choice.keys else []
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def groups() -> list[str]:
    """Return the groups of components that have a node in the configuration."""
    return [
        group for group in HOMES if any((folder / group).is_dir() for folder in config_folders())
    ]


@cache
def choices(group: str) -> tuple[Choice, ...]:
    """Return the choices of a group with their keys: those that have a YAML file."""
    return tuple(_choice(group, name) for name in names(group) if _file(group, name))


@cache
def top_level() -> tuple[Key, ...]:
    """Return the keys that stand in no group."""
    text = (conf_folder() / "config.yaml").read_text(encoding="utf-8")
    comments = {key: _words(comment) for key, comment in COMMENTED.findall(text)}
    values = yaml.load(text, LOADER)
    return tuple(
        Key(key, as_typed(values[key]), allowed_values(schema), comments.get(key, ""))
        for key, schema in schemas_of_top_level().items()
        if key in values and key not in groups()
    )


def _is_own(choice: Choice) -> bool:
    group, _, name = choice.typed.partition("=")
    return (conf_folder() / group / f"{name}.yaml").is_file()


def _choice(group: str, name: str) -> Choice:
    component = find(group, name)
    prefix = f"{group}.{name}" if group in MULTI_CHOICE_GROUPS else group
    defaults = _defaults(group, name)
    keys = (
        Key(
            f"{prefix}.{key}",
            as_typed(defaults.get(key)),
            allowed_values(schema),
            meaning(component, argument_of(key)),
        )
        for key, schema in schemas_of(group, name).items()
    )
    return Choice(f"{group}={name}", summary(component), tuple(keys))


def _defaults(group: str, name: str) -> dict[str, Any]:
    path = _file(group, name)
    values = yaml.load(path.read_bytes(), LOADER) if path else None
    return values if isinstance(values, dict) else {}


def _file(group: str, name: str) -> Path | None:
    paths = (folder / group / f"{name}.yaml" for folder in config_folders())
    return next((path for path in paths if path.is_file()), None)


def _words(comment: str) -> str:
    return " ".join(part.strip(" #") for part in comment.split("\n"))


def _of_keys(asked: str) -> str:
    """Say what a key means, wherever there is one of this name."""
    for key in top_level():
        if key.name == asked:
            return _paragraphs([_of_key(key)])
    group = asked.partition(".")[0]
    known = [
        (choice, key)
        for g in groups()
        if g == group
        for choice in choices(g)
        for key in choice.keys
    ]
    found = [(choice.typed, key) for choice, key in known if key.name == asked]
    if not found:
        within = dict.fromkeys(key.name for _, key in known)
        names_ = within if within and "." in asked else [*(k.name for k in top_level()), *groups()]
        raise RequestError(nearest("key", asked, names_))
    same: dict[Key, list[str]] = {}
    for choice, key in found:
        same.setdefault(key, []).append(choice)
    return _paragraphs(
        [*_of_key(key), *_wrapped(f"with {', '.join(of)}", 4)] for key, of in same.items()
    )


def _of_choice(choice: Choice) -> list[str]:
    lines = wrap(f"{choice.typed}: {choice.summary}.", WIDTH, break_on_hyphens=False)
    return [*lines, *(line for key in choice.keys for line in _of_key(key, 2))]


def _of_key(key: Key, indent: int = 0) -> list[str]:
    """Say in lines what a key is."""
    takes = f"takes {key.takes}"
    words = [key.meaning, takes] if key.meaning else [takes]
    return [*_wrapped(f"{key.name}={key.default}", indent), *_wrapped("; ".join(words), indent + 4)]


def _wrapped(text: str, indent: int) -> Iterator[str]:
    for line in wrap(text, WIDTH - indent, break_on_hyphens=False):
        yield " " * indent + line


def _paragraphs(blocks: Iterable[Iterable[str]]) -> str:
    return "\n\n".join("\n".join(block) for block in blocks)


def _table(keys: Iterable[Key]) -> str:
    head = ["| key | default | takes | meaning |", "| --- | --- | --- | --- |"]
    rows = ((f"`{key.name}`", f"`{key.default}`", key.takes, key.meaning) for key in keys)
    return "\n".join([*head, *(f"| {' | '.join(map(_escaped, row))} |" for row in rows)])


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
