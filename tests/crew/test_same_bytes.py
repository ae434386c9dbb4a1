"""The same sweep gives the same bytes, whoever trains it and whatever else the machine does.

That a run agrees with its solo run is held by ``tests/engine/test_same_result.py``. On a busy
machine it is tried three times, and ``RUNNER_SAME_TIMES=20`` times where that is asked for.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runner.machine import cores

SWEEP = [
    *("-m", "model=dropout-mlp", "model.hidden=[9],[12]", "model.dropout=0.3", "optim=adam"),
    *("optim.lr=0.01,0.1,1e30", "seed=1,2", "epochs=4", "dataset.train_size=130", "batch_size=32"),
]
TABLES = ("sweep.csv", "summary.csv", "curves.csv")
OF_RUNS = ("metrics.csv", "checkpoints/last.pt", "checkpoints/best.pt")
TIMES = int(os.environ.get("RUNNER_SAME_TIMES", "3"))
ENVIRONMENT = {**os.environ, "NO_COLOR": "1"}


def train(folder: Path, *overrides: str) -> dict[str, bytes]:
    """Train the sweep by the command, and return what must be equal, name to content."""
    command = [sys.executable, "-m", "runner", *SWEEP, f"hydra.sweep.dir={folder}", *overrides]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (1, ""), done.stdout  # four runs diverge
    paths = [folder / name for name in TABLES]
    paths += [path for name in OF_RUNS for path in folder.glob(f"*/{name}")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@contextmanager
def busy_machine() -> Iterator[None]:
    """Keep every core busy with something else."""
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(cores())]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


@pytest.mark.commands
def test_workers_change_no_bit(tmp_path):
    alone = train(tmp_path / "0", "hydra.launcher.workers=0")
    assert len(alone) == 3 + 12 + 12 + 8  # a run that diverges has no best epoch
    for workers in (1, 2, 3):
        over = train(tmp_path / str(workers), f"hydra.launcher.workers={workers}")
        assert over.keys() == alone.keys()
        assert [name for name in alone if over[name] != alone[name]] == []


@pytest.mark.commands
@pytest.mark.torture
@pytest.mark.long
def test_the_same_again_on_a_busy_machine(tmp_path):
    first = train(tmp_path / "first", "hydra.launcher.workers=0")
    with busy_machine():
        for number in range(TIMES):
            again = train(tmp_path / str(number), f"hydra.launcher.workers={number % 3}")
            assert [name for name in first if again[name] != first[name]] == [], number
