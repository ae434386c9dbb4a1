"""``load``: one frame of a run, a sweep, or a folder of them."""

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import runner
from runner.errors import RequestError
from runner.results import load
from runner.results.read.runs import read_runs
from runner.results.tables import curves_table

HEAD = ["job", "run_dir", "status", "seed"]


def config(dataset: str = "digits", model: str = "mlp", **more: Any) -> dict[str, Any]:
    lr = more.pop("lr", 0.1)
    named = {"dataset": {"name": dataset}, "model": {"name": model, **more.pop("of_model", {})}}
    return {**named, "optim": {"name": "sgd", "lr": lr}, "epochs": 3, **more}


def keys(frame: pd.DataFrame) -> list[str]:
    names = list(frame.columns)
    return names[names.index("seed") + 1 : names.index("epoch")]


def values(frame: pd.DataFrame, key: str) -> list[Any]:
    """A key's value for each run."""
    return frame.drop_duplicates("run_dir")[key].tolist()


def test_columns_of_a_sweep_and_of_a_run(folders: Any, make_curve: Any) -> None:
    sweep = load(folders.sweep("sweep", [{"optim.lr": lr, "seed": 4} for lr in (0.1, 0.2)]))
    assert list(sweep.columns[:6]) == [*HEAD, "optim.lr", "epoch"]
    assert list(sweep.columns[5:]) == list(make_curve(1)[0])
    run = load(str(folders.run("run", {"optim.lr": 0.1}, make_curve(3))))
    assert list(run.columns[:5]) == [*HEAD, "epoch"]
    assert run["test/loss"].tolist() == sweep.loc[sweep["job"] == 0, "test/loss"].tolist()
    assert sweep["seed"].eq(4).all()


def test_metrics_are_those_of_curves_csv(folders: Any) -> None:
    folder = folders.sweep("sweep", [{"a": a, "seed": s} for a in (1, 2) for s in (0, 1)])
    frame, table = load(folder), curves_table(read_runs(folder))
    assert set(table.columns) - set(frame.columns) == set()
    shared = [name for name in table.columns if name in frame]
    pd.testing.assert_frame_equal(frame[shared], table[shared], check_dtype=True)


@pytest.mark.parametrize("epochs", [1, 7])
def test_a_row_per_run_and_epoch(folders: Any, epochs: int) -> None:
    for name, jobs in (("x", 3), ("y", 2)):
        folders.sweep(name, [{"optim.lr": job} for job in range(jobs)], epochs)
    frame = load(folders.root)
    assert len(frame) == 5 * epochs
    assert frame.groupby(["sweep", "job"]).size().eq(epochs).all()
    assert frame["run_dir"].nunique() == 5
    assert frame["epoch"].dtype == "int64"


def test_a_run_without_rows_is_not_lost(folders: Any) -> None:
    folder = folders.sweep("sweep", [{"a": 1, "seed": 0}, {"a": 2, "seed": 1}])
    folders.run("sweep/2", {"a": 3, "seed": 2}, status="failed")
    frame = load(folder)
    assert len(frame) == 7
    lost = frame[frame["status"] == "failed"]
    assert lost[["job", "seed", "a"]].to_numpy().tolist() == [[2, 2, 3]]
    assert lost.loc[:, "epoch":].isna().all(axis=None)
    assert frame.loc[frame["status"] == "ok", "epoch":].notna().all(axis=None)


def test_a_sweep_of_failures_alone_has_its_keys(folders: Any) -> None:
    for job in range(2):
        folders.run(f"sweep/{job}", {"a": job}, status="failed")
    frame = load(folders.root / "sweep")
    assert list(frame.columns) == [*HEAD, "a"]
    assert frame["a"].tolist() == [0, 1]


def test_torn_and_missing_files(folders: Any) -> None:
    folder = folders.sweep("sweep", [{"a": 1}, {"a": 2}, {"a": 3}])
    torn = folder / "0" / "metrics.csv"
    torn.write_bytes(torn.read_bytes()[:-5])
    for name in ("summary.json", ".hydra/config.yaml"):
        (folder / "1" / name).write_text("{")
    (folder / "2" / "summary.json").unlink()
    frame = load(folder)
    assert frame.groupby("job").size().tolist() == [2, 3, 3]
    assert values(frame, "status") == ["ok", "interrupted", "interrupted"]
    assert values(frame, "a") == [1, 2, 3]


