"""What each run has on record of its command: what was typed, which code, on what."""

import json
import platform
import subprocess

import pytest
import torch

from runner.machine import machine

pytestmark = [pytest.mark.commands, pytest.mark.attack]

SMALL = ["dataset.train_size=40", "model.hidden=[6]", "epochs=1", "device=cpu"]


def git(folder, *words):
    own = ["-c", "user.name=a", "-c", "user.email=a@b"]
    done = subprocess.run(["git", *own, *words], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


def records(sweep):
    return [json.loads((sweep / job / "summary.json").read_text()) for job in "01"]


def test_every_run_of_a_sweep_has_its_provenance(command, tmp_path):
    git(tmp_path, "init")
    (tmp_path / "notes.txt").write_text("one\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    (tmp_path / "notes.txt").write_text("two\n")
    asked = ["-m", *SMALL, "seed=0,1", "hydra.launcher.workers=2", "hydra.sweep.dir=out"]
    code, said = command(*asked)
    assert code == 0, said
    for told in records(tmp_path / "out"):
        assert told["command"] == (
            "python -m runner -m dataset.train_size=40 'model.hidden=[6]' epochs=1 device=cpu "
            "seed=0,1 hydra.launcher.workers=2 hydra.sweep.dir=out"
        )
        assert told["git"] == {"revision": git(tmp_path, "rev-parse", "HEAD"), "dirty": True}
        assert told["versions"]["torch"] == torch.__version__.partition("+")[0]
        assert told["versions"]["python"] == platform.python_version()
        assert (told["machine"], told["device"]) == (machine(), "cpu")
        assert told["threads"] == 1
        assert len(told["config"]["data_checksum"]) == len(told["code"]) == 16


def test_where_there_is_no_repository_the_run_is_as_ever(command, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # nor git
    code, said = command(*SMALL, "hydra.run.dir=out")
    assert code == 0, said
    told = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert told["git"] is None
