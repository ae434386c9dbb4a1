"""Files that are there whole or not at all."""

import os
import stat

import pytest

from runner.atomic_write import whole_file, write_whole


def test_a_file_and_its_folder_are_made(tmp_path):
    path = write_whole(tmp_path / "new" / "file", b"content")
    assert path.read_bytes() == b"content"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = write_whole(tmp_path / "file", b"old")
    with pytest.raises(OSError, match="full"), whole_file(path) as file:
        file.write(b"half of the new")
        raise OSError("full")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208


def test_a_reader_sees_the_old_file_until_the_new_one_is_complete(tmp_path):
    path = write_whole(tmp_path / "file", b"old")
    with whole_file(path, durable=True) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_others_may_read_what_the_umask_lets_them(tmp_path):
    before = os.umask(0o027)
    try:
        path = write_whole(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_folder_that_was_removed_is_not_made_again(tmp_path):
    run = tmp_path / "run"
    for path in (run / "summary.json", run / "checkpoints" / "last.pt"):
        with pytest.raises(FileNotFoundError):
            write_whole(path, b"content", within=run)
    assert not run.exists()
    run.mkdir()
    assert write_whole(run / "checkpoints" / "last.pt", b"content", within=run).is_file()
