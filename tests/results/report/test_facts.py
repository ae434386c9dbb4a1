"""The head of a report."""

import json

import pytest

from runner.results.read.runs import read_runs
from runner.results.read.start_times import started
from runner.results.report.facts import command, facts


def begin(folder, *times, **more):
    for job, time in enumerate(times):
        path = folder / str(job) / "summary.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"started": time} | more))
    return read_runs(folder)


def test_a_sweep_began_with_its_first_run_whatever_the_files_say(folders, grid):
    folder = folders.sweep("s", grid(seed=[0, 1, 2]))
    # The second is the earliest: an hour west, the same clock is an hour later.
    runs = begin(folder, "2026-01-01T12:30:00+0100", "2026-01-01T11:20:00+0000")
    assert started(folder, runs).isoformat() == "2026-01-01T11:20:00+00:00"
    assert dict(facts(folder, runs))["started"] == "2026-01-01 11:20"


def test_without_a_word_from_the_runs_the_request_tells(folders, grid):
    folder = folders.sweep("s", grid(seed=[0, 1]))
    written = (folder / "multirun.yaml").stat().st_mtime
    # A datetime has whole microseconds.
    found = started(folder, read_runs(folder)).timestamp()
    assert found == pytest.approx(written, abs=1e-6, rel=0)


def test_what_a_sweep_took_is_from_its_first_run_to_the_end_of_its_last(folders, grid):
    folder = folders.sweep("s", grid(seed=[0, 1]))
    times = "2026-01-01T12:00:00+0000", "2026-01-01T12:00:30+0000"
    assert dict(facts(folder, begin(folder, *times, seconds=12.0)))["took"] == "42 s"
    assert dict(facts(folder, begin(folder, *times, seconds=600)))["took"] == "10 min"
    # A run whose time is not on record may have been the last.
    assert "took" not in dict(facts(folder, begin(folder, times[0], seconds=None)))


def test_a_sweep_is_asked_for_again_with_m_be_its_study_one_or_not(folders, grid):
    folder = folders.sweep("s", grid(experiment=["mine"], seed=[0, 1]))
    (folder / "multirun.yaml").write_text(
        "hydra: {overrides: {task: [experiment=mine, 'seed=0,1'], hydra: [hydra.sweep.dir=x]}}\n"
    )
    assert command(folder, read_runs(folder)) == "python -m runner -m experiment=mine seed=0,1"


def test_a_run_is_asked_for_again_alone_though_it_was_part_of_a_study(folders, grid, make_curve):
    job = folders.sweep("s", grid(experiment=["mine"], seed=[0, 1])) / "1"
    assert command(job, read_runs(job)) == (
        "python -m runner experiment=mine seed=1 hydra.mode=RUN"
    )
    alone = folders.run("alone", {"experiment": "mine"}, make_curve(1))
    assert command(alone, read_runs(alone)) == "python -m runner experiment=mine"
