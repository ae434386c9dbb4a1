"""A Slurm and a Ray cluster for all tests of this folder; both are idle when a test begins."""

import sys

import pytest
from trouble.fixtures import call as call
from trouble.fixtures import calm as calm
from trouble.fixtures import site as site
from trouble.fixtures import start as start

from engines import ray_cluster as ray_engine
from engines.slurm_cluster import missing, slurm_cluster
from engines.slurm_sweeps import WIDTHS, sweep_of


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
def whole_ray():
    if (reason := ray_engine.missing()) is not None:
        pytest.skip(reason)
    with ray_engine.ray_cluster() as cluster:
        yield cluster


@pytest.fixture
def ray(whole_ray):
    """A Ray cluster of a head and two nodes, of one CPU each; what a test ends is there again."""
    yield whole_ray
    whole_ray.clear()


@pytest.fixture
def command(command):
    """Gives a command in this process, which leaves Ray at its end as a process does."""

    def alone(*argv):
        try:
            return command(*argv)
        finally:
            if ray := sys.modules.get("ray"):
                ray.shutdown()

    return alone


@pytest.fixture(scope="module")
def undisturbed(call, tmp_path_factory):
    """The sweep of four groups as two workers of this machine train it."""
    folder = tmp_path_factory.mktemp("undisturbed") / "sweep"
    done = call(*sweep_of(folder, *WIDTHS), "hydra.launcher.workers=2")
    assert done.code == 0, done.said
    return folder
