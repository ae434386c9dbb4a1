from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from runner.component_keys import argument_of, per_member_keys
from runner.optim.base import Optimizer
from runner.registry import find

CONF = Path(__file__).parents[2] / "conf" / "optim"
Settings = dict[str, Any]


def defaults(name: str) -> Settings:
    """The keys and values of a choice, without its name."""
    node = yaml.safe_load((CONF / f"{name}.yaml").read_text())
    assert node.pop("name") == name
    return node


def gather(name: str, members: list[Settings]) -> Settings:
    """The constructor's arguments for a group of members, each given by what differs from YAML."""
    whole = [defaults(name) | member for member in members]
    swept = per_member_keys("optim", name)
    return {
        argument_of(key): torch.tensor([member[key] for member in whole], dtype=torch.float64)
        if key in swept and value is not None
        else value
        for key, value in whole[0].items()
    }


@pytest.fixture
def optim_defaults() -> Callable[[str], Settings]:
    return defaults


@pytest.fixture
def group() -> Callable[[str, list[Settings]], Optimizer]:
    """Builds the optimizer of a group of members."""
    return lambda name, members: find("optim", name)(**gather(name, members))
