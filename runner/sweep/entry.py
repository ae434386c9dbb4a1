"""Hydra's own entry point, for a task function of ours."""

import sys
from collections.abc import Sequence

import hydra
from hydra.types import TaskFunction

from runner.hydra_compat import take_names
from runner.paths import conf_folder
from runner.request.points import CONFIG_NAME


def is_own_job(task: TaskFunction) -> bool:
    """Whether a task function is a job of this program, and not of another that uses its plugins.

    It is told by the name of its module: to import that would cost other programs a second.
    """
    return type(task).__module__ == "runner.sweep.job"


def enter(argv: Sequence[str], task: TaskFunction) -> None:
    """Run Hydra on a command line.

    Args:
        argv: Flags first, then overrides.
        task: Called by Hydra, or handed to the launcher.
    """
    sys.argv = [sys.argv[0], *argv]
    launchers = (conf_folder() / "hydra" / "launcher").glob("*.yaml")
    take_names("hydra/launcher", [path.stem for path in launchers])
    main = hydra.main(version_base="1.3", config_path=str(conf_folder()), config_name=CONFIG_NAME)
    main(task)()
