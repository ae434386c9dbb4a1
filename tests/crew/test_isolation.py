"""What one run does costs that run alone: every fault here is really made, in real commands."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree, which
from types import SimpleNamespace

import pandas as pd
import pytest

from runner.crew.group_files import all_groups
from runner.engine import checkpoint
from runner.results.read.runs import read_run

pytestmark = [
    pytest.mark.commands,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes there"),
]

# A package of components that make trouble when the environment says so: what is asked for, and
# what is on record of its origin, stays the same with the trouble and without it.
TROUBLE = '''
import ctypes
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from math import prod
from typing import Annotated, Literal

import numpy
import torch
from torch import Tensor, nn

from runner.hyper import PerMember
from runner.models.base import Model
from runner.registry import register
from runner.schedules import Schedule


def fill_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
    numpy.ones(2**40)


def fail() -> None:
    raise ValueError("Seven is out of the question.\\nSo is eight.")


FAULTS = {
    "none": lambda: None,
    "raise": fail,
    "exit": lambda: sys.exit(0),
    "os-exit": lambda: os._exit(0),
    "abort": os.abort,
    "segfault": lambda: ctypes.string_at(0),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "memory": fill_memory,
    "torch-memory": lambda: torch.empty(1 << 50),
    "sleep": lambda: time.sleep(600),
}


@register("schedule", "trouble")
@dataclass(kw_only=True, eq=False)
class Trouble(Schedule):
    """The rate falls with ``at``; an epoch that begins later than ``at`` makes the trouble."""

    at: Annotated[Tensor, PerMember(gt=0)]
    kind: str

    def factors(self, elapsed: Tensor, epochs: int) -> Tensor:
        print("words of print")
        os.write(1, b"words of C\\n")
        if elapsed[0] > 0:  # what is tried out before training takes no time
            time.sleep(float(os.environ.get("SECONDS_EACH_EPOCH", 0)))
        if os.environ.get("TROUBLE") and (elapsed[0] >= self.at).any():
            FAULTS[self.kind]()
        return (1 / self.at).expand(len(elapsed), -1)


@register("model", "trouble")
class TroubledModel(Model):
    tasks = frozenset({"classes"})

    def __init__(self, inputs, outputs, *, when: Literal["built", "computed"]):
        super().__init__()
        self.linear, self.when = nn.Linear(prod(inputs), outputs), when
        if when == "built":
            sys.exit(0)

    def forward(self, inputs):
        sys.exit()
'''
PACKAGE = {
    "theirs/__init__.py": "",
    "theirs/trouble.py": TROUBLE,
    "theirs/conf/schedule/trouble.yaml": "name: trouble\nat: 1.0\nkind: none\n",
    "theirs/conf/model/trouble.yaml": "name: trouble\nwhen: built\n",
    "theirs-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n",
    "theirs-1.0.dist-info/entry_points.txt": "[runner.components]\ntheirs = theirs.trouble\n",
}
REASONS = {
    "raise": ("failed", "ValueError: Seven is out of the question"),
    "exit": ("failed", "It called sys.exit (SystemExit: 0)."),
    "os-exit": ("failed", "Its process ended by itself, with exit code 0."),
    "abort": ("failed", "Its process died of signal 6 (Aborted)."),
    "segfault": ("failed", "Its process died of signal 11 (Segmentation fault)."),
    "kill": ("failed", "Its process was killed (SIGKILL), perhaps because the memory was full."),
    "memory": ("oom", "Out of memory: MemoryError: Unable to allocate 8.00 TiB"),
    "torch-memory": ("oom", "Out of memory: RuntimeError: "),
}
KINDS = list(REASONS)
AT = [9, 7, 2, 8]  # the third run of each group is guilty, in its third epoch of four
TINY = ["dataset.train_size=40", "model.hidden=[8]", "epochs=4", "schedule=trouble"]
SWEEP = [*TINY, "-m", f"schedule.at={','.join(map(str, AT))}"]
TABLES = ["sweep.csv", "summary.csv", "curves.csv"]
LIMIT = 200  # seconds that a command may take on a machine with much else to do


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder in which the package is installed."""
    folder: Path = tmp_path_factory.mktemp("site")
    for name, text in PACKAGE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


