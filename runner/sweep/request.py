"""What was asked for on the command line, read and checked whole before anything is started."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from hydra._internal.utils import get_args_parser
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.initialize import initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from runner.errors import RequestError, unknown
from runner.places import conf_folder
from runner.sweep.points import Composer, Point, expand, parse, swept_by_study

MISSING = object()


@dataclass(frozen=True)
class Command:
    """The command line, taken apart.

    Attributes:
        flags: What begins with a dash, ``--dry-run`` and ``-m`` excepted.
        overrides: What changes the config.
        multirun: Whether ``-m`` was given.
        dry_run: Whether ``--dry-run`` was given.
        informs: Whether Hydra is only to tell something (``--help``, ``--cfg job``, …).
    """

    flags: list[str]
    overrides: list[str]
    multirun: bool
    dry_run: bool
    informs: bool


@dataclass(frozen=True)
class Request:
    """A request that can be carried out.

    Attributes:
        points: Its runs, repeats expanded.
        is_sweep: Whether it is a sweep, be it of one run.
        width: The largest group that was asked for, or ``"auto"``.
    """

    points: list[Point]
    is_sweep: bool
    width: int | str


def read(argv: Sequence[str]) -> Command:
    """Take a command line apart; flags may stand anywhere.

    Raises:
        RequestError: A flag that Hydra does not know.
    """
    parser = get_args_parser()
    parser.error = _refuse  # type: ignore[method-assign]
    parser.add_argument("--dry-run", action="store_true")
    known = parser.parse_intermixed_args(list(argv))
    own = {"-m", "--multirun", "--dry-run", *known.overrides}
    flags = [word for word in argv if word not in own]
    told = (known.help, known.hydra_help, known.cfg, known.info, known.shell_completion)
    return Command(flags, known.overrides, known.multirun, known.dry_run, any(told))


def check_request(command: Command) -> Request:
    """Compose every point of a request; nothing is made and no component imported.

    Raises:
        RequestError: A name, a key or a sweep in it is wrong.
    """
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        try:
            return _composed(command, GlobalHydra.instance().config_loader())
        except HydraException as error:
            raise RequestError(_first_sentence(error)) from error


def points_of(
    composer: Composer, overrides: Sequence[str], params: dict[str, Any] | None
) -> list[Point]:
    """Return the runs of a request: every combination of its values, times its repeats.

    Args:
        composer: Composes each.
        overrides: The request's own overrides, swept values among them.
        params: A study's swept values; the command line wins over them.

    Raises:
        RequestError: A key does not exist, or not at every point; a sweep is empty.
    """
    asked = parse([*swept_by_study(params), *overrides])
    combinations = expand(asked)
    _check_keys(composer, combinations)
    points = [composer.point(combination) for combination in combinations]
    return [run for point in points for run in _repeated(composer, point)]


def _composed(command: Command, loader: ConfigLoader) -> Request:
    overrides = parse(command.overrides)
    _check_forms(overrides)
    task = [o for o in overrides if not o.is_hydra_override()]
    hydra = [o.input_line or "" for o in overrides if o.is_hydra_override()]
    composer = Composer(loader, hydra)
    _check_choices(composer, task)
    study = _study(composer, task)
    points = points_of(composer, [o.input_line or "" for o in task], study.sweeper.params)
    is_sweep = command.multirun or str(study.mode) == "RunMode.MULTIRUN" or len(points) > 1
    swept = [o for o in task if o.is_sweep_override()]
    if swept and not command.multirun and str(study.mode) != "RunMode.MULTIRUN":
        raise RequestError(f"{swept[0].input_line} has several values: add -m to sweep over them.")
    return Request(points, is_sweep, _width(study))


def _check_forms(overrides: Sequence[Override]) -> None:
    """Refuse what Hydra would take and a user hardly means."""
    for override in overrides:
        line = override.input_line or ""
        if override.is_hydra_override():
            if override.is_sweep_override():
                raise RequestError(f"{line}: Hydra's own keys can't be swept over.")
        elif override.is_add() or override.is_force_add() or override.is_delete():
            raise RequestError(
                f"{line}: keys are neither added nor removed; write {line.lstrip('+~')} to set one."
            )
        elif override.value() == "" and not override.is_sweep_override():
            raise RequestError(f"{line} has no value.")
    seeds = {o.key_or_group: o.is_sweep_override() for o in overrides}
    if seeds.get("repeats"):
        raise RequestError("repeats can't be swept over; it is the number of seeds of each point.")
    if seeds.get("seed") and "repeats" in seeds:
        raise RequestError("seed is swept over, so repeats has no meaning: leave one of them out.")


def _check_choices(composer: Composer, overrides: Sequence[Override]) -> None:
    """Check the names chosen from groups; other keys need the composed config."""
    for override in overrides:
        if not composer.is_group(override):
            continue
        options = composer.loader.get_group_options(override.key_or_group)
        for (line,) in expand([override]):
            choice = line.partition("=")[2]
            if choice not in options and choice != "null":
                raise RequestError(unknown(override.key_or_group, choice, options))


def _study(composer: Composer, overrides: Sequence[Override]) -> DictConfig:
    """Return Hydra's part of the config under the study that was chosen, if one was."""
    lines = [o for o in overrides if o.key_or_group == "experiment"]
    choices = expand(lines) if lines else [()]
    chosen: list[DictConfig] = [composer.base(groups).hydra for groups in choices]
    if len(chosen) > 1 and any(study.sweeper.get("params") for study in chosen):
        raise RequestError("experiment can't be swept over studies that are sweeps themselves.")
    return chosen[0]


