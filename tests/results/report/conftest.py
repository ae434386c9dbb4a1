"""Sweeps to be reported, of every size and shape."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.results.report import write_report
from runner.results.sweep import read_sweep

spec = importlib.util.spec_from_file_location("browser", Path(__file__).with_name("browser.py"))
browser_module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(browser_module)


@pytest.fixture
def report() -> Callable[[Path], str]:
    """The report of a folder, written and read again."""

    def report(folder: Path) -> str:
        return write_report(read_sweep(folder)).read_text(encoding="utf-8")

    return report


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if browser_module.FOUND is None:
        pytest.skip("there is no Chromium here")
    browser = browser_module.Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def pages():
    """The one report that most tests look at, once it is written."""
    return []


@pytest.fixture
def page(browser, folders, grid, pages):
    if not pages:
        pages.append(make_page(folders, grid))
    browser.faults.clear()
    browser.requests.clear()
    return pages[0]


def make_page(folders, grid):
    points = grid(optim__lr=[0.01, 0.1, 1.0], model__width=[8, 16], a__b=["x", "<b>"], seed=[0, 1])
    folder = folders.sweep("s", points, 5)
    path = folder / "10" / "summary.json"
    told = json.loads(path.read_text()) | {"status": "diverged", "reason": "not finite"}
    path.write_text(json.dumps(told))
    return write_report(read_sweep(folder))
