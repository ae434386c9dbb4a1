"""MLflow: written by training into a real store, and read back through its own client."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mlflow", reason="the extra 'mlflow' is not installed")

from runner.build import build_logger
from runner.loggers.base import NewRun
from runner.loggers.mlflow import MLflow


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A database that MLflow has set up, which takes it seconds, to be copied."""
    path = tmp_path_factory.mktemp("store") / "mlflow.db"
    MLflow(store=f"sqlite:///{path}", experiment="runner")
    return path.read_bytes()


@pytest.fixture
def database(empty, tmp_path):
    """A store of the test's own; MLflow remembers those it opened by their addresses."""
    path = tmp_path / "mlflow.db"
    path.write_bytes(empty)
    return path


@pytest.fixture
def store(database):
    return f"sqlite:///{database}"


@pytest.fixture
def chosen(store):
    return ["logger=mlflow", f"logger.mlflow.store={store}"]


@pytest.fixture
def read(store):
    """Reads every run of the store, with the client to ask for more."""

    def read(experiment="runner"):
        client = MLflow(store=store, experiment=experiment).client
        found = client.get_experiment_by_name(experiment)
        runs = client.search_runs([found.experiment_id])
        return client, {run.info.run_name.split()[0]: run for run in runs}, len(runs)

    return read


def test_every_member_is_a_run_under_that_of_its_sweep(train, rows_of, chosen, read):
    folders = train(*([*chosen, f"optim.lr={lr}"] for lr in (0.1, 0.3, 0.5)))
    client, runs, _ = read()
    parents = [run for run in runs.values() if "mlflow.parentRunId" not in run.data.tags]
    members = sorted(
        (run for run in runs.values() if run not in parents), key=lambda run: run.info.run_name
    )
    (parent,) = parents
    assert (parent.info.status, parent.data.tags["status"]) == ("FINISHED", "ok")
    assert parent.data.tags["folder"] == str(folders[0].parent)
    assert {run.data.tags["mlflow.parentRunId"] for run in members} == {parent.info.run_id}
    for run, folder, lr in zip(members, folders, ("0.1", "0.3", "0.5"), strict=True):
        summary = json.loads((folder / "summary.json").read_text())
        assert run.info.run_name.startswith(f"{folder.name} ")
        assert run.info.run_name.endswith(f"optim.lr={lr}")
        assert run.info.status == "FINISHED"
        assert run.data.tags["signature"] == summary["signature"]
        assert (run.data.tags["status"], run.data.tags["folder"]) == ("ok", str(folder))
        params = run.data.params
        assert (params["optim.lr"], params["model.name"], params["epochs"]) == (lr, "mlp", "3")
        assert not [name for name in params if name.startswith("logger")]
        rows = rows_of(folder)
        assert set(run.data.metrics) == set(rows[0]) - {"epoch"}
        for name in run.data.metrics:
            history = client.get_metric_history(run.info.run_id, name)
            assert [point.step for point in history] == [1, 2, 3]
            # metrics.csv keeps nine significant digits.
            values = [point.value for point in history]
            assert values == pytest.approx([row[name] for row in rows], rel=1e-8)


def test_two_commands_go_into_one_store(train, chosen, read):
    train(chosen, sweep="first")
    train(chosen, sweep="second")
    train([*chosen, "logger.mlflow.experiment=other"], sweep="third")
    assert read()[2] == 4  # each time the sweep and its run
    assert read("other")[2] == 2


def test_a_run_alone_has_no_parent(tmp_path, store, read):
    logger = MLflow(store=store, experiment="runner")
    run = NewRun(tmp_path / "12-30", None, (), {"name": None, "optim": {"lr": 1.0}}, "abc")
    logger.open(run).finish({"status": "ok"})
    logger.close("ok")
    (made,) = read()[1].values()
    assert (made.info.run_name, made.data.params) == ("12-30", {"name": "None", "optim.lr": "1.0"})
    assert "mlflow.parentRunId" not in made.data.tags


def test_a_diverging_member_fails_and_so_does_its_sweep(train, chosen, read):
    train([*chosen, "seed=0"], [*chosen, "optim.lr=1e30"])
    client, ends, _ = read()
    assert (ends["0"].info.status, ends["0"].data.tags["status"]) == ("FINISHED", "ok")
    assert (ends["1"].info.status, ends["1"].data.tags["status"]) == ("FAILED", "diverged")
    parent = ends["1"].data.tags["mlflow.parentRunId"]
    assert client.get_run(parent).info.status == "FAILED"
    (lost,) = client.get_metric_history(ends["1"].info.run_id, "train/loss")
    assert math.isnan(lost.value) or lost.value > 1e30


