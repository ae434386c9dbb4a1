"""The design page names every wing, and nothing that is not there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
TABLES = "\n".join(line for line in PAGE.splitlines() if line.startswith("|"))
NAMED = sorted(set(re.findall(r"`([\w/.]+(?:\.py|/))`", TABLES)))
# A file named without its folder stands in the row of its wing.
FOLDERS = [
    "runner",
    *(f"runner/{wing}" for wing in ("search", "sweep", "engine", "request", "crew")),
    "",
]


@pytest.mark.parametrize("name", NAMED)
def test_what_the_page_names_is_there(name):
    assert any((ROOT / folder / name).exists() for folder in FOLDERS)


def test_every_wing_is_named():
    package = ROOT / "runner"
    own = [path for path in package.iterdir() if not path.name.startswith(("_", "."))]
    wings = {f"{path.name}/" if path.is_dir() else path.name for path in own}
    assert {name for name in wings if name.endswith(("/", ".py"))} - {*NAMED} <= {"conf/"}
