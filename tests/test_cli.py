"""The program as a person runs it: what it writes, how it ends, what it says."""

import gc
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import yaml

from runner.main import main
from runner.results.read.runs import read_run
from runner.results.report.facts import facts

pytestmark = pytest.mark.commands

SMALL = ["dataset.train_size=100", "model.hidden=[8]", "epochs=2", "device=cpu"]
LONG = ["dataset.train_size=100", "model.hidden=[8]", "epochs=100000", "device=cpu"]
SWEEP = [*SMALL, "-m", "optim.lr=0.1,0.3", "regularizer.lambda=0,0.01", "repeats=2"]
FILES_OF_A_RUN = {
    *(".hydra/config.yaml", ".hydra/overrides.yaml"),
    *("metrics.csv", "summary.json", "runner.log"),
    *("checkpoints/last.pt", "checkpoints/best.pt"),
}
FILES_TO_GO_ON_WITH = {
    *(".runner/lock", ".runner/sweep.json"),
    *(f".runner/groups/0/{name}" for name in ("plan.json", "done.json", "owner")),
}
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1"}
PATIENCE = 60  # seconds; a busy machine takes a few to start


class Ended(NamedTuple):
    code: int
    out: str
    err: str
    folder: Path  # where the program stood

    def outputs(self, kind):
        """The folder of the one run or sweep that was started."""
        (folder,) = self.folder.glob(f"outputs/{kind}/*/*")
        return folder


def command(*argv, flags=()):
    return [sys.executable, *flags, "-m", "runner", *argv]


def call(folder, *argv, flags=()):
    done = subprocess.run(
        command(*argv, flags=flags),
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr, folder)


