"""What is said to a person may fail, without ending the work: nobody may be there to hear it."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from runner.results.read.runs import read_run

pytestmark = [pytest.mark.commands, pytest.mark.attack]

ROOT = Path(__file__).parents[1]
Ended = subprocess.CompletedProcess[str]
TINY = ["dataset.train_size=40", "model.hidden=[8]", "epochs=2", "plots=false"]
SWEEP = ["-m", *TINY, "optim.lr=0.1,0.2"]
COMMAND = [sys.executable, "-m", "runner"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def in_shell(
    line: str, folder: Path, *argv: str, **environment: str
) -> subprocess.CompletedProcess:
    """A command as it is typed, with what a shell does to its streams."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line, "bash", *COMMAND, *argv],
        cwd=folder,
        env=ENVIRONMENT | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def assert_whole(folder: Path) -> None:
    run = read_run(folder)
    assert (run.status, run.last["epoch"]) == ("ok", 2)
    assert (folder / "checkpoints" / "last.pt").is_file()


@pytest.mark.parametrize(
    "line",
    ['"$@" > /dev/full', '"$@" <&- >&- 2>&-', '"$@" 2>&1 | head -n 1'],
)
def test_a_run_is_trained_though_nobody_can_be_told(line, tmp_path):
    ended = in_shell(line, tmp_path, *TINY, "hydra.run.dir=run")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert_whole(tmp_path / "run")


@pytest.mark.parametrize("line", ['"$@" > /dev/full 2>&1', '"$@" >&- 2>&-'])
def test_a_sweep_gets_its_tables_from_workers_though_nobody_can_be_told(line, tmp_path):
    workers = "hydra.launcher.workers=2"
    ended = in_shell(line, tmp_path, *SWEEP, "model.hidden=[8],[9]", workers, "hydra.sweep.dir=s")
    assert (ended.returncode, ended.stderr) == (0, "")
    for job in range(4):
        assert_whole(tmp_path / "s" / str(job))
    assert (tmp_path / "s" / "summary.csv").is_file()


@pytest.mark.parametrize("line", ['"$@" 2> /dev/full', '"$@" >&- 2>&-'])
def test_a_wrong_request_ends_with_its_code_though_nobody_can_be_told(line, tmp_path):
    assert in_shell(line, tmp_path, "epochs=0").returncode == 2
    assert in_shell(line, tmp_path, "report", "nowhere").returncode == 2
    assert not [*tmp_path.iterdir()]


def test_letters_that_a_stream_does_not_have_are_question_marks(tmp_path):
    ended = in_shell('"$@"', tmp_path, *SWEEP, "hydra.sweep.dir='łódź'", PYTHONIOENCODING="ascii")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "files: ??d?" in ended.stdout and "val/loss ?" in ended.stdout
    assert_whole(tmp_path / "łódź" / "0")


def on_terminal(columns: int, folder: Path, *argv: str, goes: bool = False) -> tuple[int, str]:
    """The exit code of a command on a terminal of some columns, and what stood there.

    The terminal goes away at once where that is asked for, and its hangup is not heard.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {k: v for k, v in ENVIRONMENT.items() if k not in ("CI", "COLUMNS")}
    command = subprocess.Popen(
        [*COMMAND, *argv],
        cwd=folder,
        env=environment | {"TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while not goes:
        try:
            part = os.read(ours, 10_000)
        except OSError:  # Linux says so when the other side is closed
            break
        said += part
    os.close(ours)
    return command.wait(200), said.decode()


@pytest.mark.parametrize("columns", [7, 20])
def test_a_narrow_terminal_shows_every_number_whole(columns, tmp_path):
    code, said = on_terminal(columns, tmp_path, *TINY, "hydra.run.dir=run")
    assert code == 0 and "Traceback" not in said and "…" not in said
    last = read_run(tmp_path / "run").last
    assert f"{last['test/loss']:.4g}" in said and "files: run" in said
    code, said = on_terminal(columns, tmp_path, *SWEEP, "hydra.sweep.dir=sweep")
    assert code == 0 and "Traceback" not in said and "…" not in said
    code, said = on_terminal(columns, tmp_path, *SWEEP, "--dry-run")
    assert code == 0 and "Traceback" not in said and "…" not in said
    assert "optim.lr=0.2" in said


def test_a_terminal_that_went_away_costs_nothing(tmp_path):
    code, _ = on_terminal(80, tmp_path, *SWEEP, "hydra.sweep.dir=sweep", goes=True)
    assert code == 0
    assert_whole(tmp_path / "sweep" / "1")
    assert (tmp_path / "sweep" / "summary.csv").is_file()
