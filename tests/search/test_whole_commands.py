"""Searches as whole commands: several goals, a run that hangs, a worker that is killed."""

import os
import signal
import time
from pathlib import Path

import pandas as pd
import pytest
from trouble.commands import TINY, content, reached, rows

from runner.results.read.runs import read_run

pytest.importorskip("optuna", reason="the extra 'search' is not installed")
pytestmark = pytest.mark.commands
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="looks for processes there"
)
GOALS = ["val/loss", "val/calibration-error"]
SEVERAL = [
    *("-m", "hydra/sweeper=search", "dataset.train_size=60", "model.hidden=[8]", "epochs=4"),
    *("device=cpu", "optim.lr=tag(log,interval(1e-2,1))", "metric=[auto,calibration-error]"),
    *(f"hydra.sweeper.goals=[{','.join(GOALS)}]", "hydra.sweeper.prune=none"),
    *("hydra.sweeper.trials=8", "hydra.sweeper.round=4"),
    *("hydra.sweeper.confirm.points=2", "hydra.sweeper.confirm.seeds=2"),
]


# ------------------------------------------------------------- several goals


@pytest.fixture(scope="module")
def several(call, tmp_path_factory):
    """A search of two goals, and what the command said."""
    folder = tmp_path_factory.mktemp("several") / "search"
    done = call(*SEVERAL, f"hydra.sweep.dir={folder}")
    assert done.code == 0, done.said
    return folder, done


def test_the_front_is_what_no_other_point_beats_in_both_goals(several):
    folder, _ = several
    points = pd.read_csv(folder / "search.csv")
    assert list(points.columns[-3:]) == [*GOALS, "on_front"]
    assert (points["status"] == "ok").all() and (points["rung"] == 4).all()
    for place, own in points[GOALS].iterrows():
        no_worse = (points[GOALS] <= own).all(axis=1)
        beaten = (no_worse & (points[GOALS] < own).any(axis=1)).any()
        assert points["on_front"][place] == (not beaten)


def test_several_goals_are_told_of_each_with_its_interval_and_none_is_the_best(several):
    folder, done = several
    points = pd.read_csv(folder / "search.csv")
    front = points[points["on_front"]].sort_values("val/loss")["trial"].tolist()
    _, searched = done.said.split("The Pareto front, at the best epoch, on the seeds of the search")
    first, confirmed = searched.split("On 2 fresh seeds each, at the best epoch:")
    shown = [int(line.split()[0]) for line in first.splitlines()[2:] if line[:5].strip().isdigit()]
    assert shown == front
    for heading in ("val/loss ↓ (95 %)", "val/calibration-error ↓ (95 %)"):
        assert heading in confirmed
    for trial in front[:2]:
        assert f"trial {trial}: optim.lr=" in confirmed
    assert confirmed.count("on the test set:") == len(front[:2])
    assert "best by" not in done.said.lower() and "best so far" not in done.said


def test_a_search_of_several_goals_leaves_the_files_of_a_search(several):
    folder, _ = several
    files = ("sweep.csv", "summary.csv", "curves.csv", "report.html", "study.log", "search.csv")
    assert all((folder / name).is_file() for name in files)
    runs = pd.read_csv(folder / "confirm-8" / "sweep.csv")
    assert (runs["status"] == "ok").all() and {"best/val/calibration-error"} <= {*runs.columns}
    # The first goal chooses the best epoch.
    for job in runs["job"]:
        assert read_run(folder / "confirm-8" / str(job)).config["monitor"] == GOALS[0]


def test_a_front_that_is_too_long_to_show_says_so(several, command, monkeypatch):
    folder, _ = several
    number = int(pd.read_csv(folder / "search.csv")["on_front"].sum())
    assert number > 1
    monkeypatch.setattr("runner.search.ending.SHOWN", 1)
    code, said = command("--resume", folder)
    assert code == 0 and f"The first 1 by val/loss of {number} points on the Pareto front" in said


# ------------------------------------------------------------- a run that hangs

HANGING = [
    *("-m", "hydra/sweeper=search", *TINY, "schedule.kind=sleep", "schedule.at=2,7,8,9"),
    *("hydra.sweeper.trials=4", "hydra.sweeper.round=4", "hydra.sweeper.prune=none"),
    "hydra.sweeper.start=[{schedule.at:2},{schedule.at:7},{schedule.at:8},{schedule.at:9}]",
    *("hydra.sweeper.confirm.points=1", "hydra.sweeper.confirm.seeds=2", "hydra.launcher.width=1"),
]


@needs_proc
@pytest.mark.long
def test_a_search_that_hangs_is_interrupted_and_resumed_with_a_time_limit(start, call, tmp_path):
    folder, undisturbed = tmp_path / "search", tmp_path / "calm"
    calm = call(*HANGING, f"hydra.sweep.dir={undisturbed}")
    assert calm.code == 0, calm.said
    command = start(*HANGING, f"hydra.sweep.dir={folder}", TROUBLE=1)
    assert reached(lambda: rows(folder, 0) == 2)  # its third epoch never ends
    command.send_signal(signal.SIGINT)
    time.sleep(0.05)
    command.send_signal(signal.SIGINT)  # it does not wait for the step, which never ends
    command.end()
    assert command.returncode == 130
    # Within 12 s every healthy group takes a step, on a busy machine too.
    limit = "hydra.launcher.timeout_min=0.2"
    done = call("--resume", folder, limit, TROUBLE=1)
    assert done.code == 1
    assert f"No step was completed within {limit} minutes." in done.words
    points, before = (pd.read_csv(one / "search.csv") for one in (folder, undisturbed))
    assert points["status"].tolist() == ["failed", "ok", "ok", "ok"]
    assert points["schedule.at"].tolist() == before["schedule.at"].tolist() == [2, 7, 8, 9]
    for job in "123":
        assert content(folder / job) == content(undisturbed / job)
    assert len(pd.read_csv(folder / "confirm-4" / "sweep.csv")) == 2


# ------------------------------------------------------------- a worker that is killed

SLOW = [
    *("-m", "hydra/sweeper=search", *TINY, "optim.lr=tag(log,interval(1e-2,1))"),
    *("model.hidden=[8],[9]", "checkpoint_seconds=0.05", "hydra.launcher.workers=2"),
    *("epochs=6", "hydra.sweeper.min_epochs=3", "hydra.sweeper.eta=2"),
    *("hydra.sweeper.trials=8", "hydra.sweeper.round=4"),
    *("hydra.sweeper.confirm.points=2", "hydra.sweeper.confirm.seeds=2"),
]


@needs_proc
def test_a_worker_of_a_search_that_is_killed_costs_nothing(start, call, assert_same, tmp_path):
    folder, undisturbed = tmp_path / "search", tmp_path / "calm"
    calm = call(*SLOW, f"hydra.sweep.dir={undisturbed}")
    assert calm.code == 0, calm.said
    command = start(*SLOW, f"hydra.sweep.dir={folder}", SECONDS_EACH_EPOCH=0.5)
    assert reached(lambda: rows(folder, 0) == 1)  # of three to the first rung
    os.kill(command.workers()[0], signal.SIGKILL)
    said = command.end()
    assert command.returncode == 0, said
    assert "it is tried again: Its process was killed (SIGKILL)" in said
    assert_same(undisturbed, folder)
    assert command.is_gone(10)