class Started(subprocess.Popen):
    """A command that runs, whose processes can be found."""

    def __init__(
        self, site: Path, *argv: object, before=(), streams: int | None = None, **environment
    ) -> None:
        self.mark = f"RUNNER_TEST={uuid.uuid4()}"
        path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
        told = {name: str(value) for name, value in environment.items()}
        name, value = self.mark.split("=")
        super().__init__(
            [*before, sys.executable, "-m", "runner", *map(str, argv)],
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", name: value, **told},
            cwd=site,
            stdin=streams,
            stdout=subprocess.PIPE if streams is None else streams,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def processes(self) -> dict[int, str]:
        """Its processes that live, with their command lines."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes():
                    found[int(folder.name)] = (folder / "cmdline").read_text()
            except OSError:  # it has ended
                continue
        return found

    def fork_server(self) -> int:
        return min(pid for pid, line in self.processes().items() if "forkserver import" in line)

    def workers(self) -> list[int]:
        """Those that train: each leads a process group of its own."""
        return [pid for pid in self.processes() if pid != self.pid and os.getpgid(pid) == pid]

    def is_gone(self, seconds: float) -> bool:
        """Whether nothing of it is left after some seconds at most."""
        return reached(lambda: not self.processes(), seconds)

    def end(self) -> str:
        """Wait for its end, and return what it said."""
        return self.communicate(timeout=LIMIT)[0]


def reached(is_so: Callable[[], bool], seconds: float = LIMIT) -> bool:
    """Whether something comes to be so within some seconds."""
    until = time.monotonic() + seconds
    while not is_so() and time.monotonic() < until:
        time.sleep(0.02)
    return is_so()


@pytest.fixture(scope="module")
def start(site) -> Iterator[Callable[..., Started]]:
    """Starts a command, and ends what is left of it with the module."""
    started: list[Started] = []

    def start(*argv: object, **environment: object) -> Started:
        started.append(Started(site, *argv, **environment))
        return started[-1]

    yield start
    for command in started:
        for pid in command.processes():
            os.kill(pid, signal.SIGKILL)
        command.wait()


@pytest.fixture(scope="module")
def call(start) -> Callable[..., SimpleNamespace]:
    """Runs a command to its end."""

    def call(*argv: object, **environment: object) -> SimpleNamespace:
        command = start(*argv, **environment)
        said = command.end()
        return SimpleNamespace(code=command.returncode, said=said, words=" ".join(said.split()))

    return call


def rows(folder: Path, job: int) -> int:
    """How many rows a run has."""
    path = folder / str(job) / "metrics.csv"
    return path.read_bytes().count(b"\n") - 1 if path.is_file() else 0


def content(run: Path) -> dict[str, bytes]:
    """What a run gave, by file."""
    names = ["metrics.csv", "checkpoints/last.pt", "checkpoints/best.pt"]
    return {name: (run / name).read_bytes() for name in names}


def assert_same_sweep(folder: Path, undisturbed: Path) -> None:
    for name in TABLES:
        assert (folder / name).read_bytes() == (undisturbed / name).read_bytes(), name
    for run in undisturbed.glob("[0-9]*"):
        assert content(folder / run.name) == content(run), run.name


def assert_sound(folder: Path) -> None:
    """Nothing in a sweep's folder is corrupt, whatever was done to its command."""
    for run in folder.glob("[0-9]*"):
        for path in run.glob("checkpoints/*.pt"):
            checkpoint.load(path)
        if (run / "metrics.csv").exists():
            read_run(run)
    for files in all_groups(folder):
        for path in files.folder.glob("state*.pt"):
            checkpoint.load(path)


# ------------------------------------------------------------- what runs do to themselves


@pytest.fixture(scope="module")
def troubled(call, tmp_path_factory) -> SimpleNamespace:
    """A sweep of a group for each kind of trouble, with the trouble and without."""
    folder: Path = tmp_path_factory.mktemp("troubled")
    kinds = f"schedule.kind={','.join(KINDS)}"
    asked = [*SWEEP, kinds, "hydra.launcher.workers=2"]
    done = {
        name: call(*asked, f"hydra.sweep.dir={folder / name}", **environment)
        for name, environment in {"calm": {}, "trouble": {"TROUBLE": "1"}}.items()
    }
    return SimpleNamespace(**done, folder=folder / "trouble", undisturbed=folder / "calm")


def jobs_of(folder: Path, kind: str) -> list[int]:
    table = pd.read_csv(folder / "sweep.csv")
    return table[table["schedule.kind"] == kind].sort_values("schedule.at")["job"].tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_trouble_costs_the_guilty_run_alone(troubled, kind):
    guilty, *innocent = jobs_of(troubled.folder, kind)
    status, reason = REASONS[kind]
    run = read_run(troubled.folder / str(guilty))
    assert run.summary["status"] == status
    assert run.summary["reason"].startswith(reason) and "\n" not in run.summary["reason"]
    log = (run.folder / "runner.log").read_text()
    assert f"{status}: {reason}" in log
    assert "words of print" in log and "words of C" in log
    for job in innocent:
        assert read_run(troubled.folder / str(job)).summary["status"] == "ok"
        alike = content(troubled.undisturbed / str(job))
        assert content(troubled.folder / str(job)) == alike


@pytest.mark.parametrize("kind", KINDS)
def test_a_guilty_run_keeps_the_rows_it_had(troubled, kind):
    guilty = str(jobs_of(troubled.folder, kind)[0])
    had, whole = (
        (folder / guilty / "metrics.csv").read_text().splitlines()
        for folder in (troubled.folder, troubled.undisturbed)
    )
    assert had == whole[:3]  # the header and two epochs


def test_the_command_tells_of_every_failure(troubled):
    assert troubled.calm.code == 0 and troubled.trouble.code == 1
    table = pd.read_csv(troubled.folder / "sweep.csv")
    assert len(table) == len(KINDS) * len(AT)
    assert table["status"].value_counts().to_dict() == {"ok": 24, "failed": 6, "oom": 2}
    report = (troubled.folder / "report.html").read_text()
    for _, reason in REASONS.values():
        assert reason in troubled.trouble.words
        assert reason.split("(")[0] in report
    assert "8 of 32 runs" in troubled.trouble.words
    assert f"python -m runner --resume {troubled.folder} --retry" in troubled.trouble.words


def test_what_is_printed_while_workers_train_is_not_on_the_terminal(troubled):
    trained = troubled.trouble.said.partition("32 runs in")[2]
    assert trained and "words of" not in trained


def test_a_traceback_is_in_the_log_alone(troubled):
    guilty = jobs_of(troubled.folder, "raise")[0]
    assert "Traceback" in (troubled.folder / str(guilty) / "runner.log").read_text()
    assert "Traceback" not in troubled.trouble.said


def test_a_retry_without_the_trouble_ends_as_if_there_had_been_none(troubled, call):
    """The last of this folder's tests: it takes the failures away."""
    short = {run for run in range(len(KINDS) * len(AT)) if status_of(troubled, run) == "oom"}
    done = call("--resume", troubled.folder, "--retry")
    assert done.code == 0, done.said
    for job in range(len(KINDS) * len(AT)):
        assert status_of(troubled, job) == "ok"
        # A run that did not fit gave up its padding: it is not computed as it was.
        if job not in short:
            alike = content(troubled.undisturbed / str(job))
            assert content(troubled.folder / str(job)) == alike


def status_of(troubled: SimpleNamespace, job: int) -> str:
    return str(read_run(troubled.folder / str(job)).summary["status"])


def test_a_run_that_never_comes_back_is_ended(call, tmp_path):
    folder, undisturbed = tmp_path / "trouble", tmp_path / "calm"
    asked = [*TINY, "-m", "schedule.at=9,2,8", "schedule.kind=sleep"]
    assert call(*asked, f"hydra.sweep.dir={undisturbed}").code == 0
    # Within 12 s every healthy group takes a step, on a busy machine too.
    limit = "hydra.launcher.timeout_min=0.2"
    done = call(*asked, limit, f"hydra.sweep.dir={folder}", TROUBLE=1)
    assert done.code == 1
    assert [read_run(folder / str(job)).summary["status"] for job in range(3)] == [
        *("ok", "failed", "ok")
    ]
    reason = f"No step was completed within {limit} minutes."
    assert read_run(folder / "1").summary["reason"] == reason and reason in done.words
    for job in "02":
        assert content(folder / job) == content(undisturbed / job)


# ------------------------------------------------------------- in the command's own process


def test_sys_exit_in_a_single_run_is_a_failure_and_what_it_prints_is_in_its_log(call, tmp_path):
    folder = tmp_path / "run"
    asked = [*TINY, "schedule.at=2", "schedule.kind=exit", f"hydra.run.dir={folder}"]
    done = call(*asked, TROUBLE=1)
    assert done.code == 1
    assert "failed: It called sys.exit (SystemExit: 0)." in done.words
    assert "words of print" not in done.said
    assert "words of print" in (folder / "runner.log").read_text()
    assert read_run(folder).summary["status"] == "failed"
    assert rows(tmp_path, "run") == 2


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("built", "can't be built for examples of shape (1, 8, 8) and 10 outputs: SystemExit: 0."),
        ("computed", "fails on a training batch of 2: SystemExit: ."),
    ],
)
@pytest.mark.parametrize("sweep", [["-m", "optim.lr=0.1,0.2"], []])
def test_sys_exit_in_a_try_out_is_refused_and_nothing_is_made(call, tmp_path, when, told, sweep):
    place = f"hydra.{'sweep' if sweep else 'run'}.dir={tmp_path / 'none'}"
    done = call("model=trouble", f"model.when={when}", *sweep, place)
    assert (done.code, done.said) == (2, f"model=trouble {told}\n")
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------- what is done to the disk