def test_a_folder_of_sweeps_names_each_and_the_newest_is_last(
    folders: Any, make_curve: Any
) -> None:
    for age, name in enumerate(("sweeps/2", "runs/new", "sweeps/1")):
        sweep = name.startswith("sweeps")
        (folders.root / "sweeps").mkdir(exist_ok=True)
        made = folders.sweep(name, [{}]) if sweep else folders.run(name, {}, make_curve(3))
        first = made / ("multirun.yaml" if sweep else ".hydra/overrides.yaml")
        os.utime(first, (1e9 - 100 * age,) * 2)
    frame = load(folders.root)
    assert values(frame, "sweep") == ["sweeps/1", "runs/new", "sweeps/2"]
    assert list(frame.columns[:5]) == ["sweep", *HEAD]
    assert set(values(frame, "job")) == {0}
    assert all(Path(path).is_dir() for path in frame["run_dir"])


def test_a_key_swept_in_one_sweep_has_its_value_in_the_other(folders: Any) -> None:
    own = {"config": config(lr=0.5, regularizer={"name": "l2", "lambda": 0.01})}
    folders.sweep("a", [{"optim.lr": lr} for lr in (0.1, 0.2)], **own)
    folders.sweep("b", [{"regularizer.lambda": x} for x in (0, 3)], **own)
    frame = load(folders.root)
    assert set(keys(frame)) == {"optim.lr", "regularizer.lambda"}
    by_sweep = dict(iter(frame.groupby("sweep")))
    assert values(by_sweep["a"], "optim.lr") == [0.1, 0.2]
    assert values(by_sweep["a"], "regularizer.lambda") == [0.01, 0.01]
    assert values(by_sweep["b"], "optim.lr") == [0.5, 0.5]
    assert values(by_sweep["b"], "regularizer.lambda") == [0, 3]


def test_what_differs_unasked_is_a_key_too(folders: Any) -> None:
    """Two studies may differ in what only their files say; their runs are not the same."""
    folders.sweep("a", [{}], config=config(epochs=3, of_model={"hidden": [8, 8]}, name="x"))
    folders.sweep("b", [{}], config=config(epochs=9, of_model={"hidden": [64]}, seed=5))
    frame = load(folders.root)
    assert set(keys(frame)) == {"epochs", "model.hidden"}
    assert sorted(values(frame, "model.hidden")) == ["[64]", "[8,8]"]


def test_a_key_that_a_run_does_not_have_is_a_hole(folders: Any) -> None:
    other = config(model="dropout-mlp", of_model={"dropout": 0.5})
    folders.sweep("a", [{"model.dropout": 0.5}, {"model.dropout": 0.2}], config=other)
    folders.sweep("b", [{}], config=config(model="linreg", of_model={"bias": True}))
    frame = load(folders.root)
    assert set(keys(frame)) == {"model", "model.dropout"}
    holes = frame[frame["model"] == "linreg"]
    assert holes["model.dropout"].isna().all()
    assert frame["model.dropout"].dtype == "float64"


@pytest.mark.parametrize(
    ("asked", "default"),
    [("0.1", 0.1), ("1e-1", 0.1), ("True", True), ("null", None), ("[8, 8]", [8, 8])],
)
def test_asking_for_the_default_is_no_difference(folders: Any, asked: str, default: Any) -> None:
    own = config(of_model={"x": default})
    folders.sweep("a", [{"model.x": asked}], config=own)
    folders.sweep("b", [{}], config=own)
    assert keys(load(folders.root)) == []


def test_what_changes_no_result_is_a_key_only_where_a_sweep_varied_it(folders: Any) -> None:
    own = config(logger={"csv": {"name": "csv"}})
    folders.sweep(
        "a", [{"logger": "csv", "name": "x", "optim.lr": lr} for lr in (1, 2)], config=own
    )
    folders.sweep("b", [{"logger": "[csv,mlflow]", "device.threads": 1}], config=own)
    assert keys(load(folders.root)) == ["optim.lr"]
    folders.sweep("c", [{"device.threads": x} for x in (1, 2)], config=own)
    frame = load(folders.root)
    assert set(keys(frame)) == {"optim.lr", "device.threads"}


def test_the_loss_is_what_auto_stood_for(folders: Any) -> None:
    def sweep(name: str, loss: str, points: list[dict[str, Any]], dataset: str = "digits") -> Path:
        made: Path = folders.sweep(name, points, config=config(dataset, loss={"name": "auto"}))
        for path in made.glob("*/summary.json"):
            path.write_text(path.read_text().replace('"auto"', f'"{loss}"'))
        return made

    failed = sweep("a", "cross-entropy", [{}, {"loss": "auto"}]) / "1" / "summary.json"
    failed.write_text("{}")
    sweep("b", "cross-entropy", [{"loss": "cross-entropy"}])
    assert keys(load(folders.root)) == []
    sweep("c", "squared", [{}], "linear")
    frame = load(folders.root)
    assert set(keys(frame)) == {"dataset", "loss"}
    told = frame.groupby("dataset")["loss"].unique().map(list).to_dict()
    assert told == {"digits": ["cross-entropy"], "linear": ["squared"]}


