"""Sweeps on a real Ray cluster: the same bytes as on this machine, whatever is lost on the way."""

import csv
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pandas as pd
import pytest
from trouble.commands import (
    TINY,
    TWO_GROUPS,
    Started,
    assert_same_sweep,
    assert_sound,
    reached,
    rows,
)
from trouble.package import OWN

from engines import guard
from engines.ray_cluster import kill
from runner.crew.cluster import ray_tasks
from runner.crew.watch import read_progress
from runner.machine import machine
from runner.results.read.runs import read_run

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes there"),
]
ON_RAY = "hydra/launcher=ray"
NODE = "hydra.launcher"
LEAD = "import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])"
OWN_PROCESS_GROUP = [sys.executable, "-c", LEAD]  # as a terminal's command has
SMALL = ["-m", "dataset.train_size=40", "model.hidden=[8]", "epochs=2", "seed=0,1"]
DATA = Path("/usr/share/datasets/fashion-mnist")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder to stand in, with troublesome components of one's own."""
    folder = tmp_path_factory.mktemp("site")
    for name, text in OWN.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def told_workers(**environment: object) -> str:
    """The key that gives Ray's workers an environment; the command's own is not theirs."""
    pairs = ",".join(f"{name}:'{value}'" for name, value in environment.items())
    return f"{NODE}.runtime_env={{env_vars:{{{pairs}}}}}"