def interrupt(folder, number, ready, *argv):
    """Start the program, send it a signal once it has begun to train, and wait for its end."""
    with subprocess.Popen(
        command(*argv),
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        deadline = time.monotonic() + PATIENCE
        while not ready(folder) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    return Ended(process.returncode, out, err, folder)


def has_trained(folder):
    return any(path.read_text().count("\n") > 1 for path in folder.rglob("metrics.csv"))


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def summary(folder):
    return json.loads((folder / "summary.json").read_text())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return call(tmp_path_factory.mktemp("run"), *SMALL, "name='a, b'")


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    return call(tmp_path_factory.mktemp("sweep"), *SWEEP, "device.precision=float64")


def test_a_run_writes_its_files_and_nothing_else(run):
    assert (run.code, run.err) == (0, "")
    assert [path.name for path in run.folder.iterdir()] == ["outputs"]
    folder = run.outputs("runs")
    found = files(folder)
    assert {name for name in found if name.startswith("plots/")} >= {"plots/curves.png"}
    rest = {name for name in found if not name.startswith("plots/")}
    own = {".hydra/hydra.yaml", "predictions.npz", "per_class.csv", "preview.npz"}
    assert rest == FILES_OF_A_RUN | FILES_TO_GO_ON_WITH | own


def test_a_run_says_what_it_did_and_where_its_files_are(run):
    assert "epoch 2/2" in run.out
    assert "per_class.csv, plots/" in run.out
    assert str(run.outputs("runs").relative_to(run.folder)) in run.out
    said = summary(run.outputs("runs"))
    assert (said["status"], said["seed"], said["width"], said["threads"]) == ("ok", 0, 1, 1)
    assert {"seconds", "examples_per_second", "device", "signature", "versions", "git"} <= set(said)
    written = yaml.safe_load((run.outputs("runs") / ".hydra/config.yaml").read_text())
    assert (written["epochs"], written["name"], written["model"]["hidden"]) == (2, "a, b", [8])
    assert "hydra" not in written


def test_the_same_run_again_gives_the_same_bytes(run, tmp_path):
    again = call(tmp_path, *SMALL)
    first, second = run.outputs("runs"), again.outputs("runs")
    assert (first / "metrics.csv").read_bytes() == (second / "metrics.csv").read_bytes()
    assert summary(first)["signature"] == summary(second)["signature"]
    rows = pd.read_csv(first / "metrics.csv")
    assert list(rows.columns[:5]) == ["epoch", "step", "lr", "train/loss", "train/accuracy"]
    assert list(rows["epoch"]) == [1, 2]
    assert {"val/loss", "val/accuracy", "test/loss", "model/weight_norm"} < set(rows.columns)
    assert rows.notna().all(axis=None)


def test_a_sweep_writes_its_files_and_nothing_else(sweep):
    assert (sweep.code, sweep.err) == (0, "")
    assert [path.name for path in sweep.folder.iterdir()] == ["outputs"]
    found = files(sweep.outputs("sweeps"))
    of_runs = {f"{job}/{name}" for job in range(8) for name in FILES_OF_A_RUN}
    of_sweep = {"sweep.csv", "summary.csv", "curves.csv", "report.html"}
    of_sweep |= {"multirun.yaml", "jobs.yaml"}
    rest = {name for name in found if not name.startswith("plots/")}
    assert rest == of_runs | of_sweep | FILES_TO_GO_ON_WITH
    assert "plots/curves.png" in found


def test_a_sweeps_tables_have_the_promised_columns(sweep):
    folder = sweep.outputs("sweeps")
    runs, points, curves = (
        pd.read_csv(folder / f"{name}.csv") for name in ("sweep", "summary", "curves")
    )
    keys = ["optim.lr", "regularizer.lambda"]
    metrics = list(pd.read_csv(folder / "0/metrics.csv").columns)
    assert list(runs.columns[:5]) == ["job", "status", "seed", *keys]
    assert list(runs.columns[-2:]) == ["signature", "run_dir"]
    assert set(metrics) | {"best_epoch", "best/val/loss"} <= set(runs.columns)
    assert list(runs["job"]) == list(range(8))
    assert list(runs["run_dir"].astype(str)) == [str(job) for job in range(8)]
    assert list(runs["seed"]) == [0, 1] * 4
    assert set(runs["status"]) == {"ok"}
    assert runs["signature"].is_unique
    assert list(points.columns[:2]) == keys
    assert len(points) == 4
    assert {f"test/loss_{part}" for part in ("mean", "std", "n")} < set(points.columns)
    assert list(points["test/loss_n"]) == [2] * 4
    assert "seed" not in points.columns
    assert set(curves.columns) == {"job", "seed", *keys, *metrics}
    assert list(curves.columns[-len(metrics) :]) == metrics
    assert len(curves) == 16


def test_both_launchers_give_the_same_files_and_results(sweep, tmp_path):
    basic = call(tmp_path, *SWEEP, "device.precision=float64", "hydra/launcher=basic")
    assert (basic.code, basic.err) == (0, "")
    fused, one_by_one = sweep.outputs("sweeps"), basic.outputs("sweeps")
    own = {name for name in files(one_by_one) if name.endswith(".hydra/hydra.yaml")}
    fused_files, basic_files = (
        {name for name in files(folder) if not name.startswith(".runner/")}
        for folder in (fused, one_by_one)
    )
    assert fused_files == basic_files - own
    for job in range(8):
        theirs = pd.read_csv(one_by_one / f"{job}/metrics.csv")
        # In float64 only the order of summation differs between a group and a run alone.
        pd.testing.assert_frame_equal(
            pd.read_csv(fused / f"{job}/metrics.csv"), theirs, rtol=1e-10, atol=1e-10
        )
        assert summary(fused / str(job))["signature"] == summary(one_by_one / str(job))["signature"]
        for name in ("config", "overrides"):
            ours = (fused / f"{job}/.hydra/{name}.yaml").read_text()
            assert ours == (one_by_one / f"{job}/.hydra/{name}.yaml").read_text()


def test_a_run_that_diverges_leaves_the_others_be(tmp_path):
    ended = call(tmp_path, *SMALL, "-m", "optim.lr=0.1,1e30,0.2")
    assert ended.code == 1
    assert "diverged" in ended.out
    assert "Traceback" not in ended.out + ended.err
    folder = ended.outputs("sweeps")
    assert list(pd.read_csv(folder / "sweep.csv")["status"]) == ["ok", "diverged", "ok"]
    lines = (folder / "1/metrics.csv").read_text().splitlines()
    assert len(lines) == 2
    assert dict(zip(lines[0].split(","), lines[1].split(","), strict=True))["train/loss"] == "nan"
    assert len(pd.read_csv(folder / "2/metrics.csv")) == 2
    curves = pd.read_csv(folder / "curves.csv")
    assert list(curves["job"]) == [0, 0, 1, 2, 2]


def test_a_run_that_is_meant_to_diverge_ends_well(tmp_path):
    ended = call(tmp_path, *SMALL, "optim.lr=1e30", "expect=diverged")
    assert ended.code == 0
    assert summary(ended.outputs("runs"))["status"] == "diverged"


def test_predictions_are_kept_where_they_are_asked_for(tmp_path):
    ended = call(tmp_path, *SMALL, "-m", "optim.lr=0.1,0.2", "predictions=true")
    assert ended.code == 0
    folder = ended.outputs("sweeps")
    assert "curves.csv, per_class.csv," in ended.out
    assert pd.read_csv(folder / "per_class.csv")["job"].unique().tolist() == [0, 1]
    for job in "01":
        classes = pd.read_csv(folder / job / "per_class.csv")
        with np.load(folder / job / "predictions.npz") as kept:
            assert list(classes["n"]) == np.bincount(kept["targets"], minlength=10).tolist()
        assert not (folder / job / "plots").exists()
    assert "over the runs of a point" in (folder / "report.html").read_text()
    alone = call(tmp_path, *SMALL, "predictions=false", "hydra.run.dir=alone")
    assert alone.code == 0
    assert list((tmp_path / "alone" / "plots").glob("*.png"))
    assert not {"predictions.npz", "per_class.csv"} & files(tmp_path / "alone")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["optim.lr=0.1"], "The run did not diverge, as expect=diverged says that it should"),
        (["-m", "optim.lr=0.1,0.2"], "No run diverged, as expect=diverged says that it should"),
    ],
)
def test_a_run_that_is_meant_to_diverge_and_does_not_is_told(tmp_path, asked, said):
    ended = call(tmp_path, *SMALL, *asked, "expect=diverged")
    assert ended.code == 1
    assert said in " ".join(ended.out.split())


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("modle=mlp", "There is no key 'modle'; did you mean 'model'?"),
        ("optim.lr=-1", "optim.lr=-1 is not allowed; it takes a number > 0."),
        ("optim.lr=0.1,0.2", "add -m"),
        ("seed=1 -m optim.lr=range(0,0)", "no value at all"),
        ("--bogus", "Unrecognized arguments"),
        ("epochs=${sed}", "epochs has no value"),
        ("experiment=none-such", "There is no experiment 'none-such'"),
        ("model=linreg", "model=linreg does not go with dataset=digits"),
        ("model=lenet-bn dataset.resize=4", "model=lenet-bn"),
        ("--dry-run optim.lr=0", "optim.lr=0 is not allowed"),
        ("--cfg job modle=mlp", "There is no key 'modle'; did you mean"),
        ("-m --cfg job", "-m starts a sweep"),
    ],
)
def test_a_wrong_request_starts_nothing(line, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["runner", *line.split(" ")])
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert main() == 2
    finally:
        signal.signal(signal.SIGTERM, before)
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_wrong_request_is_exit_code_2_in_a_shell_too(tmp_path):
    ended = call(tmp_path, "optim.lr=-1", "epochs=0", "model.hidden=[0]")
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err
    assert len(ended.err.splitlines()) == 3 and not list(tmp_path.iterdir())


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_saves_what_it_has(number, code, tmp_path):
    ended = interrupt(tmp_path, number, has_trained, *LONG)
    assert ended.code == code
    assert "Traceback" not in ended.out + ended.err
    folder = ended.outputs("runs")
    said = summary(folder)
    assert said["status"] == "interrupted"
    rows = pd.read_csv(folder / "metrics.csv")
    assert (folder / "checkpoints/last.pt").is_file()
    assert said["last"]["epoch"] == rows["epoch"].iloc[-1]


