"""Configs composed as the program composes them, for tests of what is built from them."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hydra.core.global_hydra import GlobalHydra
from hydra.initialize import initialize_config_dir

from runner.build import build_group
from runner.config import Config, check
from runner.engine.group import Group
from runner.engine.recorder import Recorder
from runner.engine.train import Quiet, Training
from runner.main import main
from runner.paths import conf_folder
from runner.registry import HOMES, find
from runner.request.files import request_files
from runner.request.points import Composer

if not (Path(__file__).parents[1] / "benchmarks").is_dir():
    collect_ignore = ["test_benchmarks.py"]

MakeConfig = Callable[..., Config]
# What goes with a component of a task, where its own example chooses nothing else.
GOES_WITH = {
    "classes": {"dataset": "digits", "model": "mlp", "loss": "auto"},
    "numbers": {"dataset": "linear", "model": "linreg", "loss": "auto"},
    "objective": {"dataset": "none", "model": "point", "loss": "quadratic"},
}


def example_of(component: type) -> tuple[str, ...]:
    """What a component states; a device, a logger and a class of anyone's may have nothing to."""
    return getattr(component, "example", ())


def choices(group: str, name: str) -> dict[str, str]:
    """A component and what it needs of the other groups: group to choice."""
    component = find(group, name)
    tasks = {component.task} if group == "dataset" else getattr(component, "tasks", GOES_WITH)
    needed = next(needed for task, needed in GOES_WITH.items() if task in tasks)
    stated = (override.split("=", 1) for override in example_of(component))
    return needed | {key: value for key, value in stated if key in HOMES} | {group: name}


def values(group: str, name: str, *, own: bool) -> list[str]:
    """What a component's example says of its own keys, or of all other keys."""
    stated = example_of(find(group, name))
    settings = [o for o in stated if o.partition("=")[0] not in HOMES]
    return [setting for setting in settings if setting.startswith(f"{group}.") == own]


@pytest.fixture(scope="session")
def companions() -> Callable[[str, str], list[str]]:
    """Tells what goes with a choice: ``companions("model", "linreg")``; its own values stay."""

    def companions(group: str, name: str) -> list[str]:
        chosen = [f"{other}={choice}" for other, choice in choices(group, name).items()]
        return [*chosen, *values(group, name, own=False)]

    return companions


@pytest.fixture(scope="session")
def example() -> Callable[[str, str], list[str]]:
    """Tells the overrides of a small run of a choice: ``example("model", "linreg")``."""

    def example(group: str, name: str) -> list[str]:
        chosen = choices(group, name)
        small = [value for pair in chosen.items() for value in values(*pair, own=True)]
        made = [f"{other}={choice}" for other, choice in chosen.items()]
        return [*made, *small, *values(group, name, own=False)]

    return example


@pytest.fixture(scope="session")
def own_values() -> Callable[[str, str], list[str]]:
    """Tells what a component's example says of its own keys: ``own_values("optim", "adam")``."""
    return partial(values, own=True)


@pytest.fixture(scope="session")
def composer() -> Composer:
    """Composes points from the program's own YAML files."""
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        return Composer(GlobalHydra.instance().config_loader())


@pytest.fixture(scope="session")
def make_config(composer: Composer) -> MakeConfig:
    """Makes a checked config: ``make_config("model=mlp", "model.hidden=[8]", seed=1)``."""

    def make_config(*overrides: str, **values: Any) -> Config:
        given = [f"{key}={value}" for key, value in values.items()]
        return check(composer.point([*overrides, *given]).resolved)

    return make_config


@pytest.fixture
def run(
    composer: Composer, make_config: MakeConfig, tmp_path: Path
) -> Callable[..., tuple[Path, Config, Group]]:
    """Trains a run with its files, and returns its folder, its config and its trained group."""

    def run(*overrides: str) -> tuple[Path, Config, Group]:
        folder = tmp_path / "run"
        (folder / ".hydra").mkdir(parents=True)
        for name, text in request_files(composer.point(overrides)).items():
            (folder / ".hydra" / name).write_text(text)
        config = make_config(*overrides)
        training = Training(build_group([config], [Recorder(folder, {})]), Quiet())
        training.run()
        return folder, config, training.group

    return run


@pytest.fixture
def thousands(tmp_path: Path) -> list[str]:
    """Overrides for a table whose target is 300 a + 1000, exactly."""
    path = tmp_path / "thousands.csv"
    path.write_text("a,b,y\n" + "".join(f"{i},{i % 7},{300 * i + 1000}\n" for i in range(60)))
    return ["dataset=csv", f"dataset.path={path}", "model=linreg", "epochs=1"]


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Gives a command in this process: its exit code, and what it said."""
    monkeypatch.chdir(tmp_path)

    def command(*argv):
        monkeypatch.setattr(sys, "argv", ["runner", *map(str, argv)])
        code = main()
        said = capsys.readouterr()
        return code, " ".join((said.out + said.err).split())

    return command
