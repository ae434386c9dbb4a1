"""``python -m runner.new GROUP NAME``: begin a component of one's own."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from runner.components_folder import PACKAGE
from runner.errors import RequestError, unknown
from runner.paths import conf_folder
from runner.process_end import end_process
from runner.results.cli import Parser, answer

TEMPLATES = Path(__file__).parent / "templates"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
EXPLANATION = """Writes a component that works as it is, for you to change: a Python file, its
config with the default values, and its test, in ./components. It is found there whenever the
program is started where ./components is."""
TRIED_WITH = {"dataset": "dataset={name} model=mlp", "metric": "'metric=[auto,{name}]'"}


def main(argv: Sequence[str] | None = None) -> int:
    """Write the files of a new component.

    Args:
        argv: What was typed after the command; ``sys.argv`` where it is None.

    Returns:
        The exit code: 0, or 2 with one sentence where nothing was written.
    """
    return answer(lambda: _new(argv))


def groups() -> list[str]:
    """Return the groups of which a component can be begun."""
    return sorted(path.name.removesuffix(".py.txt") for path in TEMPLATES.glob("*.py.txt"))


def _new(argv: Sequence[str] | None) -> None:
    asked = _parser().parse_args(argv)
    files = _files(asked.group, asked.name)
    for path in files:
        if path.exists():
            raise RequestError(f"{path} exists already: nothing was written.")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print("\n".join(_told(asked.group, asked.name, files)))


def _parser() -> Parser:
    parser = Parser("runner.new", description=EXPLANATION)
    parser.add_argument("group", metavar="GROUP", help=f"one of {', '.join(groups())}")
    parser.add_argument("name", metavar="NAME", help="what it is chosen by, such as my-net")
    return parser


def _files(group: str, name: str) -> dict[Path, str]:
    """Return the files of a component with their texts.

    Raises:
        RequestError: There is no such group, or the name is taken or can't be one.
    """
    if group not in groups():
        raise RequestError(unknown("group of components", group, groups()))
    if not NAME.fullmatch(name):
        raise RequestError(
            f"'{name}' can't be a component's name: it takes lower-case letters, digits, and "
            f"hyphens between; '{_allowed(group, name)}' would do."
        )
    if (conf_folder() / group / f"{name}.yaml").is_file():
        raise RequestError(
            f"{group}={name} is one of the program's own choices: take another name."
        )
    module = name.replace("-", "_")
    words = {"group": group, "name": name, "Class": name.title().replace("-", "")}
    folder = Path(PACKAGE)
    return {
        folder / f"{module}.py": _filled(f"{group}.py.txt", words),
        folder / "conf" / group / f"{name}.yaml": _filled(f"{group}.yaml.txt", words),
        folder / "tests" / f"test_{module}.py": _filled("test_head.txt", words)
        + _filled(f"{group}.test.txt", words),
    }


def _allowed(group: str, name: str) -> str:
    """A name that can be one, as near as may be to one that can't."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
    near = "-".join(words).lower()
    return near if NAME.fullmatch(near) else f"my-{group}"


def _filled(template: str, words: Mapping[str, str]) -> str:
    return Template((TEMPLATES / template).read_text("utf-8")).substitute(words)


def _told(group: str, name: str, files: Mapping[Path, str]) -> list[str]:
    own = TRIED_WITH.get(group, f"{group}={{name}}").format(name=name)
    return [
        *(f"wrote {os.fspath(path)}" for path in files),
        f"run it:  python -m runner {own}",
        f"test it: pytest {PACKAGE}",
    ]


if __name__ == "__main__":
    end_process(main())
