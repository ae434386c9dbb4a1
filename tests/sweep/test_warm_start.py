"""``init_from`` in commands: said once, on record, found by workers, not needed to go on."""

import json
import shutil

import pytest
import torch

from runner.crew.group_files import all_groups

pytestmark = pytest.mark.commands

SMALL = ["dataset.train_size=40", "dataset.val_fraction=0", "model.hidden=[6]", "device=cpu"]


@pytest.fixture
def source(command):
    """The weights of two runs, in the folders a and b where one stands."""
    for seed, name in enumerate("ab"):
        code, said = command(*SMALL, "epochs=1", f"seed={seed}", f"hydra.run.dir={name}")
        assert code == 0, said


def summary(run):
    return json.loads((run / "summary.json").read_text())


def weights(run):
    return torch.load(run / "checkpoints" / "last.pt", weights_only=True)["params"]


@pytest.mark.parametrize("more", [[], ["hydra.launcher.workers=2", "hydra.launcher.width=2"]])
def test_a_sweep_over_sources_is_told_and_recorded(command, source, tmp_path, more):
    code, said = command(
        *("-m", *SMALL, "epochs=2", "init_from=null,a,b", "repeats=2", "hydra.sweep.dir=out"),
        *more,
    )
    assert code == 0, said
    for name in "ab":
        sentence = f"init_from: 4 of 4 tensors are the last weights of '{tmp_path / name}', of"
        assert said.count(sentence) == 1
    started = [summary(tmp_path / "out" / str(job)).get("init_from") for job in range(6)]
    places = [start and start["path"] for start in started]
    assert places == [None, None, *[str(tmp_path / "a")] * 2, *[str(tmp_path / "b")] * 2]
    assert started[2]["epoch"] == 1 and len(started[2]["taken"]) == 4
    assert "init_from: 4 of 4" in (tmp_path / "out" / "2" / "runner.log").read_text()
    table = (tmp_path / "out" / "sweep.csv").read_text().splitlines()
    assert "init_from" in table[0].split(",")


def test_the_same_weights_wherever_the_command_stands(command, source, tmp_path, monkeypatch):
    alone = [*SMALL, "epochs=1", "seed=5"]
    assert command(*alone, "init_from=a", "hydra.run.dir=one")[0] == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    given = ["init_from=../a,../b", "hydra.sweep.dir=out"]
    assert command("-m", *alone, *given, "hydra.launcher.width=1")[0] == 0
    one, other = weights(tmp_path / "one"), weights(tmp_path / "elsewhere" / "out" / "0")
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert (
        summary(tmp_path / "one")["signature"] == summary(tmp_path / "elsewhere/out/0")["signature"]
    )


def test_it_goes_on_without_the_source_once_it_has_begun(command, source, tmp_path):
    sweep = ["-m", *SMALL, "init_from=a,b"]
    assert command(*sweep, "epochs=3", "hydra.sweep.dir=whole")[0] == 0
    assert command(*sweep, "epochs=2", "hydra.sweep.dir=out")[0] == 0
    before = summary(tmp_path / "out" / "1")["init_from"]
    shutil.rmtree(tmp_path / "a")
    shutil.rmtree(tmp_path / "b")
    code, said = command("--resume", "out", "epochs=3")
    assert code == 0, said
    assert summary(tmp_path / "out" / "1")["init_from"] == before
    whole, parts = (weights(tmp_path / name / "1") for name in ("whole", "out"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_what_has_not_begun_needs_the_very_weights(command, source, tmp_path):
    assert command("-m", *SMALL, "epochs=1", "init_from=a,b", "hydra.sweep.dir=out")[0] == 0
    for files in all_groups(tmp_path / "out"):  # as where it was killed before its first save
        files.reopen()
        for run in files.plan.runs:
            (files.run_folder(run) / "summary.json").unlink()
    shutil.rmtree(tmp_path / "a")
    shutil.copytree(tmp_path / "b", tmp_path / "a")
    for flags in ([], ["--force"]):
        code, said = command("--resume", "out", *flags)
        assert code == 2
        assert said.startswith("init_from: the last weights of") and "have changed" in said


def test_what_can_not_be_started_from_leaves_nothing_behind(command, source, tmp_path):
    before = sorted(path.name for path in tmp_path.iterdir())
    for given in (["init_from=c"], ["init_from=a", "model=softmax"]):
        small = [one for one in SMALL if not one.startswith("model.") or "softmax" not in given[-1]]
        code, said = command(*small, *given, "hydra.run.dir=out")
        assert code == 2, said
        assert said.startswith("init_from: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_what_is_frozen_is_said_when_training_begins(command):
    code, said = command(*SMALL, "epochs=1", "freeze=[layers.1.*]", "hydra.run.dir=out")
    assert code == 0, said
    assert "MLP: 70 parameters and 390 frozen, 40 training examples" in said
