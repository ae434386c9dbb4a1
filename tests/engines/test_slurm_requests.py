"""What Slurm can't do is refused in one sentence, before anything is made or submitted."""

import sys
import time

import pytest

from engines.slurm_cluster import free_ports

pytestmark = pytest.mark.engines
ASKED = ["hydra/launcher=slurm", "model.hidden=[8]", "epochs=1", "-m", "optim.lr=0.1,0.2"]


@pytest.fixture
def refused(slurm, command, tmp_path):
    """Gives a request that can't be carried out, and returns the sentence that says why."""

    def refused(*asked, sweeps=True):
        before = sorted(tmp_path.iterdir())
        code, said = command(*(ASKED if sweeps else ASKED[:-2]), *asked)
        assert code == 2, said
        assert sorted(tmp_path.iterdir()) == before
        assert {task.state for task in slurm.queue()} <= {"COMPLETING"}  # who was asked
        return said

    return refused


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            ["partition=mian"],
            "There is no hydra.launcher.partition 'mian'; did you mean 'main'? "
            "Allowed: first, main, small.",
        ),
        (
            ["partition=small", "timeout_min=3"],
            "hydra.launcher.timeout_min=3 is more than a job may take in the partition small: "
            "2 minutes. A group that needs longer is saved, and goes on in another job.",
        ),
        (["gpus_per_node=1"], "Slurm would take no such job (--time=60 --gpus-per-node=1"),
        (["mem_gb=100"], "Slurm would take no such job (--time=60 --mem=102400M"),
        (["constraint=epyc"], "Slurm would take no such job (--constraint=epyc"),
        (["timeout_min=0"], "hydra.launcher.timeout_min=0 is not allowed; it takes"),
        (["retries=-1"], "hydra.launcher.retries=-1 is not allowed; it takes"),
        (["setup=module"], "hydra.launcher.setup=module is not allowed; it takes"),
        (["partitoin=main"], "'hydra.launcher.partitoin'"),
        (["additional_parameters={nize: 1}"], "Slurm would take no such job"),
    ],
)
def test_what_slurm_does_not_have_or_take_is_refused(refused, asked, said):
    told = refused(*(f"hydra.launcher.{key}" for key in asked))
    assert said in told and told.count("\n") == 0


def test_a_single_run_is_not_for_slurm(refused):
    told = refused(sweeps=False)
    assert told.startswith("hydra/launcher=slurm trains the groups of a sweep"), told


def test_without_its_commands_slurm_is_not_there(slurm, command, monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        code, said = command(*ASKED)
    assert code == 2 and not list(tmp_path.iterdir())
    assert said == (
        "hydra/launcher=slurm needs Slurm's own commands, and sbatch is not on this machine: give "
        "the command on a login node of the cluster."
    )


def test_without_submitit_its_installation_is_told(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "submitit", None)
    assert refused() == "hydra/launcher=slurm needs submitit: pip install 'runner[slurm]'."


def test_a_controller_that_does_not_answer_is_told_of_soon(command, slurm, monkeypatch, tmp_path):
    lines = slurm.configuration.read_text().splitlines()
    port = f"SlurmctldPort={free_ports(1)[0]}"
    elsewhere = [port if line.startswith("SlurmctldPort") else line for line in lines]
    (tmp_path / "slurm.conf").write_text("\n".join(elsewhere))
    with monkeypatch.context() as patch:
        patch.setenv("SLURM_CONF", str(tmp_path / "slurm.conf"))
        before = time.monotonic()
        code, said = command(*ASKED)
    assert code == 2 and said.startswith("Slurm does not answer: ")
    assert time.monotonic() - before < 15


def test_a_folder_that_a_node_does_not_have_is_refused(refused, slurm, tmp_path):
    own = tmp_path / "of-this-machine"
    own.mkdir()
    slurm.kill_node("n2")
    slurm.start_node("n2", without=own)
    try:
        told = refused(f"hydra.sweep.dir={own / 'sweep'}", "hydra.launcher.exclude=n1")
    finally:
        slurm.kill_node("n2")
    assert told == (
        f"The machines of Slurm do not have the folder {own / 'sweep'}: name one that is shared by "
        "hydra.sweep.dir."
    )
    assert not list(own.iterdir())