BIG = ["model.hidden=[300,300],[8]", "schedule.at=9,7"]  # the first group's weights take 1 MB


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


def test_a_run_whose_folder_is_removed_while_it_trains_is_made_again(start, call, tmp_path):
    folder, undisturbed = tmp_path / "robbed", tmp_path / "calm"
    assert call(*SWEEP, f"hydra.sweep.dir={undisturbed}").code == 0
    command = start(*SWEEP, f"hydra.sweep.dir={folder}", SECONDS_EACH_EPOCH=1)
    assert reached(lambda: rows(folder, 1) >= 1)
    rmtree(folder / "1")
    said = command.end()
    assert command.returncode == 0, said
    assert_same_sweep(folder, undisturbed)


# ------------------------------------------------------------- what is done to processes


TWO_GROUPS = [*SWEEP, "model.hidden=[8],[9]", "checkpoint_seconds=0.05"]


@pytest.fixture(scope="module")
def calm(call, tmp_path_factory) -> Path:
    """The sweep of two groups as it is without any disturbance, in the command's own process."""
    folder: Path = tmp_path_factory.mktemp("calm") / "sweep"
    done = call(*TWO_GROUPS, "hydra.launcher.workers=0", f"hydra.sweep.dir={folder}")
    assert done.code == 0, done.said
    return folder