WORKERS = "hydra.launcher.workers"


@pytest.mark.parametrize(
    ("launcher", "at_once"),
    [
        (["hydra.launcher.width=1", f"{WORKERS}=0"], {0}),
        (["hydra.launcher.width=1", f"{WORKERS}=2"], {0, 1}),
        (["hydra/launcher=basic"], {0}),
    ],
)
def test_an_interrupted_sweep_writes_its_tables(launcher, at_once, tmp_path):
    ended = interrupt(tmp_path, signal.SIGINT, has_trained, *LONG, *launcher, "repeats=3")
    assert ended.code == 130
    assert "Traceback" not in ended.out + ended.err
    folder = ended.outputs("sweeps")
    runs = pd.read_csv(folder / "sweep.csv")
    # Runs that never began have their rows as well.
    assert list(runs["status"]) == ["interrupted"] * 3
    assert list(runs["seed"]) == [0, 1, 2]
    assert {*pd.read_csv(folder / "curves.csv")["job"]} <= at_once
    said = ended.out.splitlines()
    assert "3 of 3 runs did not finish. To resume:" in said
    assert f"  python -m runner --resume {folder.relative_to(tmp_path)}" in said
    assert {"summary.csv", "multirun.yaml"} < files(folder)


def test_help_is_quick_and_lists_every_group(tmp_path):
    ended = call(tmp_path, "--help", flags=("-X", "importtime"))
    assert ended.code == 0
    for word in ("model: ", "dropout-mlp", "experiment: ", "weight-decay", "--dry-run", "repeats"):
        assert word in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80
    imported = {line.rpartition("|")[2].strip() for line in ended.err.splitlines()}
    heavy = {"torch", "pandas", "matplotlib", "numpy", "sklearn", "pydantic", "rich"}
    assert not imported & heavy


