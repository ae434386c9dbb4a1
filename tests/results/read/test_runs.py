import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import RequestError
from runner.results.read.csv_rows import usable
from runner.results.read.runs import (
    is_sweep,
    parse_csv,
    parse_value,
    read_run,
    read_runs,
    whole_lines,
)


def test_run_is_read_from_its_files(folders: Any, make_curve: Any) -> None:
    run = read_run(folders.run("run", {"model": "mlp", "optim.lr": 0.1}, make_curve(4)))
    assert run.overrides == {"model": "mlp", "optim.lr": 0.1}
    assert run.status == "ok"
    assert list(run.metrics["epoch"]) == [1, 2, 3, 4]
    assert run.metrics["train/loss"].tolist() == [1.0, 1 / 2, 1 / 3, 1 / 4]
    assert run.last["train/loss"] == 1 / 4
    assert run.config["dataset"]["name"] == "digits"


def test_torn_last_line_is_dropped(folders: Any, make_curve: Any) -> None:
    folder = folders.run("run", {}, make_curve(3))
    path = folder / "metrics.csv"
    # Cut within the last number: what is left still reads as a number, a wrong one.
    path.write_text(path.read_text()[:-2])
    (folder / "summary.json").unlink()
    run = read_run(folder)
    assert len(run.metrics) == 2
    assert run.last["epoch"] == 2
    assert run.status == "interrupted"


@pytest.mark.parametrize("content", [None, "", "epoch,step"])
def test_a_run_without_metrics_or_an_end_was_cut_off(folders: Any, content: str | None) -> None:
    folder = folders.run("run")
    (folder / "summary.json").unlink()
    if content is not None:
        (folder / "metrics.csv").write_text(content)
    run = read_run(folder)
    assert (run.status, run.last, len(run.metrics)) == ("interrupted", {}, 0)


def test_torn_summary_counts_as_missing(folders: Any, make_curve: Any) -> None:
    folder = folders.run("run", {}, make_curve(2))
    (folder / "summary.json").write_text('{"status": "o')
    assert read_run(folder).status == "interrupted"


def test_null_is_not_a_number(folders: Any, make_curve: Any) -> None:
    rows = make_curve(2)
    rows[-1]["train/loss"] = math.nan
    folder = folders.run("run", {}, rows, status="diverged")
    assert json.loads((folder / "summary.json").read_text())["last"]["train/loss"] is None
    run = read_run(folder)
    assert math.isnan(run.last["train/loss"])
    assert math.isnan(run.metrics["train/loss"].iloc[-1])


def test_jobs_are_in_order_of_number(folders: Any) -> None:
    folder = folders.sweep("sweep", [{"seed": seed} for seed in range(12)], epochs=1)
    assert is_sweep(folder)
    assert [run.job for run in read_runs(folder)] == list(range(12))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda root: root / "nowhere", "There is no folder"),
        (lambda root: root, "neither a run"),
        (lambda root: ((root / "multirun.yaml").write_text("") and None) or root, "holds no runs"),
    ],
)
def test_what_is_no_run_is_named(tmp_path: Path, make: Any, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        read_runs(make(tmp_path))


def test_a_place_that_holds_runs_says_what_to_name(folders: Any, make_curve: Any) -> None:
    runs = folders.root / "runs"
    for name in ("10-00", "11-00"):
        folders.run(f"runs/{name}", {}, make_curve(2))
    with pytest.raises(RequestError, match=f"2 runs and no sweep; name one.*'{runs}/11-00'"):
        read_runs(runs)
    sweep = folders.sweep("sweep", [{}])
    with pytest.raises(RequestError, match=f"holds 1 sweep; name one of them, such as '{sweep}'"):
        read_runs(folders.root)


def test_a_file_is_called_a_file(folders: Any, make_curve: Any) -> None:
    sweep = folders.sweep("sweep", [{}])
    (sweep / "sweep.csv").write_text("job\n0\n")
    with pytest.raises(RequestError, match=f"is a file; give the folder of its sweep, '{sweep}'"):
        read_runs(sweep / "sweep.csv")
    run = folders.run("run", {}, make_curve(1))
    with pytest.raises(RequestError, match=f"is a file; give the folder of its run, '{run}'"):
        read_runs(run / "metrics.csv")
    (folders.root / "else").mkdir()
    (folders.root / "else" / "hi").write_text("hi")
    with pytest.raises(RequestError, match="is a file; give the folder of a run or of a sweep"):
        read_runs(folders.root / "else" / "hi")


@pytest.mark.parametrize(
    ("content", "epochs", "words"),
    [
        ("epoch,step\nfoo,bar\n", [], "1 row has no number for an epoch and is left out"),
        ("epoch,step\n1,2\nnan,3\n,4\ninf,5\n", [1], "3 rows have no number for an epoch and are"),
        ("step,epoch\n1,2\n2,x\n", [2], "1 row has no number"),
        ("epoch,step\n1,2\n2\n3,3,3\n4,4\n", [1, 4], "2 rows have more or fewer cells"),
        ("epoch,step\n1,2\n2,", [1], "a torn last line"),
        ("hi\nthere\n", [], "there is no column epoch"),
    ],
)
def test_rows_without_an_epoch_are_left_out_by_name(
    folders: Any, content: str, epochs: list[int], words: str
) -> None:
    folder = folders.run("run")
    (folder / "metrics.csv").write_text(content)
    run = read_run(folder)
    assert (list(run.metrics["epoch"]) if len(run.metrics) else []) == epochs
    assert len(run.left_out) == 1
    assert words in run.left_out[0]


@given(st.lists(st.text("1,a\n.-", max_size=9), max_size=5))
def test_every_row_that_is_read_has_an_epoch(cells: list[str]) -> None:
    found = usable(whole_lines("epoch,step\n" + "\n".join(cells)), torn=False)
    assert all(math.isfinite(float(row.split(",")[0])) for row in found.rows)
    assert bool(found.header) == bool(found.rows)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**12), 10**12))
def test_numbers_are_read_back_as_they_were(number: float) -> None:
    assert parse_value(repr(number)) == number
    if isinstance(number, float):
        assert parse_csv(f"x\n{number!r}\n")["x"].iloc[0] == number


@pytest.mark.parametrize("text", ["mlp", "[0.2,0.5]", "true", "null", "nan", "inf", ""])
def test_words_stay_as_typed(text: str) -> None:
    assert parse_value(text) == text


def test_words_of_swept_values_stay_words_in_tables() -> None:
    assert parse_csv("a,b\nnull,true\nNA,false\n").to_numpy().tolist() == [
        ["null", "true"],
        ["NA", "false"],
    ]


@given(st.lists(st.text("ab,1", min_size=1)), st.text("ab,1"))
def test_only_whole_lines_are_read(lines: list[str], torn: str) -> None:
    text = "".join(f"{line}\n" for line in lines) + torn
    assert whole_lines(text) == lines
