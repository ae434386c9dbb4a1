"""Configs composed as the program composes them, for tests of what is built from them."""

from collections.abc import Callable
from typing import Any

import pytest
from hydra.core.global_hydra import GlobalHydra
from hydra.initialize import initialize_config_dir

from runner.config import Config, check
from runner.paths import conf_folder
from runner.request.points import Composer

MakeConfig = Callable[..., Config]
# What a choice needs of the other groups before it can be built on small data.
FUNCTION = ["dataset=none", "model=point"]
COMPANIONS = {
    ("model", "linreg"): ["dataset=linear"],
    ("model", "planck"): ["dataset=planck"],
    ("model", "point"): ["dataset=none", "loss=quadratic"],
    ("model", "densenet"): ["dataset.resize=16", "model.blocks=[1]", "model.stem=4"],
    ("model", "resnet"): ["dataset.resize=32", "model.widths=[4,4]"],
    ("dataset", "linear"): ["model=linreg"],
    ("dataset", "high-dim-linear"): ["model=linreg"],
    ("dataset", "ohm"): ["model=linreg"],
    ("dataset", "planck"): ["model=planck"],
    ("dataset", "airfoil"): ["model=linreg"],
    ("dataset", "csv"): ["model=linreg"],
    ("dataset", "none"): ["model=point", "loss=quadratic"],
    ("loss", "huber"): ["dataset=linear", "model=linreg"],
    ("loss", "mse"): ["dataset=linear", "model=linreg"],
    ("loss", "squared"): ["dataset=linear", "model=linreg"],
    ("loss", "quadratic"): FUNCTION,
    ("loss", "himmelblau"): FUNCTION,
    ("loss", "double-well"): FUNCTION,
    ("loss", "wave"): [*FUNCTION, "model.start=[1]"],
    ("loss", "cosh"): [*FUNCTION, "model.start=[1]"],
    ("optim", "newton"): ["dataset=linear", "model=linreg"],
}


@pytest.fixture(scope="session")
def companions() -> Callable[[str, str], list[str]]:
    """Tells what goes with a choice: ``companions("model", "linreg")``."""
    return lambda group, name: COMPANIONS.get((group, name), [])


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
