"""Groups of points into folders: whatever goes wrong ends its own runs alone."""

import json
from pathlib import Path

import pytest
import torch
from hydra.core.utils import JobStatus

from runner.crew import work
from runner.crew.group_files import GroupFiles
from runner.request.launching import Launching
from runner.request.points import RequestedRun
from runner.sweep import launch
from runner.sweep.job import RunFailedError, job_return
from runner.sweep.progress import ProgressDisplay

TINY = ["dataset=linear", "dataset.train_size=20", "model=linreg", "epochs=2"]


@pytest.fixture
def train(make_config, composer, tmp_path: Path):
    """Trains points given by their overrides, in groups of a width, and reads their summaries."""

    def train(*points: list[str], width: int | str = "auto") -> list[dict]:
        folders = [tmp_path / str(job) for job in range(len(points))]
        made: list[RequestedRun] = [composer.point([*TINY, *point]) for point in points]
        configs = [make_config(*TINY, *point) for point in points]
        launch.set_out(tmp_path, made, configs, folders, Launching(width), is_sweep=True)
        launch.train(tmp_path, ProgressDisplay(len(points)))
        return [json.loads((folder / "summary.json").read_text()) for folder in folders]

    return train


@pytest.fixture
def room_for_two(monkeypatch):
    """A memory that holds two runs at a time."""
    build = work.build_group

    def small_memory(configs, recorders, **told):
        if len(configs) > 2:
            raise torch.OutOfMemoryError("no room for more than two")
        return build(configs, recorders, **told)

    monkeypatch.setattr(work, "build_group", small_memory)


def test_a_group_that_does_not_fit_is_split_until_it_does(train, room_for_two, capsys):
    summaries = train(*([f"seed={seed}"] for seed in range(5)), width=5)
    assert [summary["status"] for summary in summaries] == ["ok"] * 5
    # 5 = 2 + 3, and 3 = 1 + 2.
    assert [summary["width"] for summary in summaries] == [2, 2, 1, 2, 2]
    said = " ".join(capsys.readouterr().out.split())
    why = "Out of memory: OutOfMemoryError"
    assert f"A group of 5 runs ended before its time; it goes on in 2 parts: {why}" in said


def test_a_run_that_does_not_fit_alone_is_oom_and_the_rest_go_on(train, monkeypatch):
    build = work.build_group

    def no_room_for_one(configs, recorders, **told):
        if any(config.seed == 1 for config in configs):
            raise torch.OutOfMemoryError("no room")
        return build(configs, recorders, **told)

    monkeypatch.setattr(work, "build_group", no_room_for_one)
    summaries = train(["seed=0"], ["seed=1"], ["seed=2"], width=3)
    assert [summary["status"] for summary in summaries] == ["ok", "oom", "ok"]
    assert "no room" in summaries[1]["reason"]


def test_an_error_ends_its_own_group_alone(train, monkeypatch):
    build = work.build_group

    def faulty(configs, recorders, **told):
        if configs[0].batch_size == 7:
            raise ValueError("seven is out of the question")
        return build(configs, recorders, **told)

    monkeypatch.setattr(work, "build_group", faulty)
    summaries = train(["batch_size=7"], ["batch_size=8"])
    assert [summary["status"] for summary in summaries] == ["failed", "ok"]
    assert summaries[0]["reason"] == "ValueError: seven is out of the question"


def test_no_save_stays_of_a_group_whose_parts_have_ended(
    train, room_for_two, monkeypatch, tmp_path
):
    write = GroupFiles.split

    def split(files, parts):  # as where a group had been saved before it died
        (files.folder / "state.pt").write_bytes(b"a save")
        return write(files, parts)

    monkeypatch.setattr(GroupFiles, "split", split)
    train(*([f"seed={seed}"] for seed in range(3)), width=3)
    assert [*tmp_path.rglob("split.json")] and not [*tmp_path.rglob("state*.pt")]


def test_members_say_their_width_and_threads(train):
    summaries = train(["seed=0"], ["seed=1"], ["batch_size=5"], width=8)
    assert [summary["width"] for summary in summaries] == [2, 2, 1]
    assert {summary["threads"] for summary in summaries} == {1}


@pytest.mark.parametrize(
    ("status", "heard"),
    [("ok", "COMPLETED"), ("diverged", "COMPLETED"), ("failed", "FAILED"), ("oom", "FAILED")],
)
def test_hydra_hears_how_a_run_ended(status, heard, composer, tmp_path):
    done = job_return(composer.point(TINY), tmp_path, status)
    assert done.status == JobStatus[heard]
    if heard == "FAILED":
        with pytest.raises(RunFailedError, match=status):
            done.return_value  # noqa: B018 - Hydra raises what the job had raised
    else:
        assert done.return_value == status
