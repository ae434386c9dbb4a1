"""Run folders, sweep folders and studies of others do no harm, whatever is in them.

The short form tries a few of each kind, ``python -m pytest -n auto tests/hostile -m long`` the
rest.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.hostile.doors import CRASHED
from tests.hostile.places import checkpoint_harms, file_harms, folder_harms, name_harms
from tests.hostile.records import SCRIPT, Harm, field_harms, table_harms, text_harms
from tests.hostile.studies import studies
from tests.hostile.sweeps import sweep_harms

pytestmark = pytest.mark.commands
ROOT = Path(__file__).parents[2]
SECRET = "hunter2"
SECRETS = (SECRET.encode(), b"aHVudGVyM")
SHOWN = (*SECRETS, SCRIPT.encode(), b"<img src=x")
OF_RUNS = [
    *text_harms(), *field_harms(), *table_harms(), *file_harms(), *folder_harms(),
    *checkpoint_harms(), *name_harms(),
]  # fmt: skip
OF_SWEEPS = [*sweep_harms(), *((f"run of it: {name}", harm) for name, harm in OF_RUNS[::5])]
STUDIES = [*studies()]


def some(cases: list, every: int) -> list:
    """Every so many of the cases for the short form, the rest for the long one."""
    short, long = pytest.mark.attack, pytest.mark.long
    return [
        pytest.param(*case, id=case[0][:60], marks=long if number % every else short)
        for number, case in enumerate(cases)
    ]


@pytest.fixture(scope="session")
def server(made: Path) -> Iterator[subprocess.Popen]:
    """Opens folders, one after another; it has a secret in its environment."""
    told = {"A_SECRET": SECRET, "OMP_NUM_THREADS": "1", "GOOD": str(made / "run")}
    told["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.doors"],
        env=os.environ | told, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        yield process
        process.stdin.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    """A folder with a secret beside those that are opened; trees may be too deep for Python."""
    (tmp_path / "secret.txt").write_text(f"epoch: {SECRET}\n{SECRET},{SECRET}\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "here").mkdir()
    yield tmp_path
    subprocess.run(["rm", "-rf", str(tmp_path)], check=True)


def assert_harmless(server: subprocess.Popen, site: Path, folder: Path, doors: list[str]) -> None:
    """Open a folder by some commands, and look at what they said, wrote and took."""
    place = os.fsencode(folder).hex()
    case = {"here": str(site / "here"), "said": str(site / "said"), "told": str(site / "told")}
    before, inside = outside(site), written(site)
    server.stdin.write(json.dumps({**case, "folder": place, "doors": doors}) + "\n")
    server.stdin.flush()
    told = json.loads(server.stdout.readline())
    said = (site / "said").read_bytes().decode(errors="surrogateescape")
    assert CRASHED not in told["codes"].values() and "Traceback" not in said, said[-3000:]
    assert set(told["codes"].values()) <= {0, 1, 2}, (told, said[-3000:])
    slowest = max(told["seconds"].values(), default=0)  # of a processor, for one command
    assert slowest < 20 and told["bytes"] < 2 << 30, (told, said[-1000:])
    controls = [one for one in said if not one.isprintable() and one not in "\n\t"]
    assert not controls and SECRET not in said, (controls, said[-3000:])
    assert outside(site) == before
    for path, content in written(site).items():
        if content != inside.get(path):
            shown = SECRETS if path.endswith(".csv") else SHOWN  # nobody runs a table's cells
            plain = content.replace(rb"\<", b"")  # how Markdown says that none begins
            assert not [secret for secret in shown if secret in plain], path
    assert not (site / "here" / "owned").exists()


def outside(site: Path) -> dict[str, object]:
    """What lies beside the folders that may be written to."""
    found = [site / "secret.txt", *(site / "elsewhere").rglob("*")]
    return {str(p): p.read_bytes() if p.is_file() else p.exists() for p in found}


def written(site: Path) -> dict[str, bytes]:
    """The files in what may be written to, by name; vast ones are nobody's answer."""
    places = [site / "in", site / "here"]
    listed = subprocess.run(  # Python's own walk ends in trees that are too deep for it
        ["find", *map(str, places), "-type", "f", "-size", "-65536k", "-print0"],
        capture_output=True, check=False,
    ).stdout  # fmt: skip
    found = {}
    for name in map(os.fsdecode, listed.split(b"\0")[:-1]):
        with suppress(OSError):  # a path that is too long to be opened
            found[name] = Path(name).read_bytes()
    return found


@pytest.mark.parametrize(("name", "harm"), some(OF_RUNS, 60))
def test_a_run_of_others_does_no_harm(name: str, harm: Harm, server, site, made) -> None:
    shutil.copytree(made / "run", site / "in" / "theirs")
    harm(site / "in" / "theirs")
    folder = next(path for path in (site / "in").iterdir() if not path.is_symlink())
    assert_harmless(server, site, folder, ["report", "runs", "load", "compare", "index"])


@pytest.mark.parametrize(("name", "harm"), some(OF_SWEEPS, 60))
def test_a_sweep_of_others_does_no_harm(name: str, harm: Harm, server, site, made) -> None:
    shutil.copytree(made / "sweep", site / "in" / "theirs")
    of_run = name.startswith("run of it")
    harm(site / "in" / "theirs" / "1" if of_run else site / "in" / "theirs")
    doors = ["report", "runs", "compare", "markdown", "index"]
    assert_harmless(server, site, site / "in" / "theirs", doors)


@pytest.mark.parametrize(("name", "text"), some(STUDIES, 12))
def test_a_study_of_others_does_no_harm(name: str, text: str, server, site) -> None:
    (site / "here" / "experiments").mkdir()
    content = f"# @package _global_\n{text}\n".encode(errors="surrogateescape")
    (site / "here" / "experiments" / "theirs.yaml").write_bytes(content)
    (site / "elsewhere.yaml").write_text("hydra: {callbacks: {x: {_target_: os.system}}}\n")
    assert_harmless(server, site, site / "here", ["study"])
    left = {path.name for path in (site / "here").iterdir()}
    assert left == {"experiments"}
