"""A sweep on a real Slurm leaves what it leaves on this machine, whatever befalls its jobs."""

import json
from types import SimpleNamespace

import pytest
from trouble.commands import assert_same_sweep

from engines.slurm_sweeps import (
    GROUPS,
    SLURM,
    WIDTHS,
    again,
    await_again,
    await_training,
    groups_on,
    jobs_of,
    submitted,
    sweep_of,
)
from runner.crew.group_files import GroupFiles

pytestmark = pytest.mark.engines


@pytest.fixture
def training(slurm, start, tmp_path):
    """A sweep whose groups all train, slowly, as jobs of Slurm."""
    folder, slow = tmp_path / "sweep", tmp_path / "slow"
    slow.touch()
    environment = {"SECONDS_EACH_EPOCH": 2, "SLOW_WHILE_THERE_IS": slow}
    command = start(*sweep_of(folder, *WIDTHS), *SLURM, **environment)
    await_training(folder, GROUPS)
    return SimpleNamespace(command=command, folder=folder, slurm=slurm, slow=slow)


def test_an_array_leaves_the_bytes_of_two_workers(slurm, call, undisturbed, tmp_path):
    folder = tmp_path / "sweep"
    # As if the command were given within a job, of which Slurm's own commands would take these.
    within = {"SLURM_JOB_ID": 999, "SLURM_CPU_BIND": "quiet,mask_cpu:0x8", "SLURM_PARTITION": "no"}
    done = call(*sweep_of(folder, *WIDTHS), *SLURM, **within)
    assert done.code == 0, done.said
    assert_same_sweep(folder, undisturbed)
    assert submitted(folder) == GROUPS
    assert not slurm.queue() or {task.state for task in slurm.queue()} == {"COMPLETING"}
    for job in range(2 * GROUPS):
        summary = json.loads((folder / str(job) / "summary.json").read_text())
        assert (
            summary["machine"]
            == json.loads((undisturbed / str(job) / "summary.json").read_text())["machine"]
        )
    assert "trained by Slurm" in done.words


@pytest.mark.long
def test_jobs_that_are_disturbed_leave_the_same_bytes(training, undisturbed):
    folder, slurm, jobs = training.folder, training.slurm, jobs_of(training.folder)
    before = again(folder)
    slurm.requeue(jobs["0"])
    slurm.signal(jobs["1"], "USR2")  # as before the time limit
    await_again(folder, "01", before)
    for files in (GroupFiles(folder, name) for name in "01"):  # each heard it, and was saved
        log = (files.run_folder(files.plan.runs[0]) / "runner.log").read_text()
        assert "interrupted: The command was interrupted." in log

    # Another's job, which has precedence, takes the whole node.
    before, there = again(folder), groups_on(slurm, folder, "n2")
    whole = ("--partition=first", "--exclusive", "--nodelist=n2", "--output=/dev/null")
    slurm.submit(*whole, "--wrap=sleep 1")
    await_again(folder, there, before)

    before, there = again(folder), groups_on(slurm, folder, "n1")
    slurm.down("n1")
    await_again(folder, there, before)
    slurm.up("n1")

    before, there = again(folder), groups_on(slurm, folder, "n2")
    slurm.kill_node("n2")
    slurm.down("n2")
    await_again(folder, there, before)

    training.slow.unlink()
    slurm.silence(13)  # Slurm's commands give up after 10 s
    said = training.command.end()
    assert said.count("Slurm does not answer, and is asked again") == 1
    assert training.command.returncode == 0, said
    assert_same_sweep(folder, undisturbed)
    assert submitted(folder) == GROUPS
