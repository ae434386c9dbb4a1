"""The data's checksum: on record, in the signature, told by a comparison, seen by who trains."""

import json
import re

import pytest

from runner import build, compare
from runner.config import Config
from runner.crew.group_files import all_groups
from runner.crew.watch import FileWatch
from runner.crew.work import death_of, train_group

pytestmark = pytest.mark.commands

LINREG = ["model=linreg", "epochs=1", "batch_size=10", "device=cpu"]


@pytest.fixture
def table(tmp_path):
    """A table of two features and a target where one stands."""
    rows = [f"{i},{i % 7},{2 * i + 1}" for i in range(40)]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["a,b,y", *rows]) + "\n")
    return path


@pytest.fixture
def train(command, table):
    """Trains on the table into a folder; what is asked for besides comes first."""

    def train(folder, *more, path="table.csv"):
        build._load.cache_clear()  # a command of its own would read the file
        asked = ["dataset=csv", f"dataset.path={path}", "dataset.target=y", *LINREG, *more]
        key = "sweep" if "-m" in more else "run"
        code, said = command(*asked, f"hydra.{key}.dir={folder}")
        assert code == 0, said

    return train


def edit(table):
    table.write_text(table.read_text().replace("\n3,3,7\n", "\n3,3,8\n"))


def record(run):
    return json.loads((run / "summary.json").read_text())


def compared(capsys, *folders):
    """What a comparison says, and what it writes as Markdown."""
    assert compare.main([*map(str, folders), "--out", "comparison"]) == 0
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.attack
def test_a_table_that_was_edited_is_another_run(train, table, tmp_path, capsys):
    train("before")
    edit(table)
    train("after")
    before, after = (record(tmp_path / name) for name in ("before", "after"))
    assert before["config"]["data_checksum"] != after["config"]["data_checksum"]
    assert before["signature"] != after["signature"]
    said = compared(capsys, "before", "after")
    assert "The data differ: dataset=csv has other content in B than in A: its checksum is" in said
    written = (tmp_path / "comparison" / "comparison.md").read_text()
    assert "The data differ" in written


def test_the_same_table_elsewhere_is_the_same_run(train, table, tmp_path, capsys):
    train("before")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "copy.csv").write_bytes(table.read_bytes())
    train("after", path=tmp_path / "elsewhere" / "copy.csv")
    assert record(tmp_path / "before")["signature"] == record(tmp_path / "after")["signature"]
    assert "The data differ" not in compared(capsys, "before", "after")


def test_of_a_sweep_the_runs_that_saw_other_data_are_named(train, table, tmp_path, capsys):
    train("before", "-m", "seed=0,1,2")
    train("after", "-m", "seed=0,1,2")
    path = tmp_path / "after" / "1" / "summary.json"
    told = json.loads(path.read_text())
    told["config"]["data_checksum"] = "0" * 16
    path.write_text(json.dumps(told))
    said = compared(capsys, "before", "after")
    assert "The data differ: dataset=csv has other content in run 1 of B than in A" in said


def test_what_is_drawn_by_a_law_has_no_checksum(command, tmp_path):
    small = ["dataset=linear", "dataset.train_size=20", *LINREG]
    assert command(*small, "hydra.run.dir=out")[0] == 0
    assert record(tmp_path / "out")["config"]["data_checksum"] is None


def unfinish(folder):
    """Leave a folder as a kill before the first save would have left it."""
    for files in all_groups(folder):
        files.reopen()
        for run in files.plan.runs:
            (files.run_folder(run) / "summary.json").unlink()


@pytest.mark.attack
def test_whoever_trains_refuses_other_data_than_those_of_the_plan(train, table, tmp_path):
    train("out", "-m", "seed=0,1")
    unfinish(tmp_path / "out")
    edit(table)
    build._load.cache_clear()  # a worker, here or on another machine, reads the file itself
    with pytest.raises(build.OtherDataError) as raised:
        train_group(tmp_path / "out", "0", FileWatch(tmp_path / "progress.json"))
    death = death_of(raised.value)
    assert death.kind == "machine"  # no run of the group is to blame: it is not cut in halves
    assert death.reason.startswith("The data of dataset=csv have changed since this was asked for")


def test_a_forced_resume_names_the_data_that_it_trained_on(train, command, table, tmp_path):
    train("out", "-m", "seed=0,1")
    before = record(tmp_path / "out" / "0")
    unfinish(tmp_path / "out")
    edit(table)
    train("fresh")
    assert command("--resume", "out")[0] == 2
    code, said = command("--resume", "out", "--force")
    assert code == 0, said
    after, fresh = record(tmp_path / "out" / "0"), record(tmp_path / "fresh")
    assert after["signature"] == fresh["signature"] != before["signature"]
    assert after["config"]["data_checksum"] == fresh["config"]["data_checksum"]


def make_older(folder):
    """Write a folder's files as versions did that knew no checksum of data."""
    runs = [run for files in all_groups(folder) for run in files.plan.runs]
    older = {run.signature: run.config | {"data_checksum": None} for run in runs}
    older = {now: Config.model_validate(config).signature for now, config in older.items()}
    for path in folder.rglob("*.json"):
        text = re.sub(r'"data_checksum": "[0-9a-f]+",?\s*', "", path.read_text())
        path.write_text(re.sub("|".join(older), lambda found: older[found[0]], text))


def test_folders_without_the_checksum_are_compared_and_resumed(
    train, command, table, tmp_path, capsys
):
    train("out", "-m", "seed=0,1")
    train("other", "-m", "seed=0,1")
    make_older(tmp_path / "out")
    assert "data_checksum" not in record(tmp_path / "out" / "0")["config"]
    assert "The data differ" not in compared(capsys, "out", "other")
    for files in all_groups(tmp_path / "out"):
        files.reopen()
        (files.run_folder(files.plan.runs[-1]) / "summary.json").unlink()
    code, said = command("--resume", "out")
    assert code == 0, said
    assert [record(tmp_path / "out" / job)["status"] for job in "01"] == ["ok", "ok"]
