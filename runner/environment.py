"""What a file may read of the environment: the program's own variables, and what was typed."""

import os
import re
import sys
import warnings
from functools import cache
from typing import Any

from runner.paths import component_conf_folders

OWN = "RUNNER_"
TYPED = re.compile(r"\boc\.env:([^,}]+)")
_MISSING = object()


def guard_environment() -> None:
    """Let interpolations read a variable of the environment only where that is safe.

    Studies, run folders and components' YAML files come from others, and whatever such a file reads
    would stand in tables, names and pages: a password, for one. A variable of this program is
    allowed, and so is one that is named in ``${oc.env:NAME}`` by the command line itself, or by the
    YAML of a component, whose code may read what it likes anyway.
    """
    from omegaconf import OmegaConf  # late: results read few files that need it

    OmegaConf.register_new_resolver("oc.env", _read, replace=True)
    # Of an argument left out, ${oc.env:,A}, the sentence about the value says enough.
    warnings.filterwarnings("ignore", message="In the sequence", category=UserWarning)


def _read(name: str, default: Any = _MISSING) -> Any:
    """Return the value of a variable, as OmegaConf's own resolver does.

    Raises:
        PermissionError: It is none that may be read.
        KeyError: It is not set, and there is no default.
    """
    if not name.startswith(OWN) and name not in _typed() | _of_components():
        raise PermissionError(f"the environment variable '{name}' may not be read by a file")
    if name in os.environ:
        return os.environ[name]
    if default is _MISSING:
        raise KeyError(f"Environment variable '{name}' not found")
    return None if default is None else str(default)


def _typed() -> set[str]:
    return _named(" ".join(sys.argv[1:]))


@cache
def _of_components() -> set[str]:
    files = [path for _, folder in component_conf_folders() for path in folder.rglob("*.yaml")]
    return _named("\n".join(path.read_text("utf-8", errors="replace") for path in files))


def _named(text: str) -> set[str]:
    return {name.strip() for name in TYPED.findall(text)}
