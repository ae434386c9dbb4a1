"""The page of promises names tests that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(tests/[\w/.]+)`", PAGE))))
def test_a_named_test_is_there(name):
    assert "def test_" in (ROOT / name).read_text(encoding="utf-8")


def test_every_promise_has_one():
    promises = [row for row in ROWS if row != "| promise | test |"]
    assert promises and all("`tests/" in row.rpartition("|")[0] for row in promises)
