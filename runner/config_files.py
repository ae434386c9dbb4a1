"""The YAML files of components that are not the program's own: checked, and named in sentences."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import MarkedYAMLError

from runner.errors import RequestError, first_line
from runner.paths import component_conf_folders, components_folder, conf_folder, nearby
from runner.plain_values import check_tokens
from runner.registry import HOMES, MULTI_CHOICE_GROUPS

DEEP = "nests too deep"
PACKAGE_LINE = re.compile(r"^# *@package +(\S+)", re.MULTILINE)


def read_config(path: Path) -> Any:
    """Read a YAML file.

    Returns:
        What OmegaConf makes of it.

    Raises:
        RequestError: It is no YAML; the sentence names the file and the line.
    """
    told = nearby(path)
    try:
        text = path.read_bytes().decode()
        check_tokens(text)
        return OmegaConf.create(text)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise RequestError(f"{told}, line {line}, can't be read: it is not UTF-8 text.") from error
    except MarkedYAMLError as error:
        raise RequestError(f"{told}, {_fault(error, text)}.") from error
    except OmegaConfBaseException as error:
        where = f"{told}, {error.full_key}:" if error.full_key else told
        raise RequestError(f"{where} can't be read: {first_line(error)}.") from error
    except RecursionError as error:
        raise RequestError(f"{told} can't be read: it {DEEP}.") from error
    except ValueError as error:  # a number of thousands of digits
        raise RequestError(f"{told} can't be read: {first_line(error)}.") from error


def check_config_files() -> None:
    """Refuse files that can't be chosen as they are, whether they were chosen or not.

    Raises:
        RequestError: A sentence for each.
    """
    faults: list[str] = []
    own = components_folder()
    for path in _files():
        try:
            if own is not None and path.is_relative_to(own):
                _check(path)
            else:
                read_config(path)
        except RequestError as error:
            faults += error.sentences
    if faults:
        raise RequestError(*faults)


def written_in(group: str, name: str, key: str = "name") -> str:
    """Return the file that has a key of a component, as ``FILE: ``, to begin a sentence with.

    Returns:
        Empty where no file has it, as of the program's own components.
    """
    for path in _files(group):
        config = _plain(path)
        if key in config and config.get("name") == name:
            return f"{nearby(path)}: "
    return ""


def _files(group: str = "*") -> Iterator[Path]:
    """The files of one's own components and of installed packages, those of studies excepted."""
    for _, folder in component_conf_folders():
        found = sorted(folder.glob(f"{group}/*.yaml"))
        yield from (path for path in found if path.parent.name in HOMES)


def _plain(path: Path) -> dict[str, Any]:
    """What a file holds, without resolving anything; nothing where it has no keys."""
    content: Any = OmegaConf.to_container(read_config(path))
    return content if isinstance(content, dict) else {}


def _check(path: Path) -> None:
    group, choice, told = path.parent.name, path.stem, nearby(path)
    if (conf_folder() / group / path.name).is_file():
        raise RequestError(
            f"{told} has the name of one of the program's own choices: give it another."
        )
    if not isinstance(_plain(path).get("name"), str):
        raise RequestError(f"{told} lacks the line 'name: {choice}', the name in @register.")
    package = PACKAGE_LINE.search(path.read_text("utf-8"))
    wanted = f"{group}.{choice}"
    if group in MULTI_CHOICE_GROUPS and (package is None or package[1] != wanted):
        raise RequestError(f"{told} lacks the first line '# @package {wanted}'.")


def _fault(error: MarkedYAMLError, text: str) -> str:
    """The line that is at fault, and what is wrong with it."""
    begun, found = error.context_mark, error.problem_mark
    # What was begun in a line and not ended there is told of further on; a block has many lines.
    is_one_line = "simple key" in str(error.context) or "flow" in str(error.context)
    mark = begun if begun is not None and is_one_line else found
    number = mark.line if mark is not None else 0
    lines = [*text.splitlines(), ""]
    before = " here and in the line before" if "mapping values" in str(error.problem) else ""
    return (
        f"line {number + 1}, can't be read: {error.problem} in '{lines[number].strip()}'; "
        f"write 'key: value'{before}"
    )
