"""The index of many sweeps."""

import json
import os
import re

import pytest

from runner.report import main
from runner.results.report.index import find_all, write_index


@pytest.fixture
def shelf(folders, grid, make_curve):
    """Three sweeps at two depths, the last of them the oldest, and a run."""
    (folders.root / "all" / "2026-01-01").mkdir(parents=True)
    folders.sweep("all/2026-01-01/new", grid(optim__lr=[0.1, 0.2]))
    folders.sweep("all/mid <b>", grid(optim=["sgd", "adam"]), status="diverged")
    (folders.root / "all" / "old").mkdir()
    for job, loss in enumerate((0.5, 0.25)):
        rows = [row | {"val/loss": loss} for row in make_curve(2)]
        folders.run(f"all/old/{job}", {"optim.lr": job}, rows)
    folders.run("all/a run", {"optim.lr": 0.1}, make_curve(2))
    root = folders.root / "all"
    for age, name in enumerate(("2026-01-01/new/multirun.yaml", "mid <b>/multirun.yaml", "old")):
        os.utime(root / name, (1e9 - age, 1e9 - age))
    return root


def test_sweeps_and_runs_are_found_at_any_depth_the_newest_first(shelf):
    found = [path.relative_to(shelf).as_posix() for path in find_all(shelf)]
    assert found == ["a run", "2026-01-01/new", "mid <b>", "old"]


def test_the_name_of_a_folder_is_no_script(shelf, folders, make_curve):
    folders.run("all/javascript:alert(1)", {"optim.lr": 0.1}, make_curve(2))
    text = write_index(shelf).read_text(encoding="utf-8")
    assert 'href="javascript%3Aalert%281%29"' in text and 'href="javascript:' not in text


def test_index_says_what_was_asked_and_what_came_of_it(shelf):
    main([str(shelf / "2026-01-01" / "new")])
    text = write_index(shelf).read_text(encoding="utf-8")
    assert 'href="2026-01-01/new/report.html"' in text
    assert 'src="2026-01-01/new/plots/curves.png"' in text
    assert "digits, mlp by optim.lr" in text
    assert "<strong>2 failed</strong>" in text
    assert "mid &lt;b&gt;" in text
    assert 'href="mid%20%3Cb%3E"' in text
    assert "optim.lr 1: val/loss 0.25" in text
    assert "none: there is no validation split" in text
    assert "http:" not in text
    assert "https:" not in text


def test_door_writes_the_index_of_a_folder_of_sweeps(shelf, capsys):
    assert main([str(shelf)]) == 0
    assert capsys.readouterr().out.endswith("index.html\n")
    assert main([str(shelf / "2026-01-01")]) == 0


def test_sweep_without_runs_is_listed(shelf):
    (shelf / "none").mkdir()
    (shelf / "none" / "multirun.yaml").write_text("hydra: {}\n")
    assert "0 runs" in write_index(shelf).read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n"])
def test_a_damaged_table_is_made_again_from_the_runs(shelf, content):
    (shelf / "2026-01-01" / "new" / "sweep.csv").write_bytes(content)
    entries = re.findall(r"(\d+) runs", write_index(shelf).read_text(encoding="utf-8"))
    assert entries == ["2", "2", "2"]


def test_runs_that_never_began_are_counted(folders):
    (folders.root / "all" / "s").mkdir(parents=True)
    (folders.root / "all" / "s" / "multirun.yaml").touch()
    (folders.root / "all" / "s" / "jobs.yaml").write_text("- [seed=0]\n- [seed=1]\n")
    text = write_index(folders.root / "all").read_text(encoding="utf-8")
    assert "2 runs, <strong>2 failed</strong>" in text


def test_the_best_point_is_that_of_the_metric_that_chooses_though_a_run_failed(folders, make_curve):
    (folders.root / "s").mkdir()
    (folders.root / "s" / "multirun.yaml").write_text("hydra: {}\n")
    folders.run("s/0", {"optim.lr": 9.0}, status="failed")
    for job, share in enumerate((0.6, 0.9), 1):
        rows = [row | {"val/loss": share, "val/accuracy": share} for row in make_curve(2)]
        folders.run(f"s/{job}", {"optim.lr": 0.1 * job}, rows)
    for job, metric in enumerate((None, "val/accuracy", "val/accuracy")):
        path = folders.root / "s" / str(job) / "summary.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"best_metric": metric}))
    text = write_index(folders.root).read_text(encoding="utf-8")
    assert "optim.lr 0.2: val/accuracy 0.9" in text
