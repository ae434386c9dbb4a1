"""The launcher under Hydra's own tests: other programs' task functions run as they always did."""

import pytest
from hydra.core.plugins import Plugins
from hydra.core.singleton import Singleton
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.test_utils.launcher_common_tests import (
    BatchedSweeperTestSuite,
    IntegrationTestSuite,
    LauncherTestSuite,
)
from hydra.version import VersionBase

# Hydra warns of its own suite's programs, which say nothing of the folder that jobs run in.
pytestmark = pytest.mark.filterwarnings("ignore:(?s).*working directory:UserWarning")


@pytest.fixture(autouse=True)
def as_hydra_starts(hydra_restore_singletons):
    """Hydra's suite expects the behaviour of a process in which nobody chose a version base."""
    Singleton._instances.pop(VersionBase, None)


def test_hydra_discovers_the_plugins():
    found = {*Plugins.instance().discover(Launcher), *Plugins.instance().discover(Sweeper)}
    names = {f"{plugin.__module__}.{plugin.__name__}" for plugin in found}
    here = "hydra_plugins.runner_plugin"
    assert {f"{here}.launcher.FusedLauncher", f"{here}.sweeper.PointsSweeper"} <= names


@pytest.mark.parametrize(("launcher_name", "overrides"), [("fused", [])])
class TestFusedLauncher(LauncherTestSuite):
    pass


@pytest.mark.parametrize(
    ("launcher_name", "overrides"),
    [("fused", ["hydra/sweeper=basic", "hydra.sweeper.max_batch_size=2"])],
)
class TestFusedLauncherInBatches(BatchedSweeperTestSuite):
    pass


@pytest.mark.parametrize(
    ("task_launcher_cfg", "extra_flags"),
    [({"defaults": [{"override hydra/launcher": "fused"}]}, ["-m"])],
)
class TestFusedLauncherIntegration(IntegrationTestSuite):
    pass