@pytest.fixture
def training(start, tmp_path) -> Callable[..., tuple[Started, Path]]:
    """Starts the sweep of two groups, which takes its time, and waits for rows of it."""

    def training(workers: int, **environment: object) -> tuple[Started, Path]:
        folder = tmp_path / "sweep"
        asked = [*TWO_GROUPS, f"hydra.launcher.workers={workers}", f"hydra.sweep.dir={folder}"]
        command = start(*asked, **{"SECONDS_EACH_EPOCH": 1, **environment})
        jobs = [0, 1] if workers else [0]  # of each group one: hidden=[8], then [9]
        assert reached(lambda: all(rows(folder, job) for job in jobs))
        return command, folder

    return training


def test_no_process_outlives_a_command_that_is_killed(training, call, calm):
    command, folder = training(2)
    assert len(command.workers()) == 2
    command.kill()
    command.communicate()
    assert command.is_gone(20)  # after the epoch, which takes a second
    assert_sound(folder)
    done = call("--resume", folder)
    assert done.code == 0, done.said
    assert_same_sweep(folder, calm)


def test_a_worker_in_a_step_without_end_is_gone_soon_after_its_command(start, tmp_path):
    argv = [*TINY, "-m", "schedule.at=2,9", "schedule.kind=sleep"]
    command = start(*argv, f"hydra.sweep.dir={tmp_path / 'sweep'}", TROUBLE=1)
    assert reached(lambda: rows(tmp_path / "sweep", 0) == 2)
    command.kill()
    command.communicate()
    assert command.is_gone(40)  # it has 20 s to come to the end of its step


