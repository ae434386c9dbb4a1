"""Configs composed as the program composes them, for tests of what is built from them."""

from collections.abc import Callable
from typing import Any

import pytest
from hydra.core.global_hydra import GlobalHydra
from hydra.initialize import initialize_config_dir

from runner.config import Config, check
from runner.places import conf_folder
from runner.sweep.points import Composer

MakeConfig = Callable[..., Config]


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
