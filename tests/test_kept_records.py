"""What a resume goes on from is whole and of its kind, or refused by its name."""

import os
from pathlib import Path

import pytest

from runner.crew.exchanges import read_exchanges
from runner.errors import RequestError
from runner.search.journal import Journal
from runner.search.record import read_rounds
from runner.search.request_file import read_request

ROUND, EXCHANGE = ".runner/search/round-0.json", ".runner/exchanges/0.json"
READERS = {
    ROUND: read_rounds,
    EXCHANGE: read_exchanges,
    "request.json": lambda folder: read_request(folder, "request.json"),
    "study.log": lambda folder: Journal(folder / "study.log", 3),
}
DAMAGED = {
    "empty": b"",
    "torn": b'{"number": 0, "fir',
    "a list": b"[1, 2]",
    "a number": b"3",
    "other names": b'{"a": 1}',
    "deep": b"[" * 100_000,
    "no text": b"\xff\x00\xfe",
}


LINES = {"empty", "a list", "a number", "other names"}  # all JSON by the line, which Optuna reads


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (name, kind)
        for name in READERS
        for kind in DAMAGED
        if name != "study.log" or kind not in LINES
    ],
)
def test_a_damaged_record_is_refused_by_its_name(name: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(DAMAGED[kind])
    with pytest.raises(RequestError, match=r"can't be read") as refused:
        READERS[name](tmp_path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("name", READERS)
def test_a_record_that_leads_elsewhere_is_not_followed(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "elsewhere").write_text("{}")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RequestError, match="symbolic link"):
        READERS[name](tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "request.json")
    with pytest.raises(RequestError, match="no file"):
        read_request(tmp_path, "request.json")
