"""A sweep that is read once serves its tables, its plots and its report."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from runner.errors import RequestError
from runner.results.plots.draw import draw_sweep
from runner.results.report import write_report
from runner.results.sweep import read_sweep, write_tables

OPENED: Counter[str] = Counter()
WATCHED: list[Path] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and WATCHED and str(arguments[0]).startswith(str(WATCHED[0])):
        OPENED[str(arguments[0])] += 1


@pytest.fixture
def opened(folders: Any) -> Any:
    """How often each file of a folder is opened; a hook can't be taken away, so it is told when."""
    sys.addaudithook(_note)
    OPENED.clear()
    WATCHED[:] = [folders.root]
    yield OPENED
    WATCHED.clear()


def test_each_file_of_a_run_is_read_once_at_a_sweeps_end(folders: Any, opened: Any) -> None:
    folder = folders.sweep("s", [{"optim.lr": lr, "seed": s} for lr in (1, 2) for s in (0, 1)])
    opened.clear()
    sweep = read_sweep(folder)
    write_tables(sweep)
    draw_sweep(sweep)
    write_report(sweep)
    names = ("metrics.csv", "summary.json", ".hydra/overrides.yaml")
    found = {name: [opened[str(folder / f"{job}" / name)] for job in range(4)] for name in names}
    assert found == {name: [1, 1, 1, 1] for name in names}


def test_a_run_on_its_own_is_a_sweep_of_one(folders: Any) -> None:
    alone = read_sweep(folders.run("run", {"optim.lr": 1}))
    assert alone.is_single_run
    assert not read_sweep(folders.sweep("s", [{}])).is_single_run


def test_tables_are_made_when_they_are_asked_for_and_kept(folders: Any) -> None:
    sweep = read_sweep(folders.sweep("s", [{"optim.lr": 1}, {"optim.lr": 2}]))
    assert sweep.tables is sweep.tables
    assert sweep.view is sweep.view
    assert sweep.view is not None and sweep.view.keys == ["optim.lr"]


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="neither a run"):
        read_sweep(tmp_path)
