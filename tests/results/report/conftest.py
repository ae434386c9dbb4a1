"""Sweeps to be reported, of every size and shape."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from runner.results.report import write_report


@pytest.fixture
def report() -> Callable[[Path], str]:
    """The report of a folder, written and read again."""

    def report(folder: Path) -> str:
        return write_report(folder).read_text(encoding="utf-8")

    return report


@pytest.fixture
def grid() -> Callable[..., list[dict[str, Any]]]:
    """The points of a grid over some keys."""

    def grid(**keys: Any) -> list[dict[str, Any]]:
        names = [name.replace("__", ".") for name in keys]
        return [dict(zip(names, values, strict=True)) for values in product(*keys.values())]

    return grid
