"""A sweep that is killed at twenty random moments ends as if nobody had touched it.

Forty runs on the real Fashion-MNIST train over two workers. The command, or one of its workers, is
killed (SIGKILL) while the plan is written, while groups train and save, and while the tables are
written; each time the command to resume is given. At the end every table, row and checkpoint is
compared with those of the same sweep in one process, uninterrupted.

It takes three to four minutes on two cores. The seed of the moments is new each time and printed:
``RUNNER_TORTURE_SEED=N`` takes the same again, ``RUNNER_TORTURE_ROUNDS=10`` goes on with the next
nine (two minutes each).
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest

DATA = Path("/usr/share/datasets/fashion-mnist")
pytestmark = [
    pytest.mark.commands,
    pytest.mark.torture,
    pytest.mark.skipif(
        not DATA.is_dir(), reason="Debian's package dataset-fashion-mnist is missing"
    ),
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc"),
]

KILLS = {"plan": 2, "training": 16, "tables": 2}
SEED = int(os.environ.get("RUNNER_TORTURE_SEED", random.SystemRandom().randrange(10**6)))
ROUNDS = int(os.environ.get("RUNNER_TORTURE_ROUNDS", "1"))
LIMIT = 300  # seconds that anything may take on a machine however busy
MARK = "RUNNER_TORTURE_MARK"  # a variable of the environment by which the processes are known

HEAD = "# @package _global_\ndefaults:\n  - override /dataset: fashion-mnist\n"
# Each is a group of five seeds; the first two are one, of ten.
STUDIES = {
    "dropout": """  - override /model: dropout-mlp
epochs: 12
batch_size: 50
trace_every: 4200
dataset: {train_size: 2000}
model: {hidden: [64, 32], dropout: 0.3}
""",
    "divergence": """  - override /model: dropout-mlp
epochs: 12
batch_size: 50
trace_every: 4200
dataset: {train_size: 2000}
model: {hidden: [64, 32], dropout: 0.6}
optim: {lr: 0.1}
regularizer: {lambda: 21} # each step multiplies the weights by about -1.1
""",
    "augmentation": """  - override /optim: adam
epochs: 10
batch_size: 50
dataset: {train_size: 2000, augment: [flip, crop]}
model: {hidden: [32]}
""",
    "plateau": """  - override /optim: momentum
  - override /schedule: plateau
epochs: 16
batch_size: 40
dataset: {train_size: 2000, val_fraction: 0.2}
model: {hidden: [32]}
schedule: {patience: 0}
""",
    "patience": """epochs: 30
batch_size: 40
patience: 4
dataset: {train_size: 2000, val_fraction: 0.2}
model: {hidden: [32]}
optim: {lr: 0.3}
""",
    "normalisation": """  - override /model: lenet-bn
epochs: 5
batch_size: 16
gradient_norms: true
dataset: {train_size: 400, val_fraction: 0.1, resize: 16}
""",
    "convolution": """  - override /model: lenet
epochs: 4
batch_size: 128
dataset: {train_size: 2000}
optim: {lr: 0.5}
""",
    "one-cycle": """  - override /optim: rmsprop
  - override /schedule: one-cycle
