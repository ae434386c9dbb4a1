"""A sweep that is killed at twenty random moments ends as if nobody had touched it.

Forty runs on the real Fashion-MNIST train over two workers. The command, or one of its workers, is
killed (SIGKILL) while the plan is written, while groups train and save, and while the tables are
written; each time the command to resume is given. At the end every table, row and checkpoint is
compared with those of the same sweep in one process, uninterrupted.

It takes three to four minutes on two cores. The seed of the moments is new each time and printed:
``RUNNER_TORTURE_SEED=N`` takes the same again, ``RUNNER_TORTURE_ROUNDS=10`` goes on with the next
nine (two minutes each).
"""

import os
import random
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from trouble.ordeal import (
    KILLS,
    Ordeal,
    await_moment,
    is_planned,
    is_trained,
    read_json,
    start,
)

DATA = Path("/usr/share/datasets/fashion-mnist")
pytestmark = [
    pytest.mark.commands,
    pytest.mark.torture,
    pytest.mark.skipif(
        not DATA.is_dir(), reason="Debian's package dataset-fashion-mnist is missing"
    ),
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc"),
]

SEED = int(os.environ.get("RUNNER_TORTURE_SEED", random.SystemRandom().randrange(10**6)))
ROUNDS = int(os.environ.get("RUNNER_TORTURE_ROUNDS", "1"))

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


@pytest.mark.long
def test_a_sweep_killed_twenty_times_is_equal_to_the_bit(tmp_path):
    (tmp_path / "experiments").mkdir()
    for name, study in STUDIES.items():
        (tmp_path / "experiments" / f"{name}.yaml").write_text(HEAD + study)
    whole = tmp_path / "whole"
    times = undisturbed(tmp_path, whole)
    assert statuses(whole) == {"ok": RUNS - 5, "diverged": 5}
    for seed in range(SEED, SEED + ROUNDS):
        print(f"RUNNER_TORTURE_SEED={seed}")
        ordeal = Ordeal(tmp_path, REQUEST, random.Random(seed), times)
        ordeal.run()
        assert_same_files(whole, ordeal.folder)
        assert saves_gone_on_from(ordeal.folder) > 0


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


def assert_same_files(whole: Path, killed: Path) -> None:
    """Compare every file that no clock is in; of the others, all but the clock."""
    assert endings(whole) == endings(killed)  # first: the reason of what differs below
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


def endings(folder: Path) -> dict[str, tuple[str, str]]:
    told = {path.parent.name: read_json(path) for path in folder.glob("*/summary.json")}
    return {run: (summary["status"], summary["reason"]) for run, summary in told.items()}


def statuses(folder: Path) -> dict[str, int]:
    return dict(pd.read_csv(folder / "sweep.csv")["status"].value_counts())


def saves_gone_on_from(folder: Path) -> int:
    logs = [path.read_text() for path in folder.glob("*/runner.log")]
    assert len(logs) == RUNS
    return sum(log.count("goes on from epoch") for log in logs)