def _check_keys(composer: Composer, combinations: Sequence[tuple[str, ...]]) -> None:
    lacking: dict[str, list[tuple[str, ...]]] = {}
    checked: dict[tuple[tuple[str, ...], tuple[str, ...]], None] = {}
    for combination in combinations:
        parsed = parse(combination)
        groups = tuple(o.input_line or "" for o in parsed if composer.is_group(o))
        keys = tuple(o.key_or_group for o in parsed if not composer.is_group(o))
        checked[groups, keys] = None
    for groups, keys in checked:
        for key in keys:
            if OmegaConf.select(composer.base(groups), key, default=MISSING) is MISSING:
                lacking.setdefault(key, []).append(groups)
    everywhere = {groups for groups, _ in checked}
    for key, without in lacking.items():
        raise RequestError(_lacking(composer, key, without, everywhere))


def _lacking(
    composer: Composer,
    key: str,
    without: Sequence[tuple[str, ...]],
    everywhere: set[tuple[str, ...]],
) -> str:
    if len(without) < len(everywhere):
        points = "; ".join(" ".join(groups) for groups in without)
        return f"{key} is swept over, but some points have no such key: {points}."
    config = composer.base(without[0])
    parent, _, _ = key.rpartition(".")
    node = OmegaConf.select(config, parent) if parent else config
    if not isinstance(node, DictConfig):
        node, parent = config, ""
    names = [f"{parent}.{name!s}".lstrip(".") for name in node if name != "hydra"]
    return unknown("key", key, [*names, "experiment"] if not parent else names)


def _repeated(composer: Composer, point: Point) -> list[Point]:
    """Return a point once for each of its seeds."""
    repeats, seed = point.config.repeats, point.config.seed
    if not isinstance(repeats, int) or not isinstance(seed, int) or repeats < 2:
        return [point]
    rest = [o for o in point.overrides if o.partition("=")[0] not in ("seed", "repeats")]
    return [
        composer.point([*rest, f"seed={seed + repeat}", "repeats=1"]) for repeat in range(repeats)
    ]


def _width(hydra: DictConfig) -> int | str:
    width: int | str = hydra.launcher.get("width", 1)
    if width != "auto" and not (type(width) is int and width >= 1):
        raise RequestError(
            f"hydra.launcher.width={width} is not allowed; it takes auto or a whole number ≥ 1."
        )
    return width


def _first_sentence(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _refuse(message: str) -> NoReturn:
    raise RequestError(f"{message[:1].upper()}{message[1:]}; see python -m runner --help.")
