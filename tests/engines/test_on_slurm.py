"""A sweep on a real Slurm leaves what it leaves on this machine, whatever befalls its jobs."""

import json
from types import SimpleNamespace

import pytest
from trouble.commands import assert_same_sweep

from engines.slurm_sweeps import (
    SLOW,
    SLURM,
    WIDTHS,
    await_further,
    await_training,
    jobs_of,
    jobs_on,
    rows_now,
    submitted,
    sweep_of,
)
from runner.crew.group_files import GroupFiles

pytestmark = pytest.mark.engines
GROUPS = 4


@pytest.fixture(scope="module")
def calm(call, tmp_path_factory):
    """The sweep as two workers of this machine train it."""
    folder = tmp_path_factory.mktemp("calm") / "sweep"
    done = call(*sweep_of(folder, *WIDTHS), "hydra.launcher.workers=2")
    assert done.code == 0, done.said
    return folder


@pytest.fixture
def training(slurm, start, tmp_path):
    """A sweep whose groups all train, slowly, as jobs of Slurm."""
    folder = tmp_path / "sweep"
    command = start(*sweep_of(folder, *WIDTHS), *SLURM, **SLOW)
    await_training(folder, GROUPS)
    return SimpleNamespace(command=command, folder=folder, slurm=slurm)


def test_an_array_leaves_the_bytes_of_two_workers(slurm, call, calm, tmp_path):
    folder = tmp_path / "sweep"
    # As if the command were given within a job, of which Slurm's own commands would take these.
    within = {"SLURM_JOB_ID": 999, "SLURM_CPU_BIND": "quiet,mask_cpu:0x8", "SLURM_PARTITION": "no"}
    done = call(*sweep_of(folder, *WIDTHS), *SLURM, **within)
    assert done.code == 0, done.said
    assert_same_sweep(folder, calm)
    assert submitted(folder) == GROUPS
    assert not slurm.queue() or {task.state for task in slurm.queue()} == {"COMPLETING"}
    for job in range(2 * GROUPS):
        summary = json.loads((folder / str(job) / "summary.json").read_text())
        assert (
            summary["machine"]
            == json.loads((calm / str(job) / "summary.json").read_text())["machine"]
        )
    assert "trained by Slurm" in done.words


def test_jobs_that_are_disturbed_leave_the_same_bytes(training, calm):
    folder, slurm = training.folder, training.slurm
    requeued, warned, *_ = jobs_of(folder).values()
    before = rows_now(folder)
    slurm.requeue(requeued)
    slurm.signal(warned, "USR2")  # as before the time limit
    await_further(folder, before)
    for name in ("0", "1"):  # it heard what was sent, was saved and went on
        run = GroupFiles(folder, name).plan.runs[0].folder
        log = (folder / run / "runner.log").read_text()
        assert "interrupted: The command was interrupted." in log
        assert "goes on from epoch" in log.partition("interrupted: ")[2]

    # Another's job, which has precedence, takes the whole node.
    before = rows_now(folder)
    slurm.submit("--partition=first", "--exclusive", "--nodelist=n2", "--wrap=sleep 1")
    await_further(folder, before)

    before = rows_now(folder)
    slurm.down("n1")
    await_further(folder, before)
    assert not jobs_on(slurm, "n1")
    slurm.up("n1")

    before = rows_now(folder)
    slurm.kill_node("n2")
    slurm.down("n2")
    await_further(folder, before)

    said = training.command.end()
    assert training.command.returncode == 0, said
    assert_same_sweep(folder, calm)
    assert submitted(folder) == GROUPS
