"""A value for a key that only the swept components have, and the default one has not."""

import json

import pandas as pd
import pytest
import yaml

from runner.report import main as report

SMALL = ["dataset.train_size=40", "model.hidden=[4]", "epochs=3", "device=cpu", "plots=false"]
SEARCH = ["hydra/sweeper=search", "hydra.sweeper.trials=2", "hydra.sweeper.confirm.points=0"]


@pytest.mark.parametrize("more", [[], SEARCH], ids=["sweep", "search"])
def test_it_holds_for_each_and_is_told_as_it_was_typed(command, tmp_path, more):
    folder = tmp_path / "sweep"
    typed = [*SMALL, "optim=adam,adamw", "optim.eps=1e-7"]
    code, said = command("-m", *more, *typed, f"hydra.sweep.dir={folder}")
    assert code == 0, said
    assert len(pd.read_csv(folder / "sweep.csv")) == 2
    for run in ("0", "1"):
        config = yaml.safe_load((folder / run / ".hydra" / "config.yaml").read_text())
        assert config["optim"]["eps"] == 1e-7
    written = yaml.safe_load((folder / "multirun.yaml").read_text())
    assert written["hydra"]["overrides"]["task"] == typed
    assert written["epochs"] == 3
    assert report([str(folder)]) == 0
    assert "optim.eps=1e-7" in (folder / "report.html").read_text(encoding="utf-8")


def test_a_search_asks_for_it_again(command, tmp_path):
    folder = tmp_path / "search"
    typed = [*SMALL, "optim=adam,adamw", "optim.eps=1e-7"]
    code, said = command("-m", *SEARCH, *typed, f"hydra.sweep.dir={folder}")
    assert code == 0, said
    asked = json.loads((folder / ".runner" / "search" / "request.json").read_text())
    assert {*typed} < {*asked["overrides"]}
    code, said = command("--resume", folder)
    assert code == 0, said
