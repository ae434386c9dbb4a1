"""A Slurm for all tests of this folder, and an empty queue for each."""

import pytest
from trouble import fixtures

from engines.slurm_cluster import missing, slurm_cluster
from engines.slurm_sweeps import WIDTHS, sweep_of

site, start, call = fixtures.site, fixtures.start, fixtures.call


@pytest.fixture(scope="session")
def slurm_installed():
    if (reason := missing()) is not None:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def whole_cluster(slurm_installed):
    with slurm_cluster() as cluster:
        yield cluster


@pytest.fixture
def slurm(whole_cluster):
    """A Slurm of two nodes with nothing to do; what a test leaves of jobs is ended after it."""
    yield whole_cluster
    whole_cluster.clear()


@pytest.fixture(scope="session")
def calm(call, tmp_path_factory):
    """The sweep of four groups as two workers of this machine train it."""
    folder = tmp_path_factory.mktemp("calm") / "sweep"
    done = call(*sweep_of(folder, *WIDTHS), "hydra.launcher.workers=2")
    assert done.code == 0, done.said
    return folder