def test_a_worker_that_is_killed_costs_nothing(training, calm):
    command, folder = training(2)
    os.kill(command.workers()[0], signal.SIGKILL)
    said = command.end()
    assert command.returncode == 0, said
    assert "it is tried again: Its process was killed (SIGKILL)" in said
    assert_same_sweep(folder, calm)
    assert command.is_gone(10)


def test_a_fork_server_that_is_killed_costs_nothing(training, calm):
    command, folder = training(2)
    os.kill(command.fork_server(), signal.SIGKILL)
    said = command.end()
    assert command.returncode == 0, said
    assert "it is tried again: Nobody knows what became of its process." in said
    assert_same_sweep(folder, calm)
    assert command.is_gone(10)


@pytest.mark.parametrize(
    ("number", "code", "workers"),
    [(signal.SIGINT, 130, 2), (signal.SIGTERM, 143, 0), (signal.SIGHUP, 129, 2)],
)
def test_a_signal_ends_after_the_step_and_says_how_to_go_on(
    training, call, calm, number, code, workers
):
    command, folder = training(workers)
    command.send_signal(number)
    said = command.end()
    assert command.returncode == code, said
    assert f"python -m runner --resume {folder}" in " ".join(said.split())
    assert command.is_gone(10)
    assert_sound(folder)
    assert set(pd.read_csv(folder / "sweep.csv")["status"]) == {"interrupted"}
    done = call("--resume", folder)
    assert done.code == 0, done.said
    assert_same_sweep(folder, calm)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_second_signal_ends_at_once(training, call, calm, workers):
    command, folder = training(workers, SECONDS_EACH_EPOCH=5)
    command.send_signal(signal.SIGINT)
    time.sleep(0.05)
    command.send_signal(signal.SIGINT)
    command.wait(3)  # less than what was left of the epoch
    assert command.returncode == 130
    assert command.is_gone(3)
    assert_sound(folder)
    done = call("--resume", folder)
    assert done.code == 0, done.said
    assert_same_sweep(folder, calm)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_terminal_that_closes_ends_as_a_signal_does(start, call, calm, tmp_path, workers):
    import pty

    folder = tmp_path / "sweep"
    ours, theirs = pty.openpty()
    # The terminal becomes the command's own, as it is in a window that is closed.
    take = "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    command = start(
        *TWO_GROUPS,
        f"hydra.launcher.workers={workers}",
        f"hydra.sweep.dir={folder}",
        before=[sys.executable, "-c", f"{take} os.execv(sys.argv[1], sys.argv[1:])"],
        streams=theirs,
        SECONDS_EACH_EPOCH=1,
    )
    os.close(theirs)
    os.set_blocking(ours, False)
    assert reached(lambda: drained(ours) and rows(folder, 0) > 0)
    os.close(ours)
    assert command.wait(LIMIT) == 129
    assert command.is_gone(10)
    assert set(pd.read_csv(folder / "sweep.csv")["status"]) == {"interrupted"}
    assert call("--resume", folder).code == 0
    assert_same_sweep(folder, calm)


def drained(terminal: int) -> bool:
    """Read what there is on a terminal, which would stop its program when it is full."""
    try:
        while os.read(terminal, 65536):
            pass
    except BlockingIOError:
        pass
    return True
