"""A search on a real Slurm finds what it finds on this machine."""

import pandas as pd
import pytest

pytest.importorskip("optuna", reason="the extra 'search' is not installed")
pytestmark = [pytest.mark.engines, pytest.mark.long]
SEARCH = [
    *("-m", "hydra/sweeper=search", "optim.lr=tag(log,interval(1e-2,1))", "model.hidden=[8]"),
    *("dataset.train_size=40", "epochs=2", "hydra.sweeper.trials=4", "hydra.sweeper.round=2"),
    *("hydra.sweeper.eta=2", "hydra.sweeper.confirm.points=0"),
]


def test_a_search_asks_and_finds_the_same(slurm, call, tmp_path):
    found = {}
    for name, launcher in (("there", ["hydra/launcher=slurm"]), ("here", [])):
        folder = tmp_path / name
        done = call(*SEARCH, *launcher, f"hydra.sweep.dir={folder}")
        assert done.code == 0, done.said
        table = pd.read_csv(folder / "search.csv", dtype=str)
        found[name] = table.drop(columns=[c for c in table if "seconds" in c])
    assert list(found["here"]["rung"]) != ["2"] * 4  # some were let go
    pd.testing.assert_frame_equal(found["there"], found["here"])
