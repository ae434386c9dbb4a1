"""A swept key that only some choices have: such a point is one row of every table."""

import json

import pandas as pd
import pytest
import yaml

from runner.report import main as report
from runner.results import load
from runner.results.compare.comparison import compare
from runner.results.compare.load import ReadOptions, read_side

SMALL = ["dataset.train_size=40", "model.hidden=[4]", "epochs=1", "device=cpu", "plots=false"]
SWEPT = ["-m", "model=mlp,dropout-mlp", "model.dropout=0.25,0.5", "seed=0,1"]
SKIP = "hydra.sweeper.skip_missing=true"
POINTS = [("mlp", None), ("dropout-mlp", 0.25), ("dropout-mlp", 0.5)]


@pytest.fixture
def sweep(command, tmp_path):
    def sweep(name, *more):
        code, said = command(*SMALL, *SWEPT, SKIP, f"hydra.sweep.dir={tmp_path / name}", *more)
        assert code == 0, said
        return tmp_path / name

    return sweep


def points(table):
    cells = table[["model", "model.dropout"]].astype(object)
    return [tuple(row) for row in cells.where(cells.notna(), None).to_numpy().tolist()]


def test_tables_a_frame_and_a_comparison_have_such_a_point_once(sweep):
    one, other = sweep("a"), sweep("b", "optim.lr=0.2")
    assert points(pd.read_csv(one / "sweep.csv")) == [point for point in POINTS for _ in range(2)]
    summary = pd.read_csv(one / "summary.csv")
    assert points(summary) == POINTS
    assert [*summary["val/loss_n"]] == [2, 2, 2]
    frame = load(one)
    assert points(frame) == [point for point in POINTS for _ in range(2)]
    sides = [read_side(folder, ReadOptions()) for folder in (one, other)]
    (contrast,) = compare(sides, ()).contrasts
    assert contrast.matching.kind == "points"
    assert {row.over for row in contrast.overall} == {3}


def test_it_is_made_again_and_gone_on_with(sweep, command):
    folder = sweep("a")
    before = {name: (folder / name).read_bytes() for name in ("sweep.csv", "summary.csv")}
    assert report([str(folder)]) == 0
    assert {name: (folder / name).read_bytes() for name in before} == before
    asked = (folder / "report.html").read_text(encoding="utf-8")
    assert SKIP in asked
    failed = folder / "0" / "summary.json"  # one without the key
    failed.write_text(json.dumps(json.loads(failed.read_text()) | {"status": "failed"}))
    code, said = command("--resume", folder, "--retry")
    assert code == 0, said
    assert {name: (folder / name).read_bytes() for name in before} == before
    code, said = command("--resume", folder, "epochs=2")
    assert code == 0, said
    assert points(pd.read_csv(folder / "summary.csv")) == POINTS
    assert {*pd.read_csv(folder / "sweep.csv")["epoch"]} == {2}
    jobs = yaml.safe_load((folder / "jobs.yaml").read_text())
    assert [any("model.dropout" in line for line in job) for job in jobs] == [False] * 2 + [
        True
    ] * 4
