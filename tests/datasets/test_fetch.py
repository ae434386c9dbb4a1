"""Downloads from a publisher that drops connections, sends something else, or stalls."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from trouble.publisher import Publisher, publishing

from runner.datasets import fetch as module
from runner.datasets.fetch import fetch
from runner.errors import RequestError

pytestmark = pytest.mark.attack
ROOT = Path(__file__).parents[2]
CONTENT = bytes(range(256)) * 400  # 102,400 bytes


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(module, "WAITS", (0.01, 0.01))
    with publishing(Publisher({"/file": CONTENT})) as publisher:
        yield publisher


def is_right(content: bytes, url: str) -> None:
    if content != CONTENT:
        raise RequestError(f"{url} is damaged.")


def get(offer: Publisher, path: Path) -> bytes:
    return fetch([f"{offer.url}/file"], path, is_right)


def test_a_file_is_fetched_and_nothing_else_is_left(offer: Publisher, tmp_path: Path) -> None:
    assert get(offer, tmp_path / "file") == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_dropped_connection_is_resumed_where_it_broke(offer: Publisher, tmp_path: Path) -> None:
    offer.drops = [30_000, 1, 50_000, 7]
    assert get(offer, tmp_path / "file") == CONTENT
    ranges = ["", "bytes=30000-", "bytes=30001-", "bytes=80001-", "bytes=80008-"]
    assert [wanted for _, wanted in offer.asked] == ranges


def test_a_publisher_that_can_not_resume_sends_all_again(offer: Publisher, tmp_path: Path) -> None:
    offer.resumes, offer.drops = False, [30_000, 60_000]
    assert get(offer, tmp_path / "file") == CONTENT
    assert len(offer.asked) == 3


def test_a_passing_error_is_tried_again(offer: Publisher, tmp_path: Path) -> None:
    offer.errors = [503, 429]
    assert get(offer, tmp_path / "file") == CONTENT


def test_a_file_that_is_not_there_is_asked_for_once(offer: Publisher, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="404"):
        fetch([f"{offer.url}/gone"], tmp_path / "gone", is_right)
    assert len(offer.asked) == 1 and not [*tmp_path.iterdir()]


def test_the_next_place_is_asked_and_goes_on(offer: Publisher, tmp_path: Path) -> None:
    urls = ["http://127.0.0.1:9/file", f"{offer.url}/gone", f"{offer.url}/file"]
    assert fetch(urls, tmp_path / "file", is_right) == CONTENT


def test_a_stall_ends_and_what_came_is_kept_for_the_next_start(
    offer: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.2)
    offer.drops, offer.stalls = [30_000, 0, 0, 0], True
    with pytest.raises(OSError, match=r"timed out; the 30,000 bytes that came are kept"):
        get(offer, tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == [".file.part"]
    assert get(offer, tmp_path / "file") == CONTENT
    assert offer.asked[-1] == ("/file", "bytes=30000-")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("begun", [b"of another file", CONTENT[:-1] + b"x", CONTENT + b"more"])
def test_a_wrong_beginning_is_thrown_away(begun: bytes, offer: Publisher, tmp_path: Path) -> None:
    (tmp_path / ".file.part").write_bytes(begun)
    assert get(offer, tmp_path / "file") == CONTENT


def test_other_content_is_not_kept(offer: Publisher, tmp_path: Path) -> None:
    offer.content["/file"] = b"<html>moved</html>"
    with pytest.raises(RequestError, match="file is damaged"):
        get(offer, tmp_path / "file")
    assert not [*tmp_path.iterdir()]


def test_what_never_ends_is_not_taken(
    offer: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST", 50_000)
    with pytest.raises(OSError, match="longer than 50,000 bytes"):
        get(offer, tmp_path / "file")
    assert len(offer.asked) == 1 and not [*tmp_path.iterdir()]


FETCHER = """
import sys
from pathlib import Path
from runner.datasets.fetch import fetch
content = fetch([sys.argv[1]], Path(sys.argv[2]), lambda content, url: None)
print(len(content))
"""


def start(offer: Publisher, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", FETCHER, f"{offer.url}/file", str(path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_download_once(offer: Publisher, tmp_path: Path) -> None:
    offer.drops, offer.stalls = [30_000], True
    first = start(offer, tmp_path / "file")
    while not offer.asked:
        time.sleep(0.01)
    second = start(offer, tmp_path / "file")
    assert second.stderr is not None
    assert second.stderr.readline() == (
        f"Another process is downloading {tmp_path / 'file'}; waiting for it.\n"
    )
    offer.closes.set()  # the connection breaks; the first one resumes
    assert [process.communicate()[0] for process in (first, second)] == ["102400\n"] * 2
    assert [wanted for _, wanted in offer.asked] == ["", "bytes=30000-"]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_who_waits_for_a_process_that_is_killed_goes_on_where_it_was(
    offer: Publisher, tmp_path: Path
) -> None:
    offer.drops, offer.stalls = [90_000], True
    first = start(offer, tmp_path / "file")
    while not (part := tmp_path / ".file.part").exists() or part.stat().st_size < 60_000:
        time.sleep(0.01)
    second = start(offer, tmp_path / "file")
    assert second.stderr is not None and second.stderr.readline()
    first.kill()
    first.wait()
    assert second.communicate()[0] == "102400\n"
    assert offer.asked[-1][1].startswith("bytes=") and first.communicate()[0] == ""
    assert (tmp_path / "file").read_bytes() == CONTENT
