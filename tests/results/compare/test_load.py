import math
from pathlib import Path
from typing import Any

import pytest

from runner.errors import RequestError
from runner.results.compare.load import ReadOptions, read_side
from runner.results.sweep import read_sweep, write_tables


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def points(count: int, key: str = "optim.lr") -> list[dict[str, Any]]:
    return [{key: value / 10, "seed": seed} for value in range(1, count + 1) for seed in range(3)]


def test_folder_tells_points_seeds_curves_and_speed(folders: Any) -> None:
    side = read_side(str(folders.sweep("a", points(2))))
    assert side.points == [(0.1,), (0.2,)]
    cell = side.at((0.1,), "test/loss")
    assert list(cell.values) == [(0,), (1,), (2,)]
    assert cell.sample.n == 3
    assert set(side.curves) == {(0.1,), (0.2,)}
    assert len(side.curves[(0.1,)]) == 9
    assert side.config["model.name"] == "mlp"
    assert side.measures.task == "classes"
    assert side.notes == []


@pytest.mark.parametrize("name", ["sweep.csv", "curves.csv"])
def test_tables_tell_the_same_cells(folders: Any, name: str) -> None:
    folder = folders.sweep("a", points(2))
    write_tables(read_sweep(folder))
    whole, table = read_side(str(folder)), read_side(str(folder / name))
    assert table.measured == whole.measured
    assert table.config == {}


@pytest.mark.parametrize("name", ["", "sweep.csv", "curves.csv"])
def test_data_drawn_again_with_the_seed_is_paired_with_it(folders: Any, name: str) -> None:
    drawn = [{"optim.lr": 0.1, "seed": seed, "dataset.seed": 5 + seed} for seed in range(3)]
    folder = folders.sweep("a", [*drawn, *({**point, "optim.lr": 0.2} for point in drawn)])
    write_tables(read_sweep(folder))
    side = read_side(str(folder / name))
    assert side.points == [(0.1,), (0.2,)]
    assert list(side.at((0.1,), "test/loss").values) == [(0, 5), (1, 6), (2, 7)]


def test_summary_tells_samples_alone(folders: Any) -> None:
    folder = folders.sweep("a", points(2))
    write_tables(read_sweep(folder))
    whole, table = read_side(str(folder)), read_side(str(folder / "summary.csv"))
    assert table.points == whole.points
    for point in whole.points:
        one, two = table.at(point, "test/loss"), whole.at(point, "test/loss")
        assert one.sample.mean == pytest.approx(two.sample.mean, rel=1e-12)
        assert one.sample.n == two.sample.n
        assert one.values == {}


def test_failed_runs_have_no_part_and_their_points_stay(folders: Any, make_curve: Any) -> None:
    folder = folders.sweep("a", [{"optim.lr": 9.0, "seed": 0}], status="diverged")
    folders.run("a/1", {"optim.lr": 0.1, "seed": 0}, make_curve(2))
    side = read_side(str(folder))
    assert side.notes == ["1 of 2 runs diverged"]
    assert (side.runs, side.failed) == (2, 1)
    assert side.at((9.0,), "train/loss").sample.n == 0
    assert (9.0,) not in side.curves


def test_equal_runs_are_told_apart_by_order(folders: Any) -> None:
    twice = [{"optim.lr": 0.1, "seed": 0}, {"optim.lr": 0.1, "seed": 0}, {"optim.lr": 0.2}]
    side = read_side(str(folders.sweep("a", twice)))
    assert len(side.at((0.1,), "test/loss").values) == 2


def test_run_that_diverged_is_seen_in_its_table(place: Path) -> None:
    place.write_text("epoch,train/loss,weight_norm\n1,0.5,1.0\n2,nan,2.0\n")
    assert read_side(str(place)).notes == ["1 of 1 runs diverged"]


def test_column_of_another_run_is_no_divergence(place: Path) -> None:
    rows = ["job,model,epoch,train/loss,val/loss", "0,mlp,1,0.5,0.4", "1,linreg,1,0.6,"]
    place.write_text("\n".join(rows) + "\n")
    side = read_side(str(place))
    assert side.failed == 0
    assert side.at(("linreg",), "train/loss").sample.mean == 0.6
    assert side.notes == ["val/loss is no number in 1 of 2 runs"]


def test_keys_named_seed_and_fold_are_repetitions(place: Path) -> None:
    place.write_text("﻿kind,data.fold,seed,rmse\na,0,1,0.5\na,1,1,0.6\nb,0,1,0.7\n", "utf-8")
    side = read_side(str(place), ReadOptions(["kind", "data.fold", "seed"]))
    assert side.keys == ["kind"]
    assert side.repeats == ["data.fold", "seed"]
    assert side.metrics == ["rmse"]
    assert side.at(("a",), "rmse").values == {(0, 1): 0.5, (1, 1): 0.6}


def test_folders_may_be_paired_by_other_columns(folders: Any) -> None:
    side = read_side(str(folders.sweep("a", points(2))), ReadOptions(["optim.lr", "seed"]))
    assert side.points == [(0.1,), (0.2,)]
    with pytest.raises(RequestError, match=r"^In '.*': 3 rows have optim\.lr="):
        read_side(str(folders.root / "a"), ReadOptions(["optim.lr"]))


def test_infinite_values_are_left_out(place: Path) -> None:
    place.write_text("seed,rmse\n1,inf\n2,0.5\n3,\n")
    side = read_side(str(place), ReadOptions(["seed"]))
    assert side.notes == ["rmse is no number in 2 of 3 rows"]
    assert side.at((), "rmse").sample.mean == 0.5
    assert math.isnan(side.at((), "rmse").sample.std)


def test_point_told_twice_by_a_summary_is_its_last_row(place: Path) -> None:
    place.write_text("optim.lr,a/b_mean,a/b_std,a/b_n,runs,failed\n1,2,0,3,3,0\n1,5,0,3,3,0\n")
    side = read_side(str(place))
    assert side.at((1,), "a/b").sample.mean == 5
