"""Speed of runs that had a clock of their own, and of groups that shared one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.results.compare.comparison import compare
from runner.results.compare.load import read_side, speed_of
from runner.results.compare.significance import caveats
from runner.results.compare.text import speed_section
from runner.results.read.runs import read_runs

Timed = Callable[..., Path]


@pytest.fixture
def timed(folders: Any) -> Timed:
    """A sweep whose runs tell seconds, examples per second, and how many trained side by side."""

    def timed(name: str, *told: tuple[float, float, int]) -> Path:
        folder: Path = folders.sweep(name, [{"seed": seed} for seed in range(len(told))])
        for job, (seconds, rate, width) in enumerate(told):
            path = folder / str(job) / "summary.json"
            summary = json.loads(path.read_text())
            speed = {"seconds": seconds, "examples_per_second": rate, "width": width}
            path.write_text(json.dumps(summary | speed))
        return folder

    return timed


def rows(*folders: Path) -> dict[str, list[str]]:
    (section,) = speed_section(compare([read_side(str(folder)) for folder in folders]))
    assert section.table is not None
    return {row[0]: list(row[1:]) for row in section.table.rows} | {"notes": list(section.after)}


def test_runs_that_shared_a_clock_are_not_slower(timed: Timed) -> None:
    """Nine runs in 1.9 s are 0.21 s each; each saw 3000 examples a second, all of them 27000."""
    found = rows(timed("a", *[(1.9, 3000, 9)] * 9), timed("b", *[(0.3, 20000, 1)] * 9))
    assert found["wall time per group (s)"] == ["1.9", "0.3"]
    assert found["wall time per run (s)"] == ["0.211", "0.3"]
    assert found["examples per second, per group"] == ["27000", "20000"]
    assert found["width"] == ["9", "1"]
    (note,) = found["notes"]
    assert note.startswith("Runs of A were trained together in groups")


def test_where_no_run_shared_a_clock_nothing_is_said_of_groups(timed: Timed) -> None:
    found = rows(timed("a", (1, 100, 1), (3, 200, 1)), timed("b", (4, 300, 1)))
    assert found == {
        "wall time (s)": ["2", "4"],
        "examples per second": ["150", "300"],
        "notes": [],
    }


def test_each_group_counts_once(timed: Timed) -> None:
    """Three runs in 6 s, and one in 1 s: two groups, 7 s, four runs."""
    speed = speed_of(read_runs(timed("a", *[(6, 10, 3)] * 3, (1, 20, 1))))
    assert speed["seconds"] == pytest.approx(3.5)
    assert speed["seconds_per_run"] == pytest.approx(7 / 4)
    assert speed["width"] == "3, 1"


def test_what_no_run_tells_is_missing(folders: Any) -> None:
    assert speed_of(read_runs(folders.sweep("a", [{}, {}]))) == {}


def test_a_run_that_never_began_ran_on_no_device(timed: Timed) -> None:
    folder = timed("a", (6, 10, 1), (6, 10, 1))
    for job, told in enumerate(
        ({"device": "cpu", "threads": 1}, {"device": None, "threads": None})
    ):
        path = folder / str(job) / "summary.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | told))
    speed = speed_of(read_runs(folder))
    assert (speed["device"], speed["threads"]) == ("cpu", "1")


def on_machine(folder: Path, *machines: str) -> Path:
    """Say of the runs of a sweep what they were trained on."""
    for job, machine in enumerate(machines):
        path = folder / str(job) / "summary.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"machine": machine}))
    return folder


def how_to_read(*folders: Path) -> str:
    found = list(caveats(compare([read_side(str(folder)) for folder in folders])))
    return " ".join(word for section in found for word in section.before)


def test_runs_of_different_machines_are_told(timed: Timed) -> None:
    one = on_machine(timed("one", (9.0, 1.0, 1), (9.0, 1.0, 1)), "AMD, 2 cores", "AMD, 2 cores")
    same = on_machine(timed("same", (9.0, 1.0, 1), (9.0, 1.0, 1)), "AMD, 2 cores", "AMD, 2 cores")
    mixed = on_machine(timed("mixed", (9.0, 1.0, 1), (9.0, 1.0, 1)), "AMD, 2 cores", "Intel")
    assert "different machines" not in how_to_read(one, same)
    assert "A: AMD, 2 cores. B: AMD, 2 cores; Intel." in how_to_read(one, mixed)