def test_references_between_keys_are_filled_in(folders: Any) -> None:
    own = config(lr="${oc.decode:${base}e-2}", base=3)
    folders.sweep("a", [{"base": 3}], config=own)
    folders.sweep("b", [{"optim.lr": 0.5}], config=own)
    frame = load(folders.root)
    assert sorted(values(frame, "optim.lr")) == [0.03, 0.5]


def test_what_runs_share_travels_with_the_frame(folders: Any) -> None:
    own = {"config": config("linear", "linreg"), "task": "numbers"}
    folders.sweep("a", [{"optim.lr": 0.1}, {"optim.lr": 0.2}], **own)
    shared = {"task": "numbers", "loss": "squared", "dataset": "linear", "model": "linreg"}
    loss = {"direction": "lower", "label": "half squared error", "unit": None}
    frame = load(folders.root / "a")
    assert frame.attrs == frame[frame["optim.lr"] > 0.1].attrs
    assert frame.attrs == shared | {"metrics": {"loss": loss}}
    folders.sweep("b", [{}])
    both = load(folders.root).attrs
    # Of what they measured, they share which way it is better.
    assert both.pop("metrics") == {"loss": loss | {"label": ""}}
    assert set(both.values()) == {None}


def test_faults_are_one_sentence(folders: Any, tmp_path: Path) -> None:
    (folders.root / "empty" / "deeper").mkdir(parents=True)
    (folders.root / "started").mkdir()
    (folders.root / "started" / "multirun.yaml").touch()
    for folder in ("nowhere", "empty", "started"):
        with pytest.raises(RequestError) as fault:
            load(tmp_path / folder)
        assert len(fault.value.sentences) == 1
        assert folder in str(fault.value)
    folders.sweep("whole", [{}])
    assert values(load(folders.root), "sweep") == ["whole"]


@pytest.mark.commands
def test_what_the_program_leaves(tmp_path: Path) -> None:
    small = ["dataset.train_size=64", "model.hidden=[8]", "device=cpu"]
    for argv in (
        ["-m", "optim.lr=0.1,1e30", "repeats=2", "epochs=3", *small],
        ["-m", "optim=adam,sgd", "epochs=2", *small],
        ["optim.lr=0.2", "epochs=2", *small],
    ):
        command = [sys.executable, "-m", "runner", *argv]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, env=environment)
    frame = load(tmp_path / "outputs")
    assert set(keys(frame)) == {"optim.lr", "optim", "epochs"}
    assert frame.groupby(["sweep", "job"]).ngroups == 4 + 2 + 1
    assert set(frame["status"]) == {"ok", "diverged"}
    whole = frame[frame["status"] == "ok"].groupby("run_dir")
    assert whole.size().eq(whole["epochs"].first()).all()
    # The one rate that nobody typed is the default of another optimizer.
    assert values(frame[frame["optim"] == "adam"], "optim.lr") == [0.001]
    last = frame.drop_duplicates("run_dir", keep="last").iloc[-1]
    assert math.isfinite(last["test/loss"])
    assert not runner.load_model(last["run_dir"]).training


def test_a_torn_config_spoils_its_own_run_alone(folders: Any) -> None:
    folder = folders.sweep("torn", [{"seed": seed} for seed in range(3)])
    (folder / "1" / ".hydra" / "config.yaml").write_text("dataset:\n  na\nmodel: [1]\n")
    frame = load(folder)
    assert sorted(frame["seed"].unique()) == [0, 1, 2]
    assert frame.attrs["dataset"] is None


TYPED = {
    "regularizer.lambda": "0",
    "model.activation": "'relu'",
    "model.dropout": "[0.5, 0.0]",
    "epochs": 3,
}


def test_a_value_is_the_same_however_it_was_typed(folders: Any, make_curve: Any) -> None:
    rows, dataset = make_curve(1), {"name": "digits"}
    for name, penalty, asked in (
        ("all/typed", 0, TYPED),
        ("all/default", 0.0, {}),
    ):
        model = {"name": "mlp", "activation": "relu", "dropout": [0.5, 0.0]}
        config = {"dataset": dataset, "model": model, "regularizer": {"lambda": penalty}}
        folders.run(name, asked, rows, config=config | {"epochs": 3 if asked else 5})
    frame = load(folders.root / "all")
    keys = list(frame.columns[5 : list(frame.columns).index("epoch")])
    assert keys == ["epochs"]
    assert sorted(frame["epochs"]) == [3, 5]
