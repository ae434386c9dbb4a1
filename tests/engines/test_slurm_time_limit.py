"""A real time limit is hit. Slurm looks at the limits every 30 s: this takes two minutes."""

import json

import pytest
from trouble.commands import content

from engines.slurm_sweeps import SLURM, submitted, sweep_of

pytestmark = [pytest.mark.engines, pytest.mark.long]


def test_who_gets_on_takes_its_place_again_and_who_does_not_fails(slurm, call, tmp_path):
    kinds = ["schedule.kind=none,sleep", "schedule.at=2"]
    limits = ["hydra.launcher.timeout_min=1", "hydra.launcher.retries=0"]
    folder, calm = tmp_path / "sweep", tmp_path / "calm"
    slow = {"SECONDS_EACH_EPOCH": 1, "TROUBLE": 1}  # the other sleeps in its third epoch
    done = call(*sweep_of(folder, *kinds), *SLURM, *limits, **slow)
    assert done.code == 1, done.said
    assert call(*sweep_of(calm, *kinds), "hydra.launcher.workers=2").code == 0
    assert content(folder / "0") == content(calm / "0")
    log = (folder / "0" / "runner.log").read_text()
    assert "interrupted: The command was interrupted." in log and "goes on from epoch" in log
    summary = json.loads((folder / "1" / "summary.json").read_text())
    assert summary["status"] == "failed"
    assert summary["reason"].endswith("of Slurm reached its time limit.")
    assert submitted(folder) == 2
