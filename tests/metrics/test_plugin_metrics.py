"""Metrics of another package: one file each, and every table, figure and comparison knows them."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

pytestmark = pytest.mark.commands

# "missed-recall" is better the lower, though its name speaks of recall.
METRICS = '''
import torch
from torch.nn.functional import one_hot

from runner.metrics.base import Metric
from runner.registry import register


@register("metric", "top-2")
class TopTwo(Metric):
    """The fraction of examples whose class has one of the two largest logits."""

    tasks = default_for = frozenset({"classes"})
    direction = "higher"
    label = "top-2 accuracy"
    unit = "fraction"

    def sums(self, logits, targets):
        hits = (logits.topk(2).indices == targets.unsqueeze(-1)).any(-1)
        return {"hits": hits.to(logits.dtype).sum(1)}

    def finish(self, sums, examples):
        return sums["hits"] / examples


@register("metric", "missed-recall")
class MissedRecall(Metric):
    """One less the recall of a class, averaged over the classes, from a confusion matrix."""

    tasks = default_for = frozenset({"classes"})
    direction = "lower"
    label = "mean missed recall"

    def sums(self, logits, targets):
        true, said = (one_hot(c, logits.shape[-1]) for c in (targets, logits.argmax(-1)))
        return {"confusion": torch.einsum("sbt,sbp->stp", true.float(), said.float())}

    def finish(self, sums, examples):
        matrix = sums["confusion"]
        right, all_of = matrix.diagonal(dim1=1, dim2=2), matrix.sum(2)
        return 1 - (right / all_of.clamp(min=1)).sum(1) / (all_of > 0).sum(1)


@register("metric", "deviation")
class MeanAbsoluteError(Metric):
    """The mean absolute error; measured of numbers, so that classes have no such column."""

    tasks = default_for = frozenset({"numbers"})
    direction = "lower"
    label = "mean absolute error"

    def sums(self, logits, targets):
        return {"error": (logits - targets).abs().mean(-1).sum(1)}

    def finish(self, sums, examples):
        return sums["error"] / examples
'''
POINTS = ["-m", "seed=0,1", "epochs=2", "dataset.train_size=300", "model.hidden=[16]"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("folder")


@pytest.fixture(scope="module")
def call(tmp_path_factory, folder):
    """Runs a command, by default where a package ``theirs`` with the metrics is installed."""
    site = tmp_path_factory.mktemp("site")
    written = {
        "theirs.py": METRICS,
        "theirs-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n",
        "theirs-1.0.dist-info/entry_points.txt": "[runner.components]\ntheirs = theirs\n",
    }
    for name, text in written.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, encoding="utf-8")

    def call(command, *argv, installed=True):
        path = os.pathsep.join([str(site)] * installed + [os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            [sys.executable, "-m", command, *argv],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return call


@pytest.fixture(scope="module")
def sweeps(call, folder):
    """A sweep that learns, and one whose learning rate is far too low."""
    for name, lr in (("good", 0.5), ("bad", 0.0001)):
        done = call("runner", *POINTS, f"optim.lr={lr}", f"hydra.sweep.dir={name}")
        assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_their_columns_are_in_every_table(sweeps):
    own = ["train/loss", "train/accuracy", "train/missed-recall", "train/top-2"]
    for job in ("0", "1"):
        head = (sweeps / "good" / job / "metrics.csv").read_text().partition("\n")[0].split(",")
        assert [name for name in head if name.startswith("train/")] == own
    rows = pd.read_csv(sweeps / "good" / "sweep.csv")
    assert set(own) < set(rows) and "test/deviation" not in rows
    assert (rows["test/top-2"] >= rows["test/accuracy"]).all()
    # The digits' classes are of nearly one size: recall and accuracy differ by little.
    assert rows["test/missed-recall"].add(rows["test/accuracy"]).sub(1).abs().lt(0.05).all()
    assert "test/top-2_mean" in pd.read_csv(sweeps / "good" / "summary.csv")
    assert "test/top-2" in pd.read_csv(sweeps / "good" / "curves.csv")


def test_a_member_of_a_group_has_what_it_has_alone(call, sweeps):
    argv = [word for word in POINTS if word not in ("-m", "seed=0,1")]
    done = call("runner", *argv, "seed=1", "optim.lr=0.5", "hydra.run.dir=alone")
    assert (done.returncode, done.stderr) == (0, "")
    summaries = [
        json.loads((sweeps / name / "summary.json").read_text()) for name in ("alone", "good/1")
    ]
    alone, together = (summary["last"] for summary in summaries)
    assert [summary["width"] for summary in summaries] == [1, 2]
    # Counts of a few hundred examples: one example may be on the other side by float32's rounding.
    assert alone == pytest.approx(together, rel=1e-4, abs=2 / 300)
    assert (sweeps / "alone" / "plots" / "curves.png").stat().st_size > 0


def test_the_summary_and_the_last_lines_tell_them(call, sweeps):
    told = json.loads((sweeps / "good" / "0" / "summary.json").read_text())["metrics"]
    assert list(told) == ["loss", "accuracy", "missed-recall", "top-2"]
    assert told["top-2"] == {"direction": "higher", "label": "top-2 accuracy", "unit": "fraction"}
    assert told["missed-recall"]["direction"] == "lower"
    done = call("runner", "dataset=linear", "model=linreg", "epochs=1", "hydra.run.dir=numbers")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count(" deviation ") and "missed-recall" not in done.stdout


def test_the_report_has_them_and_redraws_them_without_the_package(call, sweeps):
    page = sweeps / "good" / "report.html"
    assert "test/top-2" in page.read_text(encoding="utf-8")
    page.unlink()
    assert call("runner.report", "good", installed=False).returncode == 0
    assert "test/missed-recall" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(("sides", "worse"), [(("good", "bad"), True), (("bad", "good"), False)])
def test_a_check_knows_which_way_each_is_better(call, sweeps, sides, worse):
    check = ("--rtol", "0.05", "--out", "-".join(sides))
    done = call("runner.compare", *sides, *check, installed=False)
    # Either way round ‖w‖ moved, and which way is better nobody knows.
    assert done.returncode == 1 and "model/weight_norm of B moved: " in done.stdout, done.stderr
    assert (" is worse" in done.stdout) == worse
    for metric in ("test/missed-recall", "test/top-2", "test/accuracy", "test/loss"):
        assert (f"{metric} of B is worse: " in done.stdout) == worse
        assert metric in (sweeps / "-".join(sides) / "comparison.html").read_text(encoding="utf-8")
