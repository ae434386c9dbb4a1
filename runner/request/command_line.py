"""The command line, taken apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import hydra

import runner
from runner.errors import RequestError
from runner.hydra_compat import args_parser, say_version
from runner.paths import given_folder

OWN = ("--dry-run", "--retry", "--force")
# Flags of Hydra's that would run another program's configs, or mean nothing to a run.
FOREIGN = ("config_path", "config_name", "config_dir", "experimental_rerun", "shell_completion")
OF_TELLING = ("package", "resolve")  # they mean something beside --cfg alone


@dataclass(frozen=True)
class Command:
    """The command line, taken apart.

    Attributes:
        flags: What begins with a dash, ``--dry-run`` and ``-m`` excepted.
        overrides: What changes the config.
        multirun: Whether ``-m`` was given.
        dry_run: Whether ``--dry-run`` was given.
        informs: Whether Hydra is only to tell something (``--help``, ``--cfg job``, …).
        resume: The folder to go on in; None for a request of its own.
        retry: Whether ``--retry`` was given.
        force: Whether ``--force`` was given.
        again: The folder of a run to run once more; None for another request.
    """

    flags: list[str]
    overrides: list[str]
    multirun: bool
    dry_run: bool
    informs: bool
    resume: Path | None
    retry: bool
    force: bool
    again: Path | None = None


def read(argv: Sequence[str]) -> Command:
    """Take a command line apart; flags may stand anywhere.

    Raises:
        RequestError: A flag that Hydra does not know.
    """
    parser = args_parser()
    parser.error = _refuse  # type: ignore[method-assign]
    for flag in OWN:
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--resume", type=given_folder, metavar="DIR")
    parser.add_argument("--again", type=given_folder, metavar="RUN_DIR")
    say_version(parser, f"runner {runner.__version__} (Hydra {hydra.__version__})")
    known = parser.parse_intermixed_args(list(argv))
    flags = [word for word in argv if word not in {"-m", "--multirun", *OWN, *known.overrides}]
    told = (known.help, known.hydra_help, known.cfg, known.info)
    for name in (*FOREIGN, *(() if any(told) else OF_TELLING)):
        if getattr(known, name):
            flag = f"--{name.replace('_', '-')}"
            raise RequestError(f"{flag} is not allowed here; see python -m runner --help.")
    command = Command(
        *(flags, known.overrides, known.multirun, known.dry_run, any(told)),
        *(known.resume, known.retry, known.force, known.again),
    )
    _check_resume(command)
    _check_again(command)
    return command


def _check_resume(command: Command) -> None:
    """Refuse flags that mean nothing together."""
    if command.resume is None and (command.retry or command.force):
        flag = "--retry" if command.retry else "--force"
        raise RequestError(f"{flag} belongs to --resume DIR.")
    if command.resume is not None and (command.multirun or command.dry_run):
        flag = "-m" if command.multirun else "--dry-run"
        raise RequestError(f"{flag} has no meaning with --resume DIR: the runs are there.")


def _check_again(command: Command) -> None:
    if command.again is None:
        return
    others = {"-m": command.multirun, "--dry-run": command.dry_run, "--resume": command.resume}
    others |= {"A flag that only tells": command.informs}
    for flag, given in others.items():
        if given:
            raise RequestError(f"{flag} has no meaning with --again RUN_DIR, which is one run.")


def _refuse(message: str) -> NoReturn:
    raise RequestError(f"{message[:1].upper()}{message[1:]}; see python -m runner --help.")
