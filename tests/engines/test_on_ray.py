"""Sweeps on a real Ray cluster: the same bytes as on this machine, whatever is lost on the way."""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from trouble.commands import (
    TINY,
    TWO_GROUPS,
    assert_same_sweep,
    assert_sound,
    reached,
)
from trouble.package import OWN

from engines.ray_cluster import kill
from engines.ray_sweeps import NODE, ON_RAY, await_middle, files, told_workers, trainer
from runner.machine import machine
from runner.results.read.runs import read_run

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes there"),
]
LEAD = "import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])"
OWN_PROCESS_GROUP = [sys.executable, "-c", LEAD]  # as a terminal's command has


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder to stand in, with troublesome components of one's own."""
    folder = tmp_path_factory.mktemp("site")
    for name, text in OWN.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


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


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
def test_what_is_printed_on_the_nodes_is_in_the_logs_alone(troubled):
    done, folder = troubled
    assert "words of" not in done.said.partition("trained by Ray")[2]
    log = (folder / "0" / "runner.log").read_text()
    assert "words of print" in log and "words of C" in log


# ------------------------------------------------------------------ signals


@pytest.mark.long
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


@pytest.mark.long
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


IMPATIENT = """
import sys
from runner.__main__ import main
from runner.crew.cluster import ray_tasks
ray_tasks.LOST = 2.0
sys.argv = sys.argv[3:]
sys.exit(main())
"""


@pytest.mark.long
def test_a_cluster_that_is_lost_ends_the_command_in_words(start, tmp_path):
    folder = tmp_path / "sweep"
    command = start(
        *(*TWO_GROUPS, ON_RAY, told_workers(SECONDS_EACH_EPOCH=9), f"hydra.sweep.dir={folder}"),
        before=[sys.executable, "-c", IMPATIENT],
    )
    first = folder / ".runner" / "groups" / "0" / "progress.json"
    assert reached(lambda: command.poll() is not None or first.is_file())
    own = command.processes()
    (head,) = [pid for pid, line in own.items() if "/gcs_server\0" in line]
    os.kill(head, signal.SIGKILL)
    said = " ".join(command.end().split())
    kill(list(command.processes()))  # some of Ray's look for the head for a minute
    assert command.returncode == 130, said
    assert "is lost: --resume goes on when it is there again, or on this machine with" in said
    assert "python -m runner --resume" in said and "gcs" not in said
    assert set(pd.read_csv(folder / "sweep.csv")["status"]) == {"interrupted"}