epochs: 12
batch_size: 50
eval_train: true
gradient_norms: true
checkpoint_every: 2
dataset: {train_size: 2000}
model: {hidden: [32]}
""",
}
REQUEST = [
    *("-m", f"experiment={','.join(STUDIES)}", "seed=range(5)"),
    *("device=cpu", "checkpoint_seconds=0.5"),
]
RUNS = 40


def test_a_sweep_killed_twenty_times_is_equal_to_the_bit(tmp_path):
    (tmp_path / "experiments").mkdir()
    for name, study in STUDIES.items():
        (tmp_path / "experiments" / f"{name}.yaml").write_text(HEAD + study)
    whole = tmp_path / "whole"
    times = undisturbed(tmp_path, whole)
    assert statuses(whole) == {"ok": RUNS - 5, "diverged": 5}
    for seed in range(SEED, SEED + ROUNDS):
        print(f"RUNNER_TORTURE_SEED={seed}")
        ordeal = Ordeal(tmp_path, random.Random(seed), times)
        ordeal.run()
        assert_same_files(whole, ordeal.folder)
        assert saves_gone_on_from(ordeal.folder) > 0


# ------------------------------------------------------------------------------- commands


def start(stand: Path, *argv: str, mark: str = "") -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1", MARK: mark}
    with (stand / "printed.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "runner", *argv],
            cwd=stand,
            env=environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )


def undisturbed(stand: Path, folder: Path) -> dict[str, float]:
    """Train the sweep in one process, and return how long each part took, in seconds."""
    process = start(stand, *REQUEST, "hydra.launcher.workers=0", f"hydra.sweep.dir={folder}")
    reached = [
        await_moment(moment, process)
        for moment in (
            lambda: (folder / ".runner").is_dir(),
            lambda: is_planned(folder),
            lambda: is_trained(folder),
            lambda: process.poll() is not None,
        )
    ]
    assert process.wait() == 1  # some are meant to diverge
    spans = [after - before for before, after in pairwise(reached)]
    return dict(zip(KILLS, spans, strict=True))


def await_moment(moment, process) -> float:
    """Wait until something is so, or the process has ended, and return the time."""
    deadline = time.monotonic() + LIMIT
    while not moment() and process.poll() is None:
        assert time.monotonic() < deadline, "the sweep hangs"
        time.sleep(0.01)
    return time.monotonic()


def is_planned(folder: Path) -> bool:
    return (folder / ".runner" / "sweep.json").is_file()


def is_trained(folder: Path) -> bool:
    """Whether every group that was planned is done; parts are done where theirs are."""
    groups = folder / ".runner" / "groups"
    split = {path.parent for path in groups.glob("*/split.json")}
    left = [p for p in groups.glob("*/plan.json") if p.parent not in split]
    return bool(left) and all(path.with_name("done.json").is_file() for path in left)


def processes(*marks: str) -> list[int]:
    """Return the processes of some commands that live, workers and their servers among them."""
    marked = {f"{MARK}={mark}".encode() for mark in marks}
    return [
        int(path.name)
        for path in Path("/proc").iterdir()
        if path.name.isdigit() and not marked.isdisjoint(environment_of(path))
    ]


def environment_of(process: Path) -> list[bytes]:
    try:  # that of a zombie is empty
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


# ------------------------------------------------------------------------------- the ordeal


class Ordeal:
    """A sweep that is killed and resumed until it has been killed often enough.

    Args:
        stand: Where the commands are given.
        chance: Draws the moments and the victims.
        times: Seconds that the plan, the training and the tables take.
    """

    def __init__(self, stand: Path, chance: random.Random, times: dict[str, float]) -> None:
        self.stand, self.chance = stand, chance
        self.spans = times
        self.marks: list[str] = []  # of the commands, one each
        self.folder = Path()

    def run(self) -> None:
        self.begin()
        for _ in range(KILLS["plan"]):
            self.kill_in_plan()
        for share in sorted(self.chance.random() for _ in range(KILLS["training"])):
            self.kill_in_training(share)
        for _ in range(KILLS["tables"]):
            self.kill_in_tables()
        await_moment(lambda: False, self.process)
        assert self.process.returncode == 1  # some diverge
        deadline = time.monotonic() + LIMIT
        while processes(*self.marks) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert processes(*self.marks) == []

    def begin(self) -> None:
        """Give the command in a fresh folder."""
        self.folder = self.stand / uuid4().hex
        where = f"hydra.sweep.dir={self.folder}"
        self.process = self.start(*REQUEST, "hydra.launcher.workers=2", where)

    def resume(self) -> None:
        self.process = self.start("--resume", str(self.folder))

    def start(self, *argv: str) -> "subprocess.Popen[bytes]":
        self.marks.append(uuid4().hex)
        return start(self.stand, *argv, mark=self.marks[-1])

    def kill_command(self, when: str) -> bool:
        """Kill the command, and say whether it had not ended by itself just before."""
        self.process.kill()
        if self.process.wait(LIMIT) != -signal.SIGKILL:
            assert self.process.returncode == 1
            return False
        print(f"{when}: the command was killed")
        return True

    def kill_in_plan(self) -> None:
        await_moment(lambda: (self.folder / ".runner").is_dir(), self.process)
        time.sleep(self.chance.uniform(0, self.spans["plan"]))
        assert self.kill_command("plan")
        if is_planned(self.folder):
            self.resume()
            return
        refused = self.start("--resume", str(self.folder))
        assert refused.wait(LIMIT) == 2  # nothing was trained
        self.begin()

    def kill_in_training(self, share: float) -> None:
        """Kill the command or a worker once a share of the work is done."""
        await_moment(lambda: self.has_done(share), self.process)
        time.sleep(self.chance.uniform(0, 0.5))  # progress is told twice a second
        victim = self.chance.choice([*self.workers(), self.process.pid])
        if is_trained(self.folder):
            self.kill_in_tables()
        elif victim == self.process.pid:
            assert self.kill_command("training")
            self.resume()
        else:  # the command goes on by itself; if it has just ended, another kill follows
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                print("training: a worker was killed")

    def kill_in_tables(self) -> None:
        killed = False
        while not killed:
            await_moment(lambda: is_trained(self.folder), self.process)
            time.sleep(self.chance.uniform(0, self.spans["tables"]))
            killed = self.kill_command("tables")
            self.resume()  # of what is done it writes the tables again

    def has_done(self, share: float) -> bool:
        """Whether so much of the work is done, and the present command goes on with the rest."""
        trains = bool(self.workers()) and work_done(self.folder) >= share
        return trains or is_trained(self.folder)

    def workers(self) -> list[int]:
        """Return the workers of the present command that train."""
        files = (self.folder / ".runner" / "groups").glob("*/progress.json")
        told = [read_json(path).get("pid") for path in files]
        alive = set(processes(self.marks[-1]))
        return sorted(pid for pid in told if pid in alive and pid != self.process.pid)


def work_done(folder: Path) -> float:
    """Return the share of a sweep's steps that were taken."""
    done = 0.0
    for path in (folder / ".runner" / "groups").iterdir():
        plan, told = read_json(path / "plan.json"), read_json(path / "progress.json")
        runs = len(plan["runs"])
        if (path / "done.json").is_file():
            done += runs
        elif "steps" in told:
            done += runs * told["step"] / told["steps"]
    return done / RUNS


