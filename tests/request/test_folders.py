"""A folder with anything in it is left alone, one that can't be had is refused at once."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from hydra import compose, initialize_config_dir

from runner.errors import RequestError
from runner.folder_lock import STALE, FolderLock
from runner.paths import conf_folder
from runner.request.folders import check_folder, claim, folder_of

KEY = "hydra.run.dir"
RESULTS = (".hydra/", "metrics.csv", "summary.json", "multirun.yaml", "sweep.csv")
LEFT_OVERS = (*RESULTS, "report.html", "7/", "jobs.yaml", ".runner/plan.json", ".runner-x", "lock")
# Claims each folder that it is told, at the time that it is told, and keeps it until the next line.
CLAIMANT = """
import sys, time
from pathlib import Path
from runner.errors import RequestError
from runner.request.folders import claim
print("ready", flush=True)
for line in sys.stdin:
    folder, moment = line.split()
    while time.time() < float(moment):
        pass
    try:
        lock = claim("hydra.sweep.dir", Path(folder))
    except RequestError as error:
        print(error, flush=True)
        sys.stdin.readline()
    else:
        print("mine", flush=True)
        sys.stdin.readline()
        lock.release()
"""


# Says how each folder is refused, checked and then claimed, by root only if "0" is its number.
REFUSALS = """
import os, sys
from pathlib import Path
from runner.errors import RequestError
from runner.request.folders import check_folder, claim
if sys.argv[1] != "0" and os.geteuid() == 0:
    os.setuid(int(sys.argv[1]))
for refuse in (check_folder, claim):
    for folder in sys.argv[2:]:
        try:
            refuse("hydra.run.dir", Path(folder))
        except RequestError as error:
            print(error)
"""
NOBODY = 65534


def refusals(launcher: list[str], folders: list[Path]) -> list[str]:
    """How folders are refused in a process of its own: by nobody, or by root where it is mapped."""
    user = "0" if launcher else str(NOBODY)
    command = [*launcher, sys.executable, "-c", REFUSALS, user, *map(str, folders)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def make(path: Path, name: str) -> None:
    (path / name).parent.mkdir(exist_ok=True)
    (path / name).mkdir() if name.endswith("/") else (path / name).touch()


@pytest.fixture
def shut() -> Iterator[Path]:
    """A folder where anyone may look and, for its permissions, nobody may write but root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


