"""The git revision of a folder, asked for so that no repository can run code or delay a command.

A repository's own settings may name programs: a watcher of files (``core.fsmonitor``), hooks,
filters of content, what fetches missing objects. Whoever stands in a folder from somebody else has
not agreed to any of these, and git runs them for the mere question of what has changed.
"""

import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import TypedDict

SECONDS = 2.0  # after which a question is given up: of a huge repository the state stays unknown
INERT = (
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "safe.bareRepository=explicit"),  # no folder is a repository by what lies openly in it
)
# No index is written, nothing is asked, and what is missing in a partial clone is not fetched.
ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}
REVISION = re.compile("[0-9a-f]{40,64}")


class GitState(TypedDict):
    """What is checked out.

    ``dirty`` tells whether files that git knows have changed since the revision; None where that
    took too long to find out.
    """

    revision: str
    dirty: bool | None


@cache
def git_state(folder: Path) -> GitState | None:
    """Return what is checked out in a folder; asked once, however many runs there are.

    Args:
        folder: Any folder of a repository.

    Returns:
        None where it is in none, git is missing, or it refuses to look there.
    """
    revision = _told(folder, "rev-parse", "--verify", "HEAD")
    if revision is None or not REVISION.fullmatch(revision):
        return None
    return {"revision": revision, "dirty": _is_dirty(folder)}


def _is_dirty(folder: Path) -> bool | None:
    asked = ("config", "-z", "--name-only", "--get-regexp", r"^filter\.")
    filters = _told(folder, *asked, none="")
    if filters is None or "=" in filters:  # of which git would take a part for the value
        return None
    # Files without a new date or size are not read, so that few need their filter.
    off = [word for name in set(filters.split("\0")) - {""} for word in ("-c", f"{name}=")]
    changed = _told(
        folder, *off, "status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all"
    )
    return None if changed is None else bool(changed)


def _told(folder: Path, *question: str, none: str | None = None) -> str | None:
    """Return git's answer; ``none`` where it has none (exit code 1), None where it fails."""
    command = ["git", "--no-pager", *INERT, *question]
    try:
        found = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if found.returncode:
        return none if found.returncode == 1 else None
    return found.stdout.decode(errors="replace").strip()
