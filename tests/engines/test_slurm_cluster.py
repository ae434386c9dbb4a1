"""The Slurm that the tests start is a real one: it does to jobs what a cluster's Slurm does."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from engines import guard
from engines.slurm_cluster import do, wait_for

pytestmark = pytest.mark.engines
TESTS = Path(__file__).parents[1]
LISTENER = Path(__file__).with_name("listener.py")
# What a job hears that is ended: the two come at once, and Python takes them in either order.
ENDED = {"begins", "SIGCONT", "SIGTERM"}


class Said(NamedTuple):
    at: float
    node: str
    restarts: int
    what: str


def heard(folder, task="none"):
    path = folder / task
    lines = path.read_text().splitlines() if path.exists() else []
    parts = [line.split() for line in lines]
    return [Said(float(at), node, int(restarts), what) for at, node, restarts, what in parts]


@pytest.fixture
def submit(slurm, tmp_path):
    """Submits jobs that listen, each by a step of its own, as they are in clusters."""

    def submit(seconds, *options):
        listen = f"srun {sys.executable} {LISTENER} {tmp_path} {seconds}"
        output = f"--output={tmp_path}/%A_%a.out"
        return slurm.submit(output, f"--chdir={tmp_path}", *options, f"--wrap={listen}")

    return submit


def test_an_array_runs_on_both_nodes(slurm, submit, tmp_path):
    job = submit(1, "--array=0-2")
    wait_for(lambda: all(len(heard(tmp_path, task)) == 2 for task in "012"))
    assert {heard(tmp_path, task)[0].node for task in "012"} == {"n1", "n2"}
    wait_for(lambda: not slurm.queue())
    assert job.isdigit()


def test_a_requeued_task_keeps_its_number_and_runs_again(slurm, submit, tmp_path):
    job = submit(60, "--array=0-1")
    wait_for(lambda: heard(tmp_path, "0") and heard(tmp_path, "1"))
    slurm.requeue(f"{job}_0")
    wait_for(lambda: heard(tmp_path, "0")[-1].restarts == 1)
    assert {said.what for said in heard(tmp_path, "0") if not said.restarts} == ENDED
    assert [(task.id, task.state) for task in slurm.queue()] == [
        (f"{job}_0", "RUNNING"),
        (f"{job}_1", "RUNNING"),
    ]


def test_the_job_of_a_node_set_down_goes_on_upon_the_other(slurm, submit, tmp_path):
    job = submit(60)
    wait_for(lambda: heard(tmp_path))
    (lost,) = {said.node for said in heard(tmp_path)}
    slurm.down(lost)
    slurm.start_now(job)
    wait_for(lambda: heard(tmp_path)[-1].restarts == 1)
    assert heard(tmp_path)[-1].node == {"n1": "n2", "n2": "n1"}[lost]


def test_a_cancelled_job_hears_sigterm_and_is_gone(slurm, submit, tmp_path):
    job = submit(60)
    wait_for(lambda: heard(tmp_path))
    slurm.cancel(job)
    wait_for(lambda: not slurm.queue())
    assert {said.what for said in heard(tmp_path)} == ENDED


@pytest.mark.long
def test_the_time_limit_is_announced_by_a_signal_and_enforced(slurm, submit, tmp_path):
    job = submit(300, "--time=1", "--signal=USR1@10")
    # Slurm looks at the limits every 30 s, and warns up to 60 s earlier than it was asked to.
    wait_for(lambda: len(heard(tmp_path)) >= 3)
    assert {said.what for said in heard(tmp_path)} == {"begins", "SIGUSR1", "SIGCONT"}
    do("scontrol", "update", f"JobId={job}", "EndTime=now+1")  # not to wait for the whole minute
    wait_for(lambda: not slurm.queue())
    assert "SIGTERM" in {said.what for said in heard(tmp_path)}
    assert "JobState=TIMEOUT" in do("scontrol", "show", "job", job)


def test_nothing_outlives_the_process_that_began_a_cluster(slurm_installed):
    begin = "import time; from engines.slurm_cluster import slurm_cluster\n"
    block = "with slurm_cluster() as slurm: print(slurm.folder, flush=True); time.sleep(60)"
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    owner = subprocess.Popen(
        [sys.executable, "-c", begin + block], stdout=subprocess.PIPE, env=environment, text=True
    )
    folder = owner.stdout.readline().strip()
    left = guard.descendants(owner.pid)
    assert len(left) >= 8  # four daemons, and the guard of each
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    wait_for(lambda: not any(Path(f"/proc/{process}").exists() for process in left))
    shutil.rmtree(folder)
