"""Names and tags on the pages: of a run alone, of a sweep, and in the index of both."""

import json
from pathlib import Path

import pytest

from runner.results import load
from runner.results.report import write_report
from runner.results.report.index import write_index
from runner.results.sweep import read_sweep


def label(run: Path, **words):
    path = run / "summary.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | words))


@pytest.fixture
def both(folders, make_curve):
    """A run and a sweep, each with a name, and tags for one."""
    best = {"epoch": 1.0, "val/loss": 0.125}
    label(folders.run("all/alone", {"optim.lr": 0.1}, make_curve(2), best=best), name="base <i>")
    for job in (0, 1):
        run = folders.run(f"all/many/{job}", {"optim.lr": job}, make_curve(2))
        label(run, name="rates", tags=["exam", "mnist"])
    return folders.root / "all"


def test_the_index_holds_runs_and_sweeps_with_their_names_and_tags(both):
    text = write_index(both).read_text(encoding="utf-8")
    assert "1 sweep and 1 run, the newest first" in text
    assert "base &lt;i&gt;: digits, mlp" in text and "Best: val/loss 0.125" in text
    assert "rates [exam, mnist]: digits, mlp by optim.lr" in text
    assert ", a run; alone" in text and ", 2 runs; many" in text


def test_a_report_begins_with_the_name_and_tags(both):
    text = write_report(read_sweep(both / "many")).read_text(encoding="utf-8")
    assert "<h1>rates [exam, mnist]: digits, mlp by optim.lr</h1>" in text


def test_a_frame_has_names_and_tags_where_any_run_has_one(both, folders, make_curve):
    frame = load(both)
    assert [*frame.columns[:7]] == [
        *("sweep", "job", "run_dir", "status", "seed", "name", "tags")
    ]  # fmt: skip
    assert {*frame["name"]} == {"base <i>", "rates"}
    assert {*frame["tags"]} == {"", "exam, mnist"}
    folders.run("plain", {"optim.lr": 0.1}, make_curve(2))
    assert not {"name", "tags"} & {*load(folders.root / "plain").columns}
