"""The copy of one's own components that a run or a sweep keeps, in ``.runner/components``."""

import os
from collections.abc import Mapping
from pathlib import Path

from runner.components_folder import FLAG, PACKAGE, checksums, copy_in, keep_components
from runner.errors import RequestError
from runner.paths import COMPONENTS, components_folder


def keep(folder: Path, code: Mapping[str, str]) -> None:
    """Copy the components into a folder, where its runs use any, and use the copy from now on.

    Worker processes import what stands there: whoever edits a component while a sweep trains does
    not mix two versions of it in one table.

    Args:
        folder: That of the sweep, or of the run on its own.
        code: The checksums of its code; see `runner.crew.origin`.
    """
    if _of_components(code):
        keep_components(copy_in(folder))
        os.environ[COMPONENTS] = str(copy_in(folder))


def check_at_hand(folder: Path, code: Mapping[str, str]) -> None:
    """Refuse to go on without the components that were used.

    Code is run from the folder where one stands, or from one that is named: not from whatever
    folder is to be resumed.

    Raises:
        RequestError: They are not at hand; the sentence says how to name the copy.
    """
    used, own = _of_components(code), components_folder()
    missing = sorted(used.keys() - (checksums(own) if own else {}).keys())
    if missing:
        raise RequestError(
            f"'{folder}' uses {missing[0]}, which is not at hand: go to the folder where it is, or "
            f"take the copy that was kept, {FLAG} {os.path.relpath(copy_in(folder))}."
        )


def kept_sentence(folder: Path, code: Mapping[str, str]) -> str:
    """Return how to go on with the copy where a component is no longer as it was, else nothing."""
    copy, used = copy_in(folder), _of_components(code)
    if not used or not copy.is_dir() or checksums(copy) == used:
        return ""
    return f" {FLAG} {os.path.relpath(copy)} goes on with the components as they were."


def _of_components(code: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in code.items() if name.startswith(f"{PACKAGE}/")}
