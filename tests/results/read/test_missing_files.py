import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from runner.results.read.missing_files import _PLAIN, missing_files, reason
from runner.results.read.runs import read_run, read_runs
from runner.results.report import write_report
from runner.results.sweep import read_sweep

POINTS = [{"optim.lr": 0.1, "seed": seed} for seed in range(4)]


def told(folder: Path) -> list[str]:
    return missing_files(read_runs(folder))


def summarise(folder: Path, **entries: Any) -> None:
    path = folder / "summary.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))


def test_whole_files_have_no_holes(folders: Any, make_curve: Any) -> None:
    assert told(folders.sweep("sweep", POINTS)) == []
    assert told(folders.run("failed", {}, status="failed")) == []
    assert told(folders.run("run", {}, make_curve(3), status="diverged")) == []


def test_missing_and_empty_metrics_are_named(folders: Any) -> None:
    folder = folders.sweep("sweep", POINTS)
    (folder / "0" / "metrics.csv").unlink()
    for job in "13":
        (folder / job / "metrics.csv").write_text("")
    assert told(folder) == [
        "run 0: metrics.csv is missing; the curve is left out.",
        "runs 1 and 3: metrics.csv has no row; the curve is left out.",
    ]


def test_metrics_that_end_before_the_summary_are_named(folders: Any) -> None:
    folder = folders.sweep("sweep", POINTS)
    path = folder / "2" / "metrics.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    assert told(folder) == [
        "run 2: metrics.csv ends at epoch 2 of 3; the rest of the curve is missing."
    ]
    path.write_text("".join(lines)[:-2])
    assert told(folder)[0] == "run 2: metrics.csv: a torn last line is left out."
    path.write_text("".join(lines))
    summarise(folder / "2", last={"epoch": 1})
    assert told(folder) == ["run 2: metrics.csv goes on to epoch 3, though summary.json ends at 1."]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is missing"),
        ("", "is empty"),
        ("seed: [1\n", "can't be read"),
        ("seed: 1\nepo", "can't be read"),
        ("\x00\x01", "can't be read"),
        ("- a\n- b: 'c\n", "can't be read"),
    ],
)
def test_damaged_configs_are_named(folders: Any, content: str | None, words: str) -> None:
    folder = folders.sweep("sweep", POINTS)
    path = folder / "1" / ".hydra" / "config.yaml"
    path.unlink() if content is None else path.write_text(content)
    assert told(folder) == [f"run 1: .hydra/config.yaml {words}; the configuration is left out."]


def test_what_was_asked_for_is_missed(folders: Any) -> None:
    folder = folders.sweep("sweep", POINTS)
    (folder / "1" / ".hydra" / "overrides.yaml").unlink()
    (folder / "2" / ".hydra" / "overrides.yaml").write_text("- a\n- 'b")
    assert told(folder) == [
        "run 1: .hydra/overrides.yaml is missing; its overrides are not known.",
        "run 2: .hydra/overrides.yaml can't be read; its overrides are not known.",
    ]


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
trees = st.recursive(
    leaves, lambda t: st.lists(t, max_size=3) | st.dictionaries(st.text(max_size=4), t, max_size=3)
)


@given(st.dictionaries(st.text("ab", min_size=1), trees, min_size=1))
def test_configs_as_they_are_written_are_whole(tmp_path_factory: Any, config: Any) -> None:
    folder = tmp_path_factory.mktemp("run")
    (folder / ".hydra").mkdir()
    (folder / ".hydra" / "overrides.yaml").write_text("[]\n")
    text = yaml.safe_dump(config, allow_unicode=True)
    (folder / ".hydra" / "config.yaml").write_text(text, encoding="utf-8")
    assert missing_files([read_run(folder)]) == []


def test_configs_of_this_program_need_no_parser() -> None:
    lines = "seed: 0\nlr: 1.0e-08\nroot: ${oc.env:ROOT,data}\naugment: []\nnone: null\n"
    nested = "model:\n  name: dropout-mlp\n  hidden:\n  - 256\n  - -1\nlogger: {}\n"
    assert _PLAIN.fullmatch(lines + nested)
    for odd in ("a: b: c\n", "seed 0\n", "a: [1\n", "a: 'b\n", "a: - b\n", "a: 1", "a:\n\n"):
        assert not _PLAIN.fullmatch(lines + odd)


def test_why_a_run_ended_tells_a_damaged_summary_from_none(folders: Any, make_curve: Any) -> None:
    folder = folders.run("run", {}, make_curve(2), status="failed")
    assert reason(read_run(folder)) == "no reason was recorded"
    summarise(folder, reason="out of luck")
    assert reason(read_run(folder)) == "out of luck"
    (folder / "summary.json").write_text('{"status": "o')
    assert reason(read_run(folder)) == "summary.json can't be read: no record says how it ended."
    (folder / "summary.json").unlink()
    assert reason(read_run(folder)) == "It was cut off: no record says how it ended."


def test_holes_are_told_on_the_page_under_failures(folders: Any) -> None:
    folder = folders.sweep("sweep", POINTS)
    (folder / "0" / "metrics.csv").unlink()
    (folder / "1" / "summary.json").write_text("{")
    page = write_report(read_sweep(folder)).read_text(encoding="utf-8")
    section = page[page.index('id="failures"') : page.index('id="settings"')]
    assert "run 0: metrics.csv is missing; the curve is left out." in section
    assert "summary.json can&#39;t be read" in section


def test_many_runs_with_one_hole_are_one_sentence(folders: Any) -> None:
    folder = folders.sweep("sweep", [{"seed": seed} for seed in range(12)], epochs=1)
    for job in range(12):
        (folder / str(job) / ".hydra" / "config.yaml").unlink()
    (words,) = told(folder)
    assert words.startswith("runs 0, 1, 2, 3, 4, 5, 6, 7 and 4 more: .hydra/config.yaml is missing")


def test_a_run_that_never_began_has_no_holes(folders: Any) -> None:
    folder = folders.sweep("sweep", [{"seed": 0}])
    (folder / "jobs.yaml").write_text("- - seed=0\n- - seed=1\n")
    assert [run.status for run in read_runs(folder)] == ["ok", "interrupted"]
    assert told(folder) == []
