"""Hydra's own entry point, for a task function of ours."""

import sys
from collections.abc import Sequence

import hydra
from hydra.types import TaskFunction

from runner.paths import conf_folder
from runner.request.points import CONFIG_NAME


def enter(argv: Sequence[str], task: TaskFunction) -> None:
    """Run Hydra on a command line.

    Args:
        argv: Flags first, then overrides.
        task: Called by Hydra, or handed to the launcher.
    """
    sys.argv = [sys.argv[0], *argv]
    main = hydra.main(version_base="1.3", config_path=str(conf_folder()), config_name=CONFIG_NAME)
    main(task)()
