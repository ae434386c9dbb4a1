from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from runner.models.base import Model
from runner.registry import find

CONF = Path(__file__).parents[2] / "conf" / "model"


def config(name: str) -> dict[str, Any]:
    return yaml.safe_load((CONF / f"{name}.yaml").read_text())


@pytest.fixture
def model_config() -> Callable[[str], dict[str, Any]]:
    return config


@pytest.fixture
def build() -> Callable[..., Model]:
    """Builds a model from its YAML file, in float64, seeded."""

    def build(
        name: str, inputs: tuple[int, ...], outputs: int, seed: int = 0, **keys: Any
    ) -> Model:
        arguments = config(name) | keys
        del arguments["name"]
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return find("model", name)(inputs, outputs, **arguments).double()

    return build
