"""The recipe "Add a metric" of CONTRIBUTING, followed in a copy of the project."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

pytestmark = pytest.mark.commands

ROOT = Path(__file__).parents[2]
IMPORTS = '''"""The recipe's metric."""

from typing import Annotated

from pydantic import Field
from torch import Tensor

from runner.metrics.base import Metric, Sums
from runner.registry import register


'''


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with the metric that CONTRIBUTING shows."""
    copy = tmp_path_factory.mktemp("project")
    for folder in ("runner", "hydra_plugins", "conf", "tests/metrics"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / file, copy / file)
    recipe = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add a metric")[2]
    shown = re.search(r"^    @register\(.*?(?=^\S)", recipe, re.MULTILINE | re.DOTALL)
    metric = IMPORTS + dedent(shown[0])
    metric = metric.partition("\nand `conf")[0]
    (copy / "runner" / "metrics" / "newcomer.py").write_text(metric, encoding="utf-8")
    keys = re.search(r"^    # @package metric\.(?P<name>\S+)\n(    .*\n)+", recipe, re.MULTILINE)
    (copy / "conf" / "metric" / f"{keys['name']}.yaml").write_text(dedent(keys[0]), "utf-8")
    return copy


def python(project, *argv):
    return subprocess.run(
        [sys.executable, *argv],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_a_metric_is_a_file_and_a_yaml(project):
    argv = ("dataset=linear", "model=linreg", "epochs=1", "hydra.run.dir=run")
    argv += ("metric=[auto,within]", "metric.within.distance=2", "dataset.val_fraction=0.1")
    argv += ("monitor=val/within",)
    done = python(project, "-m", "runner", *argv)
    assert (done.returncode, done.stderr) == (0, "")
    head = (project / "run" / "metrics.csv").read_text().partition("\n")[0].split(",")
    assert {"train/rmse", "train/within", "test/within"} < set(head)
    summary = json.loads((project / "run" / "summary.json").read_text(encoding="utf-8"))
    assert summary["best_metric"] == "val/within"


def test_the_invariants_take_it_in_without_being_told(project):
    picked = ("-k", "within", "-vv", "-p", "no:cacheprovider", "-p", "no:xdist")
    done = python(project, "-m", "pytest", "tests/metrics/test_every_metric.py", *picked)
    assert done.returncode == 0, done.stdout + done.stderr
    for test in ("test_it_says_what_it_is[within]", "are_measured_as_each_alone[within-numbers]"):
        assert re.search(re.escape(test) + " PASSED", done.stdout), done.stdout