def files(folder: Path) -> set[str]:
    """The files of a sweep, but for what is known of its groups and who has the folder."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    hidden = (Path(".runner/groups"), Path(".runner/lock"))
    return {str(path) for path in paths if not any(path.is_relative_to(one) for one in hidden)}


def is_underway(folder: Path, group: str) -> bool:
    """Whether a group of four runs has been saved, and its first run has rows."""
    first = 4 * int(group)
    saved = folder / ".runner" / "groups" / group / "state.pt"
    return saved.is_file() and rows(folder, first) > 0


def await_middle(command: Started, folder: Path, groups: str = "01") -> None:
    """Wait until groups are in the middle of their training."""
    reached(lambda: command.poll() is not None or all(is_underway(folder, g) for g in groups))
    assert command.poll() is None, command.end()


def trainer(folder: Path, group: str) -> int:
    """The process that trains a group."""
    told = read_progress(folder / ".runner" / "groups" / group / "progress.json")
    assert told is not None
    return told.pid


def status(folder: Path, job: int) -> str:
    return str(read_run(folder / str(job)).summary["status"])


# ------------------------------------------------------------------ whole sweeps


def test_a_sweep_is_the_same_as_on_this_machine(ray, call, calm, tmp_path):
    folder = tmp_path / "sweep"
    address = f"{NODE}.address={ray.address}"
    done = call(*TWO_GROUPS, ON_RAY, address, f"hydra.sweep.dir={folder}")
    assert done.code == 0, done.said
    assert "8 runs in 2 groups, trained by Ray." in done.words
    assert "ray" not in done.said.replace(ON_RAY, "").replace(str(tmp_path), "")
    assert_same_sweep(folder, calm)
    assert files(folder) == files(calm)
    for job in range(8):
        summary = json.loads((folder / str(job) / "summary.json").read_text())
        assert summary["machine"] == machine()
        assert "components/trouble.py" in summary["components"]


@pytest.mark.parametrize("shared", [True, False])
def test_a_lost_worker_and_a_lost_node_cost_nothing(ray, start, calm, tmp_path, shared):
    folder = tmp_path / "sweep"
    command = start(
        *TWO_GROUPS,
        *(ON_RAY, f"{NODE}.address={ray.address}", f"{NODE}.shared={shared}"),
        *(told_workers(SECONDS_EACH_EPOCH=1), f"hydra.sweep.dir={folder}"),
    )
    await_middle(command, folder)
    if not shared:
        ray.kill_on_head("Courier")  # which brings the files back
    os.kill(trainer(folder, "0"), signal.SIGKILL)
    ray.kill_node_of(trainer(folder, "1"))
    said = command.end()
    assert command.returncode == 0, said
    told = "A group of 4 runs ended before its time; it is tried again: "
    assert f"{told}Its process was killed, perhaps because the memory was full." in said
    assert f"{told}The machine that trained it was lost." in said
    assert "raylet" not in said
    for job in (0, 4):
        log = (folder / str(job) / "runner.log").read_text()
        assert "goes on from epoch" in log, log
    assert_same_sweep(folder, calm)
    assert files(folder) == files(calm)


# ------------------------------------------------------------------ runs that fail


@pytest.fixture(scope="module")
def troubled(whole_ray, call, tmp_path_factory) -> tuple[SimpleNamespace, Path]:
    """A sweep of a group of two runs for each kind of trouble, of which the second makes it."""
    folder = tmp_path_factory.mktemp("troubled") / "sweep"
    done = call(
        *(*TINY, "-m", "schedule.at=9,2", "schedule.kind=raise,kill,sleep"),
        *(ON_RAY, f"{NODE}.address={whole_ray.address}", f"{NODE}.retries=0"),
        # Within 12 s every healthy group takes a step, on a busy machine too.
        *(f"{NODE}.timeout_min=0.2", told_workers(TROUBLE=1), f"hydra.sweep.dir={folder}"),
    )
    return done, folder


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("raise", f"On {socket.gethostname()}: ValueError: Seven is out of the question"),
        ("kill", "Its process was killed, perhaps because the memory was full."),
        ("sleep", f"No step was completed within {NODE}.timeout_min=0.2 minutes."),
    ],
)
def test_trouble_costs_the_guilty_run_alone(troubled, calm, kind, reason):
    done, folder = troubled
    table = pd.read_csv(folder / "sweep.csv")
    of_kind = table[table["schedule.kind"] == kind].set_index("schedule.at")["status"]
    assert of_kind.to_dict() == {9: "ok", 2: "failed"}
    job = table[(table["schedule.kind"] == kind) & (table["schedule.at"] == 2)]["job"].item()
    assert read_run(folder / str(job)).summary["reason"] == reason
    assert reason in done.words
    assert done.code == 1 and "3 of 6 runs" in done.words
    # The group, then the run by itself: neither is tried again.
    log = (folder / str(job) / "runner.log").read_text()
    assert log.count("group of 2") == 2 and log.count("failed: ") == 1


def test_what_is_printed_on_the_nodes_is_in_the_logs_alone(troubled):
    done, folder = troubled
    assert "words of" not in done.said.partition("trained by Ray")[2]
    log = (folder / "0" / "runner.log").read_text()
    assert "words of print" in log and "words of C" in log


# ------------------------------------------------------------------ signals


def test_an_interrupted_sweep_goes_on_without_ray(ray, start, call, calm, tmp_path):
    folder = tmp_path / "sweep"
    command = start(
        *(*TWO_GROUPS, ON_RAY, f"{NODE}.address={ray.address}"),
        *(told_workers(SECONDS_EACH_EPOCH=1), f"hydra.sweep.dir={folder}"),
    )
    await_middle(command, folder)
    command.send_signal(signal.SIGINT)
    said = command.end()
    assert command.returncode == 130, said
    assert f"python -m runner --resume {folder}" in " ".join(said.split())
    assert_sound(folder)
    assert set(pd.read_csv(folder / "sweep.csv")["status"]) == {"interrupted"}
    done = call("--resume", folder, "hydra/launcher=fused")
    assert done.code == 0, done.said
    assert "goes on from epoch" in (folder / "0" / "runner.log").read_text()
    assert_same_sweep(folder, calm)


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ([signal.SIGINT], 130),
        ([signal.SIGINT, signal.SIGINT], 130),
        ([signal.SIGKILL], -signal.SIGKILL),
    ],
)
def test_nothing_is_left_of_a_cluster_of_the_command_s_own(start, tmp_path, numbers, code):
    folder = tmp_path / "sweep"
    command = start(
        *(*TWO_GROUPS, ON_RAY, told_workers(SECONDS_EACH_EPOCH=1), f"hydra.sweep.dir={folder}"),
        before=OWN_PROCESS_GROUP,
        RAY_ADDRESS="nowhere:1",  # of another cluster: one is to be started here
    )
    await_middle(command, folder, "0")
    assert len(command.processes()) > 4  # the command, Ray's own, and a worker
    for number in numbers:
        os.killpg(command.pid, number)  # as a terminal does
        time.sleep(0.1)
    said = command.end()
    assert command.returncode == code, said
    assert command.is_gone(10), command.processes()
    assert_sound(folder)


def kill_head(folder: Path, own: list[int]) -> None:
    """Kill the head of a cluster that this process has started, once a group trains.

    Args:
        folder: That of the sweep.
        own: Takes the cluster's processes; what there is before is of others.
    """
    others = guard.descendants(os.getpid())
    reached(lambda: (folder / ".runner" / "groups" / "0" / "progress.json").is_file())
    own += [pid for pid in guard.descendants(os.getpid()) if pid not in others]
    lines = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in own}
    (head,) = [pid for pid, line in lines.items() if "/gcs_server\0" in line]
    os.kill(head, signal.SIGKILL)


def test_a_cluster_that_is_lost_ends_the_command_in_words(command, tmp_path, monkeypatch):
    monkeypatch.setattr(ray_tasks, "LOST", 2.0)
    folder, own = tmp_path / "sweep", []
    killer = Thread(target=kill_head, args=(folder, own))
    killer.start()
    asked = ["-m", "dataset.train_size=40", "model.hidden=[8]", "seed=0,1", "epochs=1000000"]
    code, said = command(*asked, ON_RAY, f"hydra.sweep.dir={folder}")
    killer.join()
    kill(own)  # some of Ray's look for the head for a minute
    assert code == 130, said
    assert "is lost: --resume goes on when it is there again, or on this machine with" in said
    assert "python -m runner --resume" in said and "gcs" not in said
    assert set(pd.read_csv(folder / "sweep.csv")["status"]) == {"interrupted"}


# ------------------------------------------------------------------ folders that nodes lack


@pytest.mark.skipif(os.geteuid() != 0, reason="a file system of a node's own needs root")
def test_a_node_without_the_folder_is_refused_or_sent_the_files(ray, command, tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    ray.add_node_without(2, here)
    asked = [*SMALL, ON_RAY, f"{NODE}.address={ray.address}", f"hydra.sweep.dir={here}/sweep"]
    code, said = command(*asked)
    assert (code, list(here.iterdir())) == (2, [])
    assert said == (
        f"{socket.gethostname()}, a machine of the cluster, does not have the folder {here}/sweep: "
        f"name one that is shared by hydra.sweep.dir, or say {NODE}.shared=false, and each group's "
        "files are brought back."
    )
    # Two CPUs has that node alone.
    code, said = command(*asked, f"{NODE}.shared=false", f"{NODE}.cpus=2")
    assert code == 0, said
    local = tmp_path / "local"
    assert command(*SMALL, f"hydra.sweep.dir={local}")[0] == 0
    assert_same_sweep(here / "sweep", local)
    assert files(here / "sweep") == files(local)


@pytest.mark.skipif(os.geteuid() != 0, reason="a file system of a node's own needs root")
@pytest.mark.skipif(not DATA.is_dir(), reason="Debian's package dataset-fashion-mnist is missing")
def test_a_node_without_the_data_is_told_by_name(ray, command, tmp_path):
    folder, root = tmp_path / "sweep", tmp_path / "data"
    root.mkdir()
    for path in DATA.iterdir():
        (root / path.name).symlink_to(path)
    ray.add_node_without(2, root)
    code, said = command(
        *("-m", "dataset=fashion-mnist", "dataset.train_size=40", "model.hidden=[8]", "epochs=1"),
        *(f"dataset.root={root}", ON_RAY, f"{NODE}.address={ray.address}"),
        *(f"{NODE}.cpus=2", f"hydra.sweep.dir={folder}"),
    )
    assert code == 1, said
    reason = read_run(folder / "0").summary["reason"]
    host = socket.gethostname()
    told = f"On {host}: RequestError: dataset.root={root} has no files of Fashion-MNIST, in "
    assert reason.startswith(told)
    assert "".join(reason.split()) in "".join(said.split())  # a long path is broken anywhere


# ------------------------------------------------------------------ searches


def without_seconds(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return [
            {k: v for k, v in row.items() if "seconds" not in k} for row in csv.DictReader(file)
        ]


@pytest.mark.parametrize(
    ("sweeper", "tables"),
    [("search", ["search.csv", "sweep.csv"]), ("population", ["lineage.csv", "schedule.csv"])],
)
def test_who_chooses_values_chooses_the_same(ray, command, tmp_path, sweeper, tables):
    settings = {
        "search": ["trials=4", "round=2", "confirm.points=1", "confirm.seeds=1"],
        "population": ["members=4", "interval=1"],
    }
    asked = [
        *("-m", f"hydra/sweeper={sweeper}", "optim.lr=tag(log,interval(1e-2,1))", "epochs=3"),
        *("dataset.train_size=60", "model.hidden=[8]", "device=cpu"),
        *(f"hydra.sweeper.{setting}" for setting in settings[sweeper]),
    ]
    local, folder = tmp_path / "local", tmp_path / "ray"
    assert command(*asked, f"hydra.sweep.dir={local}")[0] == 0
    where = [ON_RAY, f"{NODE}.address={ray.address}", f"{NODE}.shared=false"]
    code, said = command(*asked, *where, f"hydra.sweep.dir={folder}")
    assert code == 0, said
    for name in tables:
        assert without_seconds(folder / name) == without_seconds(local / name), name


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (["gpus=1"], f"{NODE}.gpus=1 is more than any machine of the cluster has: 0."),
        (["cpus=3"], f"{NODE}.cpus=3 is more than any machine of the cluster has: 1."),
    ],
)
def test_what_no_node_has_is_refused(ray, command, tmp_path, keys, told):
    asked = [*SMALL, ON_RAY, f"{NODE}.address={ray.address}", *(f"{NODE}.{key}" for key in keys)]
    assert command(*asked) == (2, told)
    assert not list(tmp_path.iterdir())


HEAD = "it takes the host:port of a cluster's head, or auto."
NONE = f"leave {NODE}.address out, and one is started on this machine."


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("127.0.0.1:9", f"There is no Ray cluster at {NODE}.address=127.0.0.1:9; {NONE}"),
        ("auto", f"There is no Ray cluster at RAY_ADDRESS=127.0.0.1:9; {NONE}"),
        ("head", f"{NODE}.address=head is not allowed; {HEAD}"),
        ("127.0.0.1:99999", f"There is no Ray cluster at {NODE}.address=127.0.0.1:99999; {NONE}"),
        ("ray://127.0.0.1:9", f"{NODE}.address=ray://127.0.0.1:9 is not allowed; {HEAD}"),
    ],
)
def test_an_address_without_a_cluster_is_refused_soon(
    command, tmp_path, monkeypatch, address, told
):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    began = time.monotonic()
    assert command(*SMALL, ON_RAY, f"{NODE}.address={address}") == (2, told)
    assert time.monotonic() - began < 20
    assert not list(tmp_path.iterdir())


def test_a_runtime_env_that_is_none_is_refused(ray, command, tmp_path):
    asked = [*SMALL, ON_RAY, f"{NODE}.address={ray.address}"]
    code, said = command(*asked, f"{NODE}.runtime_env={{env_vars:{{A:1}}}}")
    assert code == 2 and said.startswith(f"{NODE}.runtime_env is not what Ray takes: ")
    assert said.count(". ") == 0 and not list(tmp_path.iterdir())
