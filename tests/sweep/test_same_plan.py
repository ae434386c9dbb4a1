"""The same request gets the same plan, and the same results, whatever else the machine does.

``RUNNER_ALL_PLANS=1`` plans every study beside a busy process, not three of them.
"""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.build import load_data
from runner.config import Config, check
from runner.engine import rehearsal
from runner.errors import RequestError
from runner.paths import conf_folder
from runner.request.command_line import read
from runner.request.validate import check_request
from runner.sweep.plan import groups, plan

STUDIES = sorted(path.stem for path in (conf_folder().parent / "experiments").glob("*.yaml"))
SHORT = ("vanishing-gradients", "weight-decay", "zero-init")  # near a tie, all together, between
PLANS = 20
# All of them take five minutes, in which the machine has time for little else.
BESIDE = STUDIES if os.environ.get("RUNNER_ALL_PLANS") else SHORT


@pytest.fixture(scope="module")
def busy() -> Iterator[None]:
    """Keeps every core busy."""
    burn = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(burn) for _ in range(os.cpu_count() or 1)]
    yield
    for process in processes:
        process.kill()
        process.wait()


def runs(study: str) -> list[Config]:
    """The runs of a study's first and last group: those between are of the same kind."""
    points = check_request(read([f"experiment={study}", "device=cpu"])).points
    configs = [check(point.resolved) for point in points]
    alike = groups(configs)
    try:
        load_data(configs[0])
    except RequestError as error:
        pytest.skip(f"its data is not at hand: {error}")
    return [configs[job] for group in {0, len(alike) - 1} for job in alike[group]]


@pytest.mark.commands  # they start none, but take as long
@pytest.mark.parametrize("study", BESIDE)
def test_a_study_has_one_plan_beside_a_busy_process(study, busy):
    configs = runs(study)
    assert len({tuple(plan(configs, "auto")) for _ in range(PLANS)}) == 1


@pytest.mark.parametrize("study", SHORT)
def test_a_plan_owes_nothing_to_the_clock(study, monkeypatch):
    configs = runs(study)
    by_a_clock_that_runs = plan(configs, "auto")
    monkeypatch.setattr(rehearsal.time, "perf_counter", random.random)
    assert plan(configs, "auto") == by_a_clock_that_runs


def metrics(folder: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in folder.glob("*/metrics.csv")}


@pytest.mark.commands
@pytest.mark.long
def test_a_study_gives_the_same_bytes_alone_and_beside_a_busy_process(tmp_path, request):
    command = [sys.executable, "-m", "runner", "experiment=vanishing-gradients", "device=cpu"]
    command += ["epochs=1", "model.init=normal,kaiming", "dataset.train_size=320"]
    for folder in ("alone", "beside"):
        if folder == "beside":
            request.getfixturevalue("busy")
        subprocess.run([*command, f"hydra.sweep.dir={tmp_path / folder}"], check=True)
    assert len(metrics(tmp_path / "alone")) == 18
    assert metrics(tmp_path / "alone") == metrics(tmp_path / "beside")
