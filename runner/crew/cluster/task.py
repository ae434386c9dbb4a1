"""What a machine of a cluster does for one group: it finds its place there, and trains it."""

import os
import socket
from contextlib import suppress
from pathlib import Path

from runner.components_folder import copy_in
from runner.crew.group_files import Death, GroupFiles
from runner.crew.sweep_file import read_sweep_file
from runner.crew.worker import train_and_note
from runner.errors import RequestError
from runner.paths import COMPONENTS


def train_on_node(sweep: Path, name: str, place: Path) -> bool:
    """Train a group from its files on the machine where this is called.

    What ended it early is in its files, with the name of the machine.

    Args:
        sweep: The folder of the sweep, as this machine has it.
        name: The group's.
        place: The folder in which the command was given; paths in configs are relative to it.

    Returns:
        Whether this process may train another.

    Raises:
        KeyboardInterrupt: It was asked to end; the group's state is saved.
    """
    from runner.datasets.root import forbid_downloads

    if copy_in(sweep).is_dir():
        os.environ[COMPONENTS] = str(copy_in(sweep))
    with suppress(OSError):  # what is looked for there is told by name if it is missed
        os.chdir(place)
    forbid_downloads()
    host = socket.gethostname()
    if different := _other_program(sweep):
        reason = f"On {host}: {'; '.join(different)}."
        GroupFiles(sweep, name).die(Death("machine", reason))
        return False
    return train_and_note(sweep, name, where=host)


def _other_program(sweep: Path) -> list[str]:
    """Say in which versions this machine differs from the one where the sweep was planned."""
    from runner.crew.origin import differences, own_origin

    try:
        return differences(read_sweep_file(sweep).origin, own_origin())
    except RequestError as error:
        return list(error.sentences)