@pytest.mark.parametrize("name", LEFT_OVERS)
@pytest.mark.parametrize("refuse", [check_folder, claim])
def test_a_folder_that_holds_anything_is_refused_and_left_as_it_was(refuse, name, tmp_path):
    make(tmp_path, name)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RequestError, match=rf"^hydra\.run\.dir={tmp_path} holds {name} already"):
        refuse(KEY, tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_under_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outputs").touch()
    for refuse in (check_folder, claim):
        with pytest.raises(RequestError, match="outputs is a file"):
            refuse(KEY, tmp_path / "outputs" / "runs" / "1")


@pytest.mark.parametrize("parents", [(), ("new", "er")])
def test_a_name_that_no_folder_may_have_is_refused_and_no_parent_left(parents, tmp_path):
    with pytest.raises(RequestError, match=r"^hydra\.run\.dir=.* can't be written: File name"):
        claim(KEY, tmp_path.joinpath(*parents, "n" * 300))
    assert not list(tmp_path.iterdir())


def test_a_link_to_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(RequestError, match=r"hydra\.run\.dir=.*link can't be written: File exists"):
        claim(KEY, tmp_path / "link")
    assert os.listdir(tmp_path) == ["link"]  # noqa: PTH208


def test_a_folder_without_permission_is_refused(shut: Path) -> None:
    """By anybody but root, whom permissions don't keep out."""
    folders = [shut, shut / "new" / "run"]
    told = refusals([], folders)
    place = f"(no file can be made in {shut})"
    assert told == [f"{KEY}={f} can't be written {place}: Permission denied." for f in folders] * 2
    shut.chmod(0)  # nobody may look either
    assert (
        refusals([], [shut / "run"])
        == [f"{KEY}={shut / 'run'} can't be written: Permission denied."] * 2
    )


def test_a_folder_on_a_disk_that_is_only_read_is_refused(shut: Path) -> None:
    """By root too; permissions say that it could be written."""
    shut.chmod(0o777)
    mount = f"mount --bind -o ro {shut} {shut}"
    alone = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    if not which("unshare") or subprocess.run([*alone, mount], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    folders = [shut, shut / "new" / "run"]
    told = refusals([*alone, f'{mount} && exec "$@"', "sh"], folders)
    place = f"(no file can be made in {shut})"
    assert (
        told == [f"{KEY}={f} can't be written {place}: Read-only file system." for f in folders] * 2
    )


def test_a_new_folder_and_an_empty_one_are_fine_and_neither_is_made(tmp_path: Path) -> None:
    check_folder(KEY, tmp_path)
    check_folder(KEY, tmp_path / "a" / "b")
    assert not list(tmp_path.iterdir())


def test_a_claimed_folder_is_made_and_another_claim_names_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with pytest.raises(RequestError) as told, claim(KEY, folder):
        claim(KEY, folder)
    assert str(told.value).startswith(f"{KEY}={folder} belongs to process {os.getpid()} on ")
    assert folder.is_dir()


def test_a_folder_that_was_claimed_and_left_empty_can_be_claimed_again(tmp_path: Path) -> None:
    for _ in range(2):
        claim(KEY, tmp_path / "new").release()
        check_folder(KEY, tmp_path / "new")


def test_a_claim_tells_of_a_dead_owner_that_left_nothing(tmp_path: Path) -> None:
    path = FolderLock(tmp_path).path
    path.parent.mkdir()
    path.write_text(json.dumps({"host": "elsewhere", "pid": 7, "since": "noon"}))
    os.utime(path, (0, time.time() - STALE - 60))
    lock = claim(KEY, tmp_path)
    lock.release()
    assert lock.recovered and "was taken over from process 7 on elsewhere" in lock.recovered


def test_what_could_not_be_claimed_is_not_left_behind(tmp_path: Path) -> None:
    """A limit on the size of files keeps the lock's content from being written."""
    code = (
        "import resource, signal, sys; from pathlib import Path; "
        "from runner.request.folders import claim; "
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2); "
        "claim('hydra.run.dir', Path('a/b'))"
    )
    for limit in ("0", "10"):
        command = [sys.executable, "-c", code, limit]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        told = ended.stderr.splitlines()[-1]
        assert told.startswith("runner.errors.RequestError: hydra.run.dir=a/b can't be written: ")
        assert not list(tmp_path.iterdir())


def test_a_folder_that_was_used_just_before_it_was_locked_is_refused(tmp_path, monkeypatch):
    """Another run comes, writes and ends between the first look at the folder and its lock."""
    folder, acquire = tmp_path / "new", FolderLock.acquire

    def acquire_late(lock: FolderLock) -> str | None:
        with monkeypatch.context() as patch:
            patch.setattr(FolderLock, "acquire", acquire)
            with claim(KEY, folder):
                (folder / "metrics.csv").touch()
        return acquire(lock)

    monkeypatch.setattr(FolderLock, "acquire", acquire_late)
    with pytest.raises(RequestError, match=rf"^hydra\.run\.dir={folder} holds metrics.csv already"):
        claim(KEY, folder)
    assert os.listdir(folder) == ["metrics.csv"]  # noqa: PTH208


def test_of_two_that_claim_a_folder_at_once_one_has_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CLAIMANT]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as one, subprocess.Popen(command, **pipes) as two:
        try:
            assert [one.stdout.readline(), two.stdout.readline()] == ["ready\n"] * 2
            for number in range(20):
                folder = tmp_path / str(number) / "sweep"
                for process in (one, two):
                    print(folder, time.time() + 0.01, file=process.stdin, flush=True)
                answers = [process.stdout.readline() for process in (one, two)]
                assert answers.count("mine\n") == 1, answers
                refused = next(answer for answer in answers if answer != "mine\n")
                winner = (one, two)[answers.index("mine\n")].pid
                assert f"{folder} belongs to process {winner} on " in refused
                for process in (one, two):
                    print(file=process.stdin, flush=True)
        finally:
            for process in (one, two):
                process.kill()


@pytest.mark.parametrize(("is_sweep", "key"), [(True, "hydra.sweep.dir"), (False, "hydra.run.dir")])
def test_the_folder_is_the_one_that_was_asked_for(is_sweep: bool, key: str) -> None:
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        config = compose("config", [f"{key}=mine"], return_hydra_config=True)
    assert folder_of(config.hydra, is_sweep=is_sweep) == (key, Path("mine"))
