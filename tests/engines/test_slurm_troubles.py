"""What goes wrong in jobs of Slurm costs what it must, and is told with its reason."""

import json
import os
import re
import signal
import socket
from types import SimpleNamespace

import pandas as pd
import pytest
from trouble.commands import assert_same_sweep, reached, rows

from engines.slurm_sweeps import SLOW, SLURM, jobs_of, submitted, sweep_of
from runner.crew.group_files import GroupFiles
from runner.crew.watch import read_progress

pytestmark = [pytest.mark.engines, pytest.mark.long]
KINDS = ["raise", "abort", "none", "sleep", "os-exit"]
AT = "schedule.at=60,2"  # the second run of each group is guilty, in its third epoch


def group_of(folder, kind):
    """The group of a kind, not of its parts."""
    names = [str(number) for number in range(len(KINDS))]
    plans = {name: GroupFiles(folder, name).plan for name in names}
    return next(n for n, plan in plans.items() if plan.runs[0].config["schedule"]["kind"] == kind)


@pytest.fixture(scope="module")
def troubled(whole_cluster, call, start, tmp_path_factory):
    """A sweep of a group for each kind of trouble, a process killed and a job cancelled."""
    place = tmp_path_factory.mktemp("troubled")
    kinds = f"schedule.kind={','.join(KINDS)}"
    calm, folder = place / "calm", place / "sweep"
    command = start(*sweep_of(folder, kinds, AT, epochs=12), *SLURM, **SLOW, TROUBLE=1)
    assert reached(lambda: len(jobs_of(folder)) == len(KINDS))
    jobs = jobs_of(folder)
    os.kill(process_of(folder, "none"), signal.SIGKILL)
    process_of(folder, "sleep")
    whole_cluster.cancel(jobs[group_of(folder, "sleep")])
    words = " ".join(command.end().split())
    done = call(*sweep_of(calm, kinds, AT, epochs=12), "hydra.launcher.workers=2")
    assert done.code == 0, done.said
    return SimpleNamespace(
        folder=folder, calm=calm, code=command.returncode, words=words, jobs=jobs
    )


def process_of(folder, kind):
    """The process that trains the group of a kind, once it does so."""
    files = GroupFiles(folder, group_of(folder, kind))
    assert reached(lambda: rows(folder, files.plan.runs[0].job) > 0)
    return read_progress(files.progress).pid


def table(troubled):
    return pd.read_csv(troubled.folder / "sweep.csv").set_index(["schedule.kind", "schedule.at"])


def ending(troubled, kind, at):
    row = table(troubled).loc[(kind, at)]
    summary = json.loads((troubled.folder / str(row["run_dir"]) / "summary.json").read_text())
    return summary["status"], summary.get("reason", "")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("raise", f"On {socket.gethostname()}: ValueError: Seven is out of the question"),
        ("abort", "On n[12]: Its process died of signal 6 (Aborted)."),
        ("os-exit", "On n[12]: Its process ended by itself, with exit code 0."),
    ],
)
def test_trouble_costs_the_guilty_run_alone_and_its_machine_is_named(troubled, kind, reason):
    status, said = ending(troubled, kind, 2)
    assert status == "failed"
    assert re.match(re.escape(reason).replace(r"n\[12\]", "n[12]"), said), said
    assert said in troubled.words
    assert ending(troubled, kind, 60)[0] == "ok"
    guilty = table(troubled).loc[(kind, 2)]["run_dir"]
    assert rows(troubled.folder, guilty) == 2


def test_a_job_whose_process_is_killed_is_tried_again(troubled):
    assert {ending(troubled, "none", at)[0] for at in (60, 2)} == {"ok"}
    assert "it is tried again: On n" in troubled.words
    assert "was killed (SIGKILL)" in troubled.words


def test_the_runs_of_a_cancelled_job_are_interrupted(troubled):
    job = troubled.jobs[group_of(troubled.folder, "sleep")]
    for at in (60, 2):
        assert ending(troubled, "sleep", at) == (
            "interrupted",
            f"Its job {job} of Slurm was cancelled.",
        )
    assert troubled.code == 1
    # Three were halved, and one was tried again.
    assert submitted(troubled.folder) == len(KINDS) + 3 * 2 + 1


def test_a_resume_without_the_trouble_ends_as_if_there_had_been_none(troubled, call):
    """The last of those with this sweep: it takes the failures away."""
    done = call("--resume", troubled.folder, "--retry", "hydra.launcher.retries=0")
    assert done.code == 0, done.said
    assert_same_sweep(troubled.folder, troubled.calm)


def test_jobs_that_fail_before_the_program_starts_tell_why(slurm, call, tmp_path):
    folder = tmp_path / "sweep"
    setup = """hydra.launcher.setup=["echo no module named cuda >&2","exit 3"]"""
    done = call(*sweep_of(folder, "seed=1,2", epochs=4), *SLURM, setup)
    assert done.code == 1, done.said
    found = pd.read_csv(folder / "sweep.csv")
    assert set(found["status"]) == {"failed"}
    for job in range(2):
        reason = json.loads((folder / str(job) / "summary.json").read_text())["reason"]
        told = r"Its job \d+ of Slurm ended on n[12] before the program began: no module named cuda"
        assert re.fullmatch(told, reason), reason
    assert submitted(folder) == 1
    # The same without the fault.
    done = call("--resume", folder, "--retry", "hydra.launcher.setup=[]")
    assert done.code == 0, done.said
