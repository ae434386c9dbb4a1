"""Hydra's launchers of other packages, where they are installed beside this program."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.commands

# As hydra-ray-launcher registers itself, which has the name ``ray`` too.
PLUGIN = """
from dataclasses import dataclass, field
from typing import Any, Dict

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher


@dataclass
class TheirConf:
    _target_: str = "hydra_plugins.their_launcher.launcher.TheirLauncher"
    ray: Dict[str, Any] = field(default_factory=lambda: {"init": {}, "remote": {}})


class TheirLauncher(Launcher):
    def __init__(self, ray):
        self.ray = ray

    def setup(self, *, hydra_context, task_function, config):
        pass

    def launch(self, job_overrides, initial_job_idx):
        print("theirs")
        return []


ConfigStore.instance().store(group="hydra/launcher", name="ray", node=TheirConf, provider="them")
ConfigStore.instance().store(group="hydra/launcher", name="theirs", node=TheirConf, provider="them")
"""
APP = """
import hydra


@hydra.main(version_base="1.3", config_path=None)
def main(config):
    pass


main()
"""


@pytest.fixture
def beside(tmp_path):
    """Runs a command where the package is installed."""
    package = tmp_path / "site" / "hydra_plugins" / "their_launcher"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "launcher.py").write_text(PLUGIN)

    def beside(*words):
        paths = os.pathsep.join([str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            [sys.executable, *words], env=os.environ | {"PYTHONPATH": paths}, cwd=tmp_path,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    return beside


def test_the_names_of_clusters_are_this_program_s(beside, tmp_path):
    done = beside("-m", "runner", "-m", "hydra/launcher=ray", "seed=0,1", "--dry-run")
    assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr
    done = beside("-m", "runner", "-m", "hydra/launcher=ray", "hydra.launcher.gpu=1", "seed=0,1")
    assert done.returncode == 2
    assert "'hydra.launcher.gpu'; did you mean 'hydra.launcher.gpus'?" in done.stderr


def test_another_program_has_its_own_launcher_of_that_name(beside, tmp_path):
    (tmp_path / "app.py").write_text(APP)
    done = beside("app.py", "-m", "hydra/launcher=ray", "+x=1,2")
    assert "theirs" in done.stdout, done.stdout + done.stderr


def test_a_launcher_for_other_programs_is_refused(beside, tmp_path):
    done = beside("-m", "runner", "-m", "hydra/launcher=theirs", "seed=0,1")
    assert done.returncode == 2
    assert done.stderr == (
        "hydra/launcher=theirs is a launcher for other programs: it trains one run in each "
        "process. Allowed: fused, basic, ray, slurm.\n"
    )
