"""``--resume`` of a folder of others: refused in a sentence where it would lead out of it."""

import json
import os
import shutil

import pytest

from runner.crew.group_files import GroupFiles
from runner.errors import RequestError

pytestmark = pytest.mark.attack


@pytest.fixture
def theirs(made, tmp_path):
    """A run that was interrupted: nothing says that it ended."""
    folder = tmp_path / "theirs"
    shutil.copytree(made / "run", folder)
    (folder / ".runner" / "groups" / "0" / "done.json").unlink()
    (folder / "summary.json").unlink()
    return folder


@pytest.mark.parametrize("name", [".hydra", "checkpoints", "plots", ".runner/groups"])
def test_a_folder_that_leads_elsewhere_is_not_gone_on_with(name, theirs, command, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    shutil.move(theirs / name, elsewhere)
    (theirs / name).symlink_to(elsewhere)
    before = sorted(elsewhere.rglob("*"))
    code, said = command("--resume", theirs)
    assert code == 2 and f"{theirs / name}' is a symbolic link" in said
    assert sorted(elsewhere.rglob("*")) == before


@pytest.mark.parametrize("name", ["metrics.csv", ".runner/lock", ".runner/sweep.json"])
def test_nor_a_file(name, theirs, command, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    (theirs / name).unlink(missing_ok=True)
    (theirs / name).symlink_to(elsewhere)
    code, said = command("--resume", theirs)
    assert code == 2 and "is a symbolic link" in said
    assert elsewhere.read_text() == "mine"


def test_a_pipe_is_not_waited_for(theirs, command):
    (theirs / ".runner" / "sweep.json").unlink()
    os.mkfifo(theirs / ".runner" / "sweep.json")
    code, said = command("--resume", theirs)
    assert code == 2 and "sweep.json' is no file" in said


@pytest.mark.parametrize(
    "change",
    [
        {"folder": "../elsewhere"},
        {"folder": "/tmp/elsewhere"},
        {"folder": "0/../../elsewhere"},
        {"request": {"../../elsewhere": "mine"}},
        {"request": {"config.yaml": "", "/tmp/elsewhere": "mine"}},
        {"job": []},
        {"config": 3},
    ],
    ids=str,
)
def test_a_plan_leads_nowhere_else(change, theirs, command, tmp_path):
    path = theirs / ".runner" / "groups" / "0" / "plan.json"
    plan = json.loads(path.read_text())
    plan["runs"][0] |= change
    path.write_text(json.dumps(plan))
    code, said = command("--resume", theirs)
    assert code == 2 and "Traceback" not in said, said
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("text", ["[" * 100_000, "3", "{}", '{"runs": [1]}', '{"runs": 1e999}'])
def test_what_is_no_plan_is_named(text, theirs, command):
    path = theirs / ".runner" / "groups" / "0" / "plan.json"
    path.write_text(text)
    code, said = command("--resume", theirs)
    assert code == 2 and "plan.json' can't be read" in said


def test_parts_of_a_group_lie_beside_it(theirs):
    files = GroupFiles(theirs, "0")
    (files.folder / "split.json").write_text('{"into": ["0.1", "../../..", "/tmp", 7, "1.0"]}')
    assert [part.name for part in files.parts()] == ["0.1"]
    with pytest.raises(RequestError):
        (files.folder / "plan.json").write_text('{"runs": []')
        _ = files.plan
