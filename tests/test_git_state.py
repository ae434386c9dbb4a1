"""The state of a repository, asked for without running what it names and without waiting for it."""

import os
import subprocess
import sys
import time

import pytest

from runner import git_state as module
from runner.git_state import git_state

pytestmark = pytest.mark.attack


def git(folder, *words):
    own = ["-c", "user.name=a", "-c", "user.email=a@b"]
    done = subprocess.run(["git", *own, *words], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path):
    """A repository with one file, committed."""
    git_state.cache_clear()
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init")
    (folder / "a.txt").write_text("one\n")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "first")
    return folder


def test_revision_and_whether_known_files_have_changed(repository):
    revision = git(repository, "rev-parse", "HEAD")
    (repository / "outputs").mkdir()  # what git does not know is no change
    assert git_state(repository) == {"revision": revision, "dirty": False}
    git_state.cache_clear()
    (repository / "a.txt").write_text("two\n")
    assert git_state(repository / "outputs") == {"revision": revision, "dirty": True}


def test_where_there_is_nothing_to_tell(tmp_path, repository, monkeypatch):
    assert git_state(tmp_path / "nowhere") is None
    assert git_state(tmp_path) is None
    git(tmp_path, "init", "empty")
    assert git_state(tmp_path / "empty") is None  # nothing is committed
    monkeypatch.setenv("PATH", str(tmp_path))  # git is missing
    assert git_state(repository) is None


def test_a_repository_that_git_refuses(repository, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert git_state(repository) is None


def hostile(repository, mark):
    """Name a program wherever a repository may; it leaves a mark."""
    program = repository / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    for key in ("core.fsmonitor", "filter.theirs.clean", "filter.theirs.process"):
        git(repository, "config", key, str(program))
    for key in ("core.pager", "core.sshCommand", "diff.external", "core.editor", "gpg.program"):
        git(repository, "config", key, str(program))
    git(repository, "config", "filter.theirs.required", "true")
    git(repository, "config", "remote.origin.url", f"ext::{program}")
    (repository / ".git" / "info" / "attributes").write_text("* filter=theirs diff=theirs\n")
    for name in ("post-index-change", "fsmonitor-watchman", "post-checkout"):
        (repository / ".git" / "hooks" / name).write_bytes(program.read_bytes())
        (repository / ".git" / "hooks" / name).chmod(0o755)


def test_a_repository_of_others_runs_nothing(repository, tmp_path):
    mark = tmp_path / "mark"
    hostile(repository, mark)
    (repository / "a.txt").write_text("two\n")
    subprocess.run(["git", "status"], cwd=repository, capture_output=True)
    assert mark.exists()  # git as it is typed does run it
    mark.unlink()
    later = time.time() + 10
    os.utime(repository / "a.txt", (later, later))
    assert git_state(repository)["dirty"] is True
    assert not mark.exists()


def test_a_filter_whose_name_can_not_be_switched_off_leaves_the_state_unknown(repository, tmp_path):
    git(repository, "config", "filter.a=b.clean", f"touch {tmp_path / 'mark'}")
    (repository / ".git" / "info" / "attributes").write_text("* filter=a=b\n")
    (repository / "a.txt").write_text("two\n")
    assert git_state(repository)["dirty"] is None
    assert not (tmp_path / "mark").exists()


def test_a_slow_repository_is_not_waited_for(repository, tmp_path, monkeypatch):
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(30)\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(slow.parent))
    monkeypatch.setattr(module, "SECONDS", 0.2)
    began = time.monotonic()
    assert git_state(repository) is None
    assert time.monotonic() - began < 5
