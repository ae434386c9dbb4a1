"""What files of others read of the environment: nothing but this program's own variables."""

import json
import sys

import pytest
from omegaconf import OmegaConf

from runner.environment import guard_environment
from runner.report import main as report

SECRET = "hunter2"
# Each makes the same of it as ${oc.env:A_SECRET} does.
READERS = [
    "${oc.env:A_SECRET}",
    "x${ oc.env:A_SECRET,nobody}",
    "${oc.decode:'\\${oc.e${oc.decode:nv}:A_SECRET}'}",
]


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("A_SECRET", SECRET)
    monkeypatch.setenv("RUNNER_SOMETHING", "shown")
    monkeypatch.setattr(sys, "argv", ["runner"])


def read(text):
    guard_environment()
    return OmegaConf.to_container(OmegaConf.create({"value": text}), resolve=True)["value"]


@pytest.mark.parametrize("reader", READERS)
def test_a_variable_of_others_is_not_read(reader):
    with pytest.raises(Exception, match="'A_SECRET' may not be read"):
        read(reader)


def test_the_program_s_own_are_read():
    assert read("${oc.env:RUNNER_SOMETHING}") == "shown"
    assert read("${oc.env:RUNNER_NOTHING,data}") == "data"
    with pytest.raises(Exception, match="RUNNER_NOTHING"):
        read("${oc.env:RUNNER_NOTHING}")


def test_what_is_typed_is_read(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["runner", "name=${oc.env:A_SECRET}"])
    assert read("${oc.env:A_SECRET}") == SECRET


@pytest.mark.parametrize("reader", READERS)
def test_a_study_reads_none_into_a_name(reader, command, tmp_path):
    (tmp_path / "experiments").mkdir(exist_ok=True)
    text = f"# @package _global_\nname: {json.dumps(reader)}\n"
    (tmp_path / "experiments" / "theirs.yaml").write_text(text)
    code, said = command("experiment=theirs", "epochs=1", "dataset.train_size=20")
    assert code == 2 and "may not" in said and SECRET not in said
    assert not (tmp_path / "outputs").exists()


def test_the_report_of_a_stranger_s_run_reads_none(command, tmp_path, capsys):
    folder = tmp_path / "theirs"
    asked = ("epochs=1", "dataset.train_size=20", "model.hidden=[4]", f"hydra.run.dir={folder}")
    assert command(*asked)[0] == 0
    path = folder / ".hydra" / "config.yaml"
    path.write_text(path.read_text().replace("batch_size: 32", "batch_size: ${oc.env:A_SECRET}"))
    assert "A_SECRET" in path.read_text()
    report([str(folder)])
    page = (folder / "report.html").read_text()
    assert SECRET not in page and SECRET not in "".join(capsys.readouterr())
