"""Disks that are full, limits of file size, folders that are removed: what was there stays."""

import subprocess
from pathlib import Path
from shutil import rmtree, which

import pytest
from trouble.commands import SWEEP, TINY, assert_same_sweep, assert_sound, reached, rows

from runner.results.read.runs import read_run

pytestmark = [
    pytest.mark.commands,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes there"),
]


BIG = ["model.hidden=[300,300],[8]", "schedule.at=9,7"]  # the first group's weights take 1 MB


@pytest.mark.long
def test_what_does_not_fit_under_a_limit_of_file_size_costs_its_own_runs_alone(
    start, call, tmp_path
):
    folder, undisturbed = tmp_path / "limited", tmp_path / "calm"
    asked = [*TINY, "-m", *BIG, "checkpoint_seconds=0.05", "hydra.launcher.workers=2"]
    assert call(*asked, f"hydra.sweep.dir={undisturbed}").code == 0
    limit = [*("bash", "-c", 'ulimit -f 300 && exec "$@"', "bash")]  # KiB
    argv = [*asked, f"hydra.sweep.dir={folder}"]
    command = start(*argv, before=limit, SECONDS_EACH_EPOCH=0.2)
    said = " ".join(command.end().split())
    assert command.returncode == 1, said
    assert said.count("The state could not be saved, and training goes on: [Errno 27]") == 1
    assert [read_run(folder / str(job)).summary["status"] for job in range(4)] == [
        *("failed", "failed", "ok", "ok")
    ]
    reason = read_run(folder / "0").summary["reason"]
    assert reason.startswith("The weights could not be saved: [Errno 27] File too large: ")
    assert "".join(reason.split()) in "".join(said.split())  # long paths are broken
    for run in undisturbed.glob("[0-9]*"):  # the rows are there, and whole
        table = "metrics.csv"
        assert (folder / run.name / table).read_bytes() == (run / table).read_bytes()
    assert_sound(folder)
    assert call("--resume", folder, "--retry").code == 0
    assert_same_sweep(folder, undisturbed)


def test_a_full_disk_leaves_what_was_there_and_is_gone_on_from(start, call, tmp_path):
    disk, undisturbed = tmp_path / "disk", tmp_path / "calm"
    disk.mkdir()
    alone = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    mount = f"mount -t tmpfs -o size=600k none {disk}"
    if not which("unshare") or subprocess.run([*alone, mount], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    asked = [*TINY, "-m", *BIG, "checkpoint_seconds=0.05", "hydra.launcher.workers=1"]
    assert call(*asked, f"hydra.sweep.dir={undisturbed}").code == 0
    # The disk is there for the commands of this shell alone, which takes a copy of its end.
    script = (
        f'{mount} && "$@" ; echo code $? ; mount -o remount,size=60m {disk} ; '
        f'"$1" -m runner --resume {disk}/d --retry ; echo code $? ; cp -r {disk}/d {tmp_path}/d'
    )
    argv = [*asked, f"hydra.sweep.dir={disk / 'd'}"]
    command = start(*argv, before=[*alone, script, "sh"], SECONDS_EACH_EPOCH=0.1)
    said = " ".join(command.end().split())
    full, resumed = said.split("code 1", 1)
    assert "[Errno 28] No space left on device" in full and "Traceback" not in full
    assert resumed.endswith("code 0"), resumed
    assert_same_sweep(tmp_path / "d", undisturbed)


@pytest.mark.long
def test_a_run_whose_folder_is_removed_while_it_trains_is_made_again(start, call, tmp_path):
    folder, undisturbed = tmp_path / "robbed", tmp_path / "calm"
    assert call(*SWEEP, f"hydra.sweep.dir={undisturbed}").code == 0
    command = start(*SWEEP, f"hydra.sweep.dir={folder}", SECONDS_EACH_EPOCH=1)
    assert reached(lambda: rows(folder, 1) >= 1)
    rmtree(folder / "1")
    said = command.end()
    assert command.returncode == 0, said
    assert_same_sweep(folder, undisturbed)