def test_an_interrupted_member_is_killed_and_so_is_its_sweep(train, chosen, read, monkeypatch):
    from runner.engine.recorder import Recorder

    row = Recorder.row

    def interrupted(self, values):
        if values["epoch"] == 2:
            raise KeyboardInterrupt
        return row(self, values)

    monkeypatch.setattr(Recorder, "row", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train([*chosen, "seed=0"], [*chosen, "seed=1"])
    _, runs, number = read()
    assert number == 3
    assert {run.info.status for run in runs.values()} == {"KILLED"}
    assert {run.data.tags["status"] for run in runs.values()} == {"interrupted"}


def test_rows_are_sent_together_and_at_most_so_often(tmp_path, store, monkeypatch):
    calls = []
    logger = MLflow(store=store, experiment="runner")
    monkeypatch.setattr(logger.client, "log_batch", lambda run, **some: calls.append(some))
    log = logger.open(NewRun(tmp_path, None, (), {"name": None}, "abc"))
    for epoch in range(1, 301):
        log.row({"epoch": epoch, **{f"m{i}": 0.5 for i in range(5)}})
    assert len(calls) <= 3  # the params, and what may have come to a second on a busy machine
    log.finish({"status": "ok"})
    sent = [len(some["metrics"]) for some in calls if "metrics" in some]
    assert sum(sent) == 1500
    assert max(sent) <= 1000


def test_a_store_that_cannot_be_is_left_out_at_once(train, tmp_path, capsys):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for place in ("file/x.db", "folder"):
        store = f"logger.mlflow.store=sqlite:///{place}"
        (folder,) = train(["logger=mlflow", store], sweep=f"sweep of {place[:4]}")
        assert json.loads((folder / "summary.json").read_text())["status"] == "ok"
        said = capsys.readouterr()
        assert said.out.count("The logger mlflow failed; it is left out after 3 failures: ") == 1
        assert said.err == ""


def test_a_store_that_is_destroyed_on_the_way_is_left_out(train, chosen, database, capsys):
    def make(node):
        logger = build_logger(node)
        opened = logger.open

        def open_and_destroy(run):
            log = opened(run)
            database.unlink()
            database.write_bytes(b"no database any more" * 100)
            return log

        logger.open = open_and_destroy
        return logger

    (folder,) = train(chosen, make=make)
    assert json.loads((folder / "summary.json").read_text())["status"] == "ok"
    assert len((folder / "metrics.csv").read_text().splitlines()) == 4
    sentence = "The logger mlflow failed; it is left out after 3 failures: "
    assert sentence in (folder / "runner.log").read_text()
    assert capsys.readouterr().out.count(sentence) == 1


def test_what_could_not_be_sent_is_sent_with_the_next_epoch(store, tmp_path, monkeypatch):
    monkeypatch.setattr("runner.loggers.mlflow.PAUSE", 0.0)
    logger = MLflow(store=store, experiment="runner")
    log = logger.open(NewRun(tmp_path, None, (), {}, "a"))
    send, locked = logger.client.log_batch, [OSError("database is locked")]

    def log_batch(*args, **kwargs):
        if locked:
            raise locked.pop()
        return send(*args, **kwargs)

    monkeypatch.setattr(logger.client, "log_batch", log_batch)
    with pytest.raises(OSError, match="locked"):
        log.row({"epoch": 1, "train/loss": 0.5})
    log.row({"epoch": 2, "train/loss": 0.25})
    log.finish({"status": "ok"})
    history = logger.client.get_metric_history(log.run, "train/loss")
    assert sorted((metric.step, metric.value) for metric in history) == [(1, 0.5), (2, 0.25)]
    assert logger.client.get_run(log.run).info.status == "FINISHED"


def test_a_run_that_could_not_be_ended_is_ended_with_the_command(store, tmp_path):
    logger = MLflow(store=store, experiment="runner")
    log = logger.open(NewRun(tmp_path, None, (), {}, "a"))
    logger.close("ok")
    assert logger.client.get_run(log.run).info.status == "FAILED"


def test_sending_takes_a_tenth_of_the_training_whatever_a_call_costs(store, tmp_path, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("runner.loggers.mlflow.time.monotonic", lambda: clock[0])
    logger = MLflow(store=store, experiment="runner")
    logs = [logger.open(NewRun(tmp_path / str(n), None, (), {}, "a")) for n in range(3)]

    def slow(run, metrics):
        clock[0] += 2.0

    monkeypatch.setattr(logger.client, "log_batch", slow)
    row = {"epoch": 1, "train/loss": 0.5}
    logs[0].row(row)
    assert clock[0] == 100.0  # not at the first row
    clock[0] = 101.5
    logs[0].row(row)
    # A call of two seconds, of three runs that wait for each other: a minute until the next.
    assert logs[0].due == pytest.approx(103.5 + 60)
    logs[1].finish({"status": "ok"})
    clock[0] = logs[0].due
    logs[0].row(row)
    assert logs[0].due == pytest.approx(clock[0] + 40)


def test_nothing_of_it_is_seen_on_the_screen(tmp_path):
    code = (
        "from runner.loggers.mlflow import MLflow\n"
        "MLflow(store='sqlite:///new/m.db', experiment='runner')"
    )
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=True
    )
    assert (done.stdout, done.stderr) == (b"", b"")
    assert (tmp_path / "new/m.db").is_file()
