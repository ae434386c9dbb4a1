"""``--resume DIR``: what it goes on with, and where it refuses."""

import json

import pytest

from runner import build
from runner.crew.group_files import all_groups

pytestmark = pytest.mark.commands

LINREG = ["model=linreg", "epochs=2", "batch_size=10", "device=cpu"]
SWEEP = ["-m", "dataset=linear", "dataset.train_size=20", *LINREG, "optim.lr=0.01,0.02"]


@pytest.fixture
def sweep(command, tmp_path):
    """A finished sweep of two runs."""
    folder = tmp_path / "sweep"
    command(*SWEEP, "hydra.launcher.workers=0", f"hydra.sweep.dir={folder}")
    return folder


def unfinish(sweep):
    """Leave a sweep as a kill before the first save would have left it."""
    for files in all_groups(sweep):
        files.reopen()
        for run in files.plan.runs:
            path = files.run_folder(run) / "summary.json"
            path.write_text(json.dumps(json.loads(path.read_text()) | {"status": "running"}))


def content(sweep):
    kinds = ("sweep.csv", "summary.csv", "curves.csv", "*/metrics.csv", "*/checkpoints/*.pt")
    paths = [path for kind in kinds for path in sweep.glob(kind)]
    return {str(path.relative_to(sweep)): path.read_bytes() for path in paths}


def edit_record(sweep, part, change):
    path = sweep / ".runner" / "sweep.json"
    record = json.loads(path.read_text())
    record["origin"][part] = dict.fromkeys(record["origin"][part], change)
    path.write_text(json.dumps(record))


def test_what_is_finished_is_not_run_again(command, sweep):
    before = {path: path.stat().st_mtime_ns for path in sweep.glob("[01]/**/*")}
    code, said = command("--resume", sweep)
    assert code == 0
    assert "Nothing is left to train." in said
    assert {path: path.stat().st_mtime_ns for path in sweep.glob("[01]/**/*")} == before


def test_what_has_not_ended_ends_as_it_would_have(command, sweep):
    before = content(sweep)
    unfinish(sweep)
    code, said = command("--resume", sweep)
    assert code == 0, said
    assert content(sweep) == before


@pytest.mark.parametrize(
    ("part", "told"),
    [("versions", "torch was another and is"), ("code", "the code of runner has changed")],
)
def test_other_versions_and_code_are_refused(command, sweep, part, told):
    unfinish(sweep)
    edit_record(sweep, part, "another")
    before = content(sweep)
    code, said = command("--resume", sweep)
    assert code == 2
    assert told in said
    assert "--force resumes all the same." in said
    assert content(sweep) == before
    assert command("--resume", sweep, "--force")[0] == 0
    assert content(sweep) == before


def test_other_versions_are_no_matter_where_nothing_is_left(command, sweep):
    edit_record(sweep, "versions", "another")
    assert command("--resume", sweep)[0] == 0
    assert command("--resume", sweep, "epochs=3")[0] == 2


def test_a_request_that_was_edited_is_refused(command, sweep):
    unfinish(sweep)
    path = sweep / "1" / ".hydra" / "config.yaml"
    path.write_text(path.read_text().replace("epochs: 2", "epochs: 3"))
    code, said = command("--resume", sweep)
    assert code == 2
    assert "1/.hydra/config.yaml has changed" in said


def test_other_data_is_refused(command, tmp_path):
    table, sweep = tmp_path / "table.csv", tmp_path / "sweep"
    rows = [f"{i},{i % 7},{2 * i + 1}" for i in range(40)]
    table.write_text("\n".join(["a,b,y", *rows]) + "\n")
    asked = ["-m", "dataset=csv", f"dataset.path={table}", "dataset.target=y", *LINREG]
    code, said = command(*asked, "optim.lr=0.01,0.02", f"hydra.sweep.dir={sweep}")
    assert code == 0, said
    unfinish(sweep)
    table.write_text(table.read_text().replace("3,3,7", "3,3,8"))
    build._load.cache_clear()  # a command of its own would read the file
    code, said = command("--resume", sweep)
    assert code == 2
    assert "the data of dataset=csv has changed" in said


def test_what_failed_is_run_again_only_when_asked(command, sweep):
    before = content(sweep)
    summary = sweep / "1" / "summary.json"
    summary.write_text(json.dumps(json.loads(summary.read_text()) | {"status": "failed"}))
    code, said = command("--resume", sweep)
    assert code == 1
    assert "Nothing is left to train; --retry runs the 1 that failed again." in said
    first = (sweep / "0" / "summary.json").stat().st_mtime_ns
    code, said = command("--resume", sweep, "--retry")
    assert code == 0
    assert content(sweep) == before
    assert (sweep / "0" / "summary.json").stat().st_mtime_ns == first


def test_what_diverged_would_do_so_again(command, tmp_path):
    sweep = tmp_path / "sweep"
    asked = [one for one in SWEEP if not one.startswith("optim.lr")]
    assert command(*asked, "optim.lr=0.01,1e30", f"hydra.sweep.dir={sweep}")[0] == 1
    before = content(sweep)
    for more in ([], ["--retry"]):
        code, said = command("--resume", sweep, *more)
        assert code == 1
        assert "Nothing is left to train." in said
        assert content(sweep) == before


def test_a_run_on_its_own(command, tmp_path):
    run, longer = tmp_path / "run", tmp_path / "longer"
    asked = ["dataset=linear", "dataset.train_size=20", *LINREG]
    command(*asked, f"hydra.run.dir={run}")
    command(*asked, "epochs=4", f"hydra.run.dir={longer}")
    assert command("--resume", run, "epochs=4")[0] == 0
    for name in ("metrics.csv", "checkpoints/last.pt"):
        assert (run / name).read_bytes() == (longer / name).read_bytes()


@pytest.mark.parametrize("what", ["nothing", "file", "run of a sweep", "older"])
def test_what_is_no_run_and_no_sweep_is_refused(command, sweep, tmp_path, what):
    (tmp_path / "older").mkdir()
    (tmp_path / "file").write_text("")
    place = sweep / "0" if what == "run of a sweep" else tmp_path / what
    code, said = command("--resume", place)
    assert code == 2
    assert str(place) in said


@pytest.mark.parametrize("key", ["predictions", "device.compile"])
def test_a_plan_of_a_version_with_other_keys_is_refused_in_one_sentence(command, sweep, key):
    unfinish(sweep)
    (path, *_) = sweep.glob(".runner/groups/*/plan.json")
    plan = json.loads(path.read_text())
    *group, last = key.split(".")
    for run in plan["runs"]:
        del (run["config"][group[0]] if group else run["config"])[last]
    path.write_text(json.dumps(plan))
    code, said = command("--resume", sweep)
    assert code == 2
    assert f"made by another version, which had not the same keys ({key})" in said
