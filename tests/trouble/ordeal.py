"""The ordeal of a sweep: its command and its workers are killed and it is resumed, in turn."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from runner.engine.saves import NAMES

KILLS = {"plan": 2, "training": 16, "tables": 2}
LIMIT = 300  # seconds that anything may take on a machine however busy
MARK = "RUNNER_TORTURE_MARK"  # a variable of the environment by which the processes are known


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


class Ordeal:
    """A sweep that is killed and resumed until it has been killed often enough.

    Args:
        stand: Where the commands are given.
        request: The arguments of the sweep's command.
        chance: Draws the moments and the victims.
        times: Seconds that the plan, the training and the tables take.
    """

    def __init__(
        self, stand: Path, request: list[str], chance: random.Random, times: dict[str, float]
    ) -> None:
        self.stand, self.request, self.chance = stand, request, chance
        self.spans = times
        self.marks: list[str] = []  # of the commands, one each
        self.folder = Path()
        self.killed: set[tuple[str, float]] = set()  # groups, each with when its save was written

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
        self.process = self.start(*self.request, "hydra.launcher.workers=2", where)

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
        workers = {pid: saved for pid, saved in self.workers().items() if saved not in self.killed}
        victim = self.chance.choice([*sorted(workers), self.process.pid])
        if is_trained(self.folder):
            self.kill_in_tables()
        elif victim == self.process.pid:
            assert self.kill_command("training")
            self.resume()
        else:  # the command goes on by itself; if it has just ended, another kill follows
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                self.killed.add(workers[victim])
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

    def workers(self) -> dict[int, tuple[str, float]]:
        """Return the workers of the present command that train: the group of each and its save.

        A group that is killed three times without a new save counts as failed, as it should where
        its model is what kills it. So a worker is killed once between two saves of its group.
        """
        files = (self.folder / ".runner" / "groups").glob("*/progress.json")
        told = {read_json(path).get("pid"): path.parent for path in files}
        alive = set(processes(self.marks[-1])) - {self.process.pid}
        return {pid: (told[pid].name, saved_at(told[pid])) for pid in alive.intersection(told)}


def saved_at(group: Path) -> float:
    """Return when a group was last saved, 0 before the first time."""
    try:
        return (group / NAMES[0]).stat().st_mtime
    except OSError:
        return 0.0


def work_done(folder: Path) -> float:
    """Return the share of a sweep's steps that were taken."""
    done = planned = 0.0
    for path in (folder / ".runner" / "groups").iterdir():
        if (path / "split.json").is_file():
            continue
        told, runs = read_json(path / "progress.json"), len(read_json(path / "plan.json")["runs"])
        planned += runs
        if (path / "done.json").is_file():
            done += runs
        elif "steps" in told:
            done += runs * told["step"] / told["steps"]
    return done / planned


def read_json(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
