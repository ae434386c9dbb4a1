"""Sweeps of small runs, trained whole, or killed after some steps and gone on with."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from trouble.commands import TWO_GROUPS, Started, reached, rows
from trouble.fixtures import call as call
from trouble.fixtures import calm as calm
from trouble.fixtures import site as site
from trouble.fixtures import start as start

from runner.config import check
from runner.crew.group_files import GroupFiles, all_groups
from runner.crew.work import train_group
from runner.engine.saves import Saves
from runner.request.launching import Launching
from runner.sweep.launch import set_out

FILES = ("metrics.csv", "trace.csv", "checkpoints/last.pt", "checkpoints/best.pt")
ENDING = ("status", "reason", "last", "best")


class Killed(BaseException):
    """What no part of the program catches: as if the process were gone."""


class Killer:
    """Watches a training, has it saved after one step, and kills it at another or at its end.

    Args:
        save: The step after which it is saved.
        kill: The step at whose end it is killed, or the end of an epoch after which there are
            no more steps.
    """

    def __init__(self, save: int, kill: int) -> None:
        self.save, self.kill, self.steps = save, kill, 0

    def began(self, name, group, threads, done):
        self.steps = done

    def step(self):
        self.steps += 1
        if self.steps >= self.kill:
            raise Killed

    def epoch(self, rows):
        if self.steps + 1 >= self.kill:
            raise Killed

    def interrupted(self):
        pass

    def tell(self, sentence):
        pass


class Witness(Killer):
    """Watches a training to its end, and keeps what it was told."""

    def __init__(self) -> None:
        super().__init__(save=0, kill=10**9)
        self.told: list[str] = []
        self.began_at: list[int] = []

    def began(self, name, group, threads, done):
        super().began(name, group, threads, done)
        self.began_at.append(done)

    def tell(self, sentence):
        self.told.append(sentence)


class Sweep:
    """The folder of a sweep that was set out.

    Args:
        folder: The folder.
        points: The runs asked for.
        width: How many train together.
    """

    def __init__(self, folder: Path, points: Sequence, width: int) -> None:
        self.folder = folder
        configs = [check(point.resolved) for point in points]
        places = [folder / str(job) for job in range(len(points))]
        set_out(folder, points, configs, places, Launching(width), is_sweep=True)

    @property
    def groups(self) -> list[GroupFiles]:
        return all_groups(self.folder)

    def killed(self, save: int, kill: int) -> None:
        """Train each group until it is killed, with one save of its state."""
        for files in self.groups:
            killer = Killer(save, kill)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Saves, "is_due", lambda _, killer=killer: killer.steps == save)
                with pytest.raises(Killed):
                    train_group(self.folder, files.name, killer)

    def train(self) -> Witness:
        """Train what is left, to the end."""
        witness = Witness()
        for files in self.groups:
            train_group(self.folder, files.name, witness)
        return witness

    def ending(self) -> list[dict]:
        """Return all that must be equal of each run; of a trace all but the clock."""
        return [self._ending(files, run) for files in self.groups for run in files.plan.runs]

    def _ending(self, files: GroupFiles, run) -> dict:
        folder, summary = files.run_folder(run), files.summary(run)
        found = {name: (folder / name).read_bytes() for name in FILES if (folder / name).is_file()}
        if "trace.csv" in found:
            rows = [line.split(b",") for line in found["trace.csv"].splitlines()]
            assert rows[0][2] == b"seconds"
            found["trace.csv"] = [row[:2] + row[3:] for row in rows]
        return found | {key: summary[key] for key in ENDING}


@pytest.fixture
def set_out_sweep(composer, tmp_path) -> Callable[..., Sweep]:
    """Sets a sweep out: ``set_out_sweep("a", [["seed=1"], ["seed=2"]], width=2)``."""

    def set_out_sweep(name: str, points: Sequence[Sequence[str]], width: int = 1) -> Sweep:
        composed = [composer.point(["device=cpu", *point]) for point in points]
        return Sweep(tmp_path / name, composed, width)

    return set_out_sweep


@pytest.fixture
def witness() -> Witness:
    """Watches a training to its end."""
    return Witness()


@pytest.fixture
def sweep_of(tmp_path) -> Callable[..., Sweep]:
    """Sets a sweep out of points that are composed: ``sweep_of("a", points, width=2)``."""
    return lambda name, points, width: Sweep(tmp_path / name, points, width)


# ---------------------------------------------------------------- commands


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