def test_the_config_can_be_looked_at(tmp_path):
    ended = call(tmp_path, "--cfg", "job", "optim=adam", "optim.lr=0.5")
    assert ended.code == 0
    shown = yaml.safe_load(ended.out)
    assert (shown["optim"]["name"], shown["optim"]["lr"]) == ("adam", 0.5)
    assert "hydra" not in shown
    assert not list(tmp_path.iterdir())


def test_a_dry_run_starts_nothing(tmp_path):
    ended = call(tmp_path, *SWEEP, "--dry-run")
    assert (ended.code, ended.err) == (0, "")
    assert "8 points" in ended.out and "nothing was started" in ended.out
    assert "predicted ms per step and run: " in " ".join(ended.out.split())
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "optim.lr=0.3 regularizer.lambda=0.01 seed=1 repeats=1" in " ".join(ended.out.split())
    assert not list(tmp_path.iterdir())


def test_a_run_on_a_table_names_its_features(thousands, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["runner", *thousands, "plots=false", "hydra.run.dir=run"])
    assert main() == 0
    assert capsys.readouterr().out.splitlines()[1] == "Features: 1 a, 2 b."
    assert dict(facts(tmp_path, [read_run(tmp_path / "run")]))["features"] == "1 a, 2 b"


def test_completion_says_how_it_is_switched_on(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["runner", "-sc", "--help"])
    assert main() == 0
    assert capsys.readouterr().out.startswith('eval "$(runner -sc install=bash)" lets Tab complete')


def test_garbage_is_collected_while_a_resumed_run_trains(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["runner", *SMALL, "plots=false", "hydra.run.dir=run"])
    assert main() == 0
    seen = []
    monkeypatch.setattr("runner.sweep.resume.extend", lambda *_: seen.append(gc.isenabled()))
    monkeypatch.setattr("sys.argv", ["runner", "--resume", "run", "epochs=3"])
    assert main() == 0
    assert seen == [True]


def test_a_wrong_word_after_resume_is_one_sentence(run, capsys, monkeypatch):
    folder = run.outputs("runs")
    for line, sentence in {
        "foo": "foo has no '='; write key=value.",
        "epochs=0": "epochs=0 is not allowed; it takes a whole number ≥ 1.",
    }.items():
        monkeypatch.setattr("sys.argv", ["runner", "--resume", str(folder), line])
        assert main() == 2
        assert capsys.readouterr().err.splitlines() == [sentence]
