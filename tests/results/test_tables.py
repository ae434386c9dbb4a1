import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.results.measures import Measures
from runner.results.read.runs import parse_csv, read_run, read_runs
from runner.results.sweep import read_sweep, write_tables
from runner.results.tables import (
    best_first,
    curves_table,
    make_tables,
    point_columns,
    replicate_columns,
    summary_table,
    sweep_table,
    swept_keys,
)


def test_keys_that_differ_are_swept_and_replicates_come_last() -> None:
    jobs = [
        {"seed": seed, "dataset.fold": seed, "model": "mlp", "optim.lr": lr, "hydra.x": seed}
        for seed in range(2)
        for lr in (0.1, 0.2)
    ]
    assert swept_keys(jobs) == ["optim.lr", "seed", "dataset.fold"]
    assert swept_keys(jobs[:1]) == []
    assert swept_keys([{"a": 1}, {"a": 1, "b": 2}]) == ["b"]


@pytest.mark.parametrize(
    ("monitor", "first"), [("val/loss", 0.1), ("val/accuracy", 0.2), ("val/none", 0.3)]
)
def test_points_are_ranked_by_what_chooses_or_keep_their_order(monitor: str, first: float) -> None:
    columns = {"val/loss_mean": [2.0, 1.0, 3.0], "val/accuracy_mean": [0.5, 0.6, 0.7]}
    summary = pd.DataFrame({"optim.lr": [0.3, 0.1, 0.2], "test/loss_mean": [3, 2, 1]} | columns)
    ranked, by = best_first(summary, Measures("classes", monitor=monitor))
    assert ranked["optim.lr"].iloc[0] == first
    assert by == (None if monitor == "val/none" else monitor)


def test_sweep_has_a_row_for_every_job(folders: Any, make_curve: Any) -> None:
    folder = folders.sweep("sweep", [{"optim.lr": lr} for lr in (0.1, 0.2, 0.3)])
    rows = make_curve(2)
    rows[-1]["train/loss"] = math.nan
    folders.run("sweep/3", {"optim.lr": 9}, rows, status="diverged")
    folders.run("sweep/4", {"optim.lr": 10}, status="failed")
    (folder / "5").mkdir()
    sweep = read_sweep(folder)
    write_tables(sweep)
    tables = sweep.tables
    assert tables.sweep["job"].tolist() == [0, 1, 2, 3, 4, 5]
    assert tables.sweep["status"].tolist() == ["ok"] * 3 + ["diverged", "failed", "interrupted"]
    assert list(tables.sweep.columns[:4]) == ["job", "status", "seed", "optim.lr"]
    assert list(tables.sweep.columns[-2:]) == ["signature", "run_dir"]
    assert all((folder / str(name)).is_dir() for name in tables.sweep["run_dir"])
    assert not any(name.startswith("best") for name in tables.sweep.columns)
    assert tables.summary["runs"].sum() == 6
    assert tables.summary["failed"].sum() == 3
    assert set(tables.curves["job"]) == {0, 1, 2, 3}


def test_best_has_columns_where_there_is_a_validation_split(folders: Any, make_curve: Any) -> None:
    best = {"epoch": 2, "step": 20, "val/loss": 0.5, "val/accuracy": 0.9, "model/w1": 2.0}
    folder = folders.sweep("sweep", [{"optim.lr": lr} for lr in (0.1, 0.2)], best=best)
    sweep = sweep_table(read_runs(folder))
    assert sweep["best_epoch"].tolist() == [2, 2]
    assert sweep["best/val/loss"].tolist() == [0.5, 0.5]
    assert not {"best/step", "best/model/w1"} & {*sweep}  # what was measured on a split alone


def test_tables_are_read_back_as_they_are(folders: Any) -> None:
    points = [
        {"model": m, "optim.lr": lr, "seed": s} for m in "ab" for lr in (0.1, 1) for s in (0, 1)
    ]
    folder = folders.sweep("sweep", points)
    sweep = read_sweep(folder)
    write_tables(sweep)
    tables = sweep.tables
    for name in ("sweep", "summary", "curves"):
        table = getattr(tables, name)
        read = parse_csv((folder / f"{name}.csv").read_text())
        if name == "sweep":
            # The name of a folder, which reads as a number.
            read["run_dir"] = read["run_dir"].astype(str)
        pd.testing.assert_frame_equal(read, table, check_dtype=False, check_exact=True)
    again = {name: (folder / f"{name}.csv").read_bytes() for name in ("sweep", "summary", "curves")}
    write_tables(read_sweep(folder))
    assert again == {
        name: (folder / f"{name}.csv").read_bytes() for name in ("sweep", "summary", "curves")
    }


def test_curves_keep_the_digits_of_the_metrics(folders: Any) -> None:
    folder = folders.sweep("sweep", [{"optim.lr": 0.1}, {"optim.lr": 0.2}])
    write_tables(read_sweep(folder))
    lines = (folder / "curves.csv").read_text().splitlines()
    rows = [
        line for job in "01" for line in (folder / job / "metrics.csv").read_text().splitlines()[1:]
    ]
    assert [line.split(",", 2)[2] for line in lines[1:]] == rows


def test_runs_with_other_columns_are_put_under_one_header(folders: Any, make_curve: Any) -> None:
    folder = folders.sweep("sweep", [{"model": "mlp"}], epochs=2)
    folders.run("sweep/1", {"model": "a,b"}, [row | {"val/loss": 0.5} for row in make_curve(2)])
    curves = curves_table(read_runs(folder))
    assert curves["model"].tolist() == ["mlp", "mlp", "a,b", "a,b"]
    assert curves["val/loss"].isna().tolist() == [True, True, False, False]


