"""A small search, carried out once, and what it is compared by."""

import csv
import shutil
import subprocess
import sys

import pytest
from trouble.fixtures import call as call
from trouble.fixtures import site as site
from trouble.fixtures import start as start

SMALL = ["dataset.train_size=60", "model.hidden=[8]", "epochs=4", "device=cpu"]
ASKED = [
    *("-m", "hydra/sweeper=search", *SMALL, "optim.lr=tag(log,interval(1e-2,1))"),
    *("optim=sgd,momentum", "optim.momentum=interval(0,0.9)", "repeats=2"),
    *("hydra.sweeper.trials=12", "hydra.sweeper.round=6", "hydra.sweeper.eta=2"),
    *("hydra.sweeper.confirm.points=2", "hydra.sweeper.confirm.seeds=2"),
]
TABLES = ("sweep.csv", "summary.csv", "curves.csv")


@pytest.fixture
def small():
    """The words that make a point quick."""
    return SMALL


@pytest.fixture
def asked():
    """The words that ask for a search of twelve points in two rounds."""
    return ASKED


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """That search where nobody disturbed it, and what it said; nobody may change it."""
    folder = tmp_path_factory.mktemp("whole") / "search"
    done = subprocess.run(
        [sys.executable, "-m", "runner", *ASKED, f"hydra.sweep.dir={folder}"],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, " ".join(done.stdout.split())


@pytest.fixture
def copied(whole, tmp_path):
    """A copy of that search, to be changed and resumed."""
    return shutil.copytree(whole[0], tmp_path / "search")


@pytest.fixture
def table():
    """Reads ``search.csv``: each row as column to text."""
    return _table


@pytest.fixture
def study_of():
    """Reads the journal of a search as Optuna's own tools do."""
    return _study_of


@pytest.fixture
def assert_same():
    """Compares all that two searches leave, but for the seconds that they took."""

    def assert_same(one, other):
        (confirmed,) = (path.name for path in one.glob("confirm-*"))
        names = [*TABLES, "jobs.yaml"]
        for name in [*names, *(f"{confirmed}/{name}" for name in names)]:
            assert (one / name).read_bytes() == (other / name).read_bytes(), name
        without_clock = [
            [{k: v for k, v in row.items() if k != "seconds"} for row in _table(folder)]
            for folder in (one, other)
        ]
        assert without_clock[0] == without_clock[1]
        assert _told(one) == _told(other)

    return assert_same


def _table(folder):
    with (folder / "search.csv").open() as file:
        return list(csv.DictReader(file))


def _study_of(folder):
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    storage = JournalStorage(JournalFileBackend(str(folder / "study.log")))
    return optuna.load_study(study_name="runner", storage=storage)


def _told(folder):
    trials = _study_of(folder).get_trials()
    return [(t.params, t.state, t.value, t.intermediate_values) for t in trials]