def read_json(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


# ------------------------------------------------------------------------------- the end


def assert_same_files(whole: Path, killed: Path) -> None:
    """Compare every file that no clock is in; of the others, all but the clock."""
    assert results(whole) == results(killed)
    for name in results(whole):
        mine, theirs = whole / name, killed / name
        if name.endswith("trace.csv"):
            frames = [pd.read_csv(path, dtype=str) for path in (mine, theirs)]
            pd.testing.assert_frame_equal(*(frame.drop(columns="seconds") for frame in frames))
        elif name.endswith((".csv", ".pt", ".yaml")) and "multirun" not in name:
            assert mine.read_bytes() == theirs.read_bytes(), name
        elif name.endswith("summary.json"):
            said = [read_json(path) for path in (mine, theirs)]
            for key in ("status", "reason", "last", "best", "signature"):
                assert said[0][key] == said[1][key], (name, key)


def results(folder: Path) -> list[str]:
    """Return the files of a sweep, but for what is known of its groups."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(str(path) for path in files if path.parts[0] != ".runner")


def statuses(folder: Path) -> dict[str, int]:
    return dict(pd.read_csv(folder / "sweep.csv")["status"].value_counts())


def saves_gone_on_from(folder: Path) -> int:
    logs = [path.read_text() for path in folder.glob("*/runner.log")]
    assert len(logs) == RUNS
    return sum(log.count("goes on from epoch") for log in logs)
