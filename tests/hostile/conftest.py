"""A run and a sweep that are trained once, to be harmed in copies."""

import subprocess
import sys
from pathlib import Path

import pytest

SMALL = ["epochs=2", "dataset.train_size=20", "model.hidden=[4]", "trace_every=10"]


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """A run and a sweep, as they are trained."""
    site = tmp_path_factory.mktemp("made")
    for words in (
        [*SMALL, "hydra.run.dir=run"],
        ["-m", *SMALL, "optim.lr=0.1,0.5", "hydra.sweep.dir=sweep", "repeats=2"],
    ):
        command = [sys.executable, "-m", "runner", *words]
        subprocess.run(command, cwd=site, check=True, capture_output=True)
    return site
