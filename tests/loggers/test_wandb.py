"""W&B: written by training without a network, and read back as the package's own records."""

import json
import math
import os
import struct
import subprocess
import sys

import pytest

pytest.importorskip("wandb", reason="the extra 'wandb' is not installed")

from wandb.proto.wandb_internal_pb2 import Record

from runner.build import build_logger

CHOSEN = "logger=wandb"
HEADER, BLOCK = 7, 32768
WHOLE, LAST = 1, 4  # kinds of chunks; a record may be in one, or in several up to the last


def chunks(data):
    """The log that W&B syncs from, a LevelDB log: blocks of chunks, each with a head of 7 bytes."""
    place = HEADER
    while place + 7 <= len(data):
        left = BLOCK - place % BLOCK
        length, kind = struct.unpack("<HB", data[place + 4 : place + 7])
        if left < 7 or not kind:
            place += left
            continue
        yield kind, data[place + 7 : place + 7 + length]
        place += 7 + length


def records(folder):
    (path,) = folder.glob("wandb/offline-run-*/*.wandb")
    waiting, found = b"", []
    for kind, chunk in chunks(path.read_bytes()):
        waiting += chunk
        if kind in (WHOLE, LAST):
            found.append(Record.FromString(waiting))
            waiting = b""
    return found


def values(items):
    return {item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in items}


def history(read):
    return [values(record.history.item) for record in read if record.HasField("history")]


def end(read):
    (code,) = (record.exit.exit_code for record in read if record.HasField("exit"))
    told = [values(record.summary.update) for record in read if record.HasField("summary")]
    return code, {key: value for update in told for key, value in update.items()}


def test_every_member_is_a_run_of_its_own_in_the_group_of_its_sweep(train, rows_of, capfd):
    folders = train(*([CHOSEN, f"optim.lr={lr}"] for lr in (0.1, 0.3, 0.5)))
    runs = [records(folder) for folder in folders]
    made = [next(record.run for record in read if record.HasField("run")) for read in runs]
    assert len({run.run_id for run in made}) == 3
    for run, read, folder, lr in zip(made, runs, folders, (0.1, 0.3, 0.5), strict=True):
        assert run.project == "runner"
        assert run.run_group.endswith(folder.parent.name)
        assert run.display_name.startswith(f"{folder.name} ")
        config = values(run.config.update)
        assert config["optim"]["lr"] == lr
        summary = json.loads((folder / "summary.json").read_text())
        assert config["signature"] == summary["signature"]
        assert "logger" not in config
        told = history(read)
        assert [row["_step"] for row in told] == [1, 2, 3]
        for row, ours in zip(told, rows_of(folder), strict=True):
            for name in set(ours) - {"epoch"}:
                # metrics.csv keeps nine significant digits.
                assert row[name] == pytest.approx(ours[name], rel=1e-8)
        code, last = end(read)
        assert (code, last["status"]) == (0, "ok")
        assert last["best/val/loss"] == pytest.approx(summary["best"]["val/loss"], rel=1e-8)
    said = capfd.readouterr()
    # What it says itself stays off the screen; how to send the runs is said by the program.
    (line,) = [line for line in (said.out + said.err).splitlines() if "wandb" in line]
    assert line.startswith("wandb: wandb sync ")


def test_a_diverging_run_fails_and_shows_where(train):
    (folder,) = train([CHOSEN, "optim.lr=1e30"])
    code, last = end(read := records(folder))
    assert (code, last["status"]) == (1, "diverged")
    lost = history(read)[-1]["train/loss"]
    assert not isinstance(lost, float) or not math.isfinite(lost)


def test_a_folder_that_cannot_be_written_to_is_left_out(train, capsys):
    def make(node):
        logger = build_logger(node)
        opened = logger.open

        def open_in_the_way(run):
            (run.folder / "wandb").touch()
            return opened(run)

        logger.open = open_in_the_way
        return logger

    (folder,) = train([CHOSEN], make=make)
    assert json.loads((folder / "summary.json").read_text())["status"] == "ok"
    assert "The logger wandb failed; it is left out after 3 failures: " in capsys.readouterr().out


def test_all_three_at_once(train):
    for name in ("mlflow", "tensorboard"):
        pytest.importorskip(name, reason=f"the extra '{name}' is not installed")
    chosen = ["logger=[tensorboard,mlflow,wandb]", "logger.mlflow.store=sqlite:///all/three.db"]
    folders = train(*([*chosen, f"seed={seed}"] for seed in range(3)))
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri="sqlite:///all/three.db")
    number = client.get_experiment_by_name("runner").experiment_id
    assert len(client.search_runs([number])) == 1 + 3
    for folder in folders:
        assert len(history(records(folder))) == 3
        assert len(list(folder.glob("tensorboard/events*"))) == 1
        assert "failed" not in (folder / "runner.log").read_text()


def test_online_without_a_login_asks_nobody(tmp_path):
    code = (
        "from runner.loggers.wandb import WandB\n"
        "try: WandB(mode='online', project='runner', entity=None)\n"
        "except PermissionError as error: print(error)"
    )
    nobody = {name: str(tmp_path) for name in ("HOME", "WANDB_CONFIG_DIR")}
    environment = {k: v for k, v in os.environ.items() if k != "WANDB_API_KEY"} | nobody
    environment["NETRC"] = str(tmp_path / "netrc")
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "nobody is logged in; see wandb login\n"