values = st.floats(0, 1e3) | st.just(math.nan) | st.just(math.inf)
runs = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.001, 3.0]),
        st.sampled_from(["mlp", "null"]),
        st.sampled_from(["ok", "ok", "diverged", "failed"]),
        values,
    ),
    min_size=1,
    max_size=20,
)


@given(runs)
def test_summary_is_what_grouping_by_hand_gives(rows: list[tuple[float, str, str, float]]) -> None:
    sweep = pd.DataFrame(rows, columns=["lambda", "model", "status", "test/loss"])
    sweep = sweep.assign(job=range(len(rows)), seed=range(len(rows)), epoch=1)
    order = ["job", "status", "seed", "lambda", "model", "epoch", "test/loss"]
    summary = summary_table(sweep[order])
    assert summary["runs"].sum() == len(rows)
    for row in summary.to_dict("records"):
        same = [r for r in rows if r[:2] == (row["lambda"], row["model"])]
        good = [r[3] for r in same if r[2] == "ok" and math.isfinite(r[3])]
        assert row["runs"] == len(same)
        assert row["failed"] == sum(r[2] != "ok" for r in same)
        assert row["test/loss_n"] == len(good)
        # Means of up to 20 numbers up to 1e3: rounding stays below 1e-9.
        mean = np.mean(good) if good else math.nan
        assert row["test/loss_mean"] == pytest.approx(mean, abs=1e-9, nan_ok=True)
        assert math.isnan(row["test/loss_std"]) == (len(good) < 2)


def test_seeds_and_folds_are_put_together(folders: Any) -> None:
    points = [
        {"optim.lr": lr, "seed": seed, "dataset.fold": fold}
        for lr in (0.1, 0.2)
        for seed in (0, 1)
        for fold in (0, 1, 2)
    ]
    summary = make_tables(read_runs(folders.sweep("sweep", points))).summary
    assert summary["optim.lr"].tolist() == [0.1, 0.2]
    assert summary["test/accuracy_n"].tolist() == [6, 6]
    assert "seed" not in summary
    assert "dataset.fold" not in summary
    assert "epoch_mean" not in summary


DRAWN = [
    {"optim.lr": lr, "seed": seed, "dataset.seed": 7 + seed}
    for lr in (0.1, 0.2)
    for seed in (0, 1, 2)
]


def test_data_drawn_again_with_the_seed_is_a_repetition(folders: Any) -> None:
    folder = folders.sweep("sweep", DRAWN)
    sweep = read_sweep(folder)
    write_tables(sweep)
    tables = sweep.tables
    assert replicate_columns(tables.sweep) == ["seed", "dataset.seed"]
    assert tables.summary["optim.lr"].tolist() == [0.1, 0.2]
    assert tables.summary["test/accuracy_n"].tolist() == [3, 3]
    assert "dataset.seed" not in tables.summary
    for name in ("sweep", "curves"):
        read = parse_csv((folder / f"{name}.csv").read_text())
        assert point_columns(read) == ["optim.lr"]


@pytest.mark.parametrize("repeats", [1, 3])
def test_data_seeds_swept_by_hand_make_points(folders: Any, repeats: int) -> None:
    points = [{"dataset.seed": d, "seed": s} for d in (0, 1, 2) for s in range(repeats)]
    summary = make_tables(read_runs(folders.sweep("sweep", points))).summary
    assert summary["dataset.seed"].tolist() == [0, 1, 2]
    assert summary["test/accuracy_n"].tolist() == [repeats] * 3


def test_std_of_one_run_is_empty_in_the_file(folders: Any) -> None:
    folder = folders.sweep("sweep", [{}])
    write_tables(read_sweep(folder))
    header, row = (folder / "summary.csv").read_text().splitlines()
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    assert (cells["test/loss_n"], cells["test/loss_std"]) == ("1", "")


def test_run_alone_has_tables_too(folders: Any, make_curve: Any) -> None:
    folder: Path = folders.run("run", {"optim.lr": 0.1}, make_curve(2))
    tables = make_tables([read_run(folder)])
    assert len(tables.sweep) == len(tables.summary) == 1


def test_thousand_runs_take_seconds(folders: Any) -> None:
    """A second for 1000 short runs is usual; ten allow for a busy machine."""
    import time

    points = [{"optim.lr": i, "seed": s} for i in range(100) for s in range(3)]
    folder = folders.sweep("sweep", points, epochs=5)
    start = time.perf_counter()
    sweep = read_sweep(folder)
    write_tables(sweep)
    tables = sweep.tables
    # 300 runs stand for 1000 here, with the time scaled.
    assert (time.perf_counter() - start) * 1000 / 300 < 10
    assert len(tables.curves) == 1500


def test_a_run_that_was_cut_off_has_the_seed_of_its_config(folders, make_curve):
    config = {"seed": 7, "dataset": {"name": "digits"}, "model": {"name": "mlp"}}
    folder = folders.sweep("s", [{"optim.lr": 0.1}, {"optim.lr": 0.2}], config=config)
    (folder / "1" / "summary.json").unlink()
    table = sweep_table(read_runs(folder))
    assert list(table["status"]) == ["ok", "interrupted"]
    assert list(table["seed"]) == [0, 7]


def test_a_damaged_run_has_no_row_without_an_epoch_in_the_curves(folders: Any) -> None:
    folder = folders.sweep("s", [{"optim.lr": 0.1}, {"optim.lr": 0.2}])
    (folder / "0" / "metrics.csv").write_text("foo,epoch\nbar,baz\n")
    curves = read_sweep(folder).tables.curves
    assert curves["job"].tolist() == [1, 1, 1]
    assert np.isfinite(curves["epoch"]).all()
    assert "foo" not in curves
