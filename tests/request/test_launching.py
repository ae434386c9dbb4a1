"""What is wrong in a request for a cluster is told before anything is asked of one."""

import pytest

from runner.errors import RequestError
from runner.request.command_line import read
from runner.request.validate import check_request


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["hydra/launcher=raay", "-m"], "There is no hydra/launcher 'raay'; did you mean 'ray'?"),
        (["hydra/launcher=ray"], "hydra/launcher=ray trains the groups of a sweep: add -m."),
        (
            ["hydra/launcher=ray", "hydra.launcher.adress=auto", "-m"],
            "There is no key 'hydra.launcher.adress'; did you mean 'hydra.launcher.address'?",
        ),
        (
            ["hydra/launcher=ray", "hydra.launcher.partition=gpu", "-m"],
            "hydra.launcher.partition is a key of hydra/launcher=slurm, not of the launcher",
        ),
        (
            ["hydra.launcher.shared=false", "-m"],
            "hydra.launcher.shared is a key of hydra/launcher=ray, not of the launcher",
        ),
        (["hydra/launcher=ray", "hydra.launcher.cpus=two", "-m"], "hydra.launcher.cpus=two is not"),
        (["hydra/launcher=ray", "hydra.launcher.retries=-1", "-m"], "hydra.launcher.retries=-1 is"),
        (["hydra/launcher=ray,slurm", "-m"], "hydra/launcher=ray,slurm: Hydra's own keys can't be"),
    ],
)
def test_a_fault_is_one_sentence(words, told):
    with pytest.raises(RequestError) as raised:
        check_request(read([*words, "seed=0,1" if "-m" in words else "seed=0"]))
    (sentence,) = raised.value.sentences
    assert sentence.startswith(told)


def test_a_runtime_env_is_given_as_it_is():
    env = "hydra.launcher.runtime_env={env_vars:{OMP_NUM_THREADS:'1'}}"
    request = check_request(read(["-m", "hydra/launcher=ray", env, "seed=0,1"]))
    assert request.launching.cluster.runtime_env == {"env_vars": {"OMP_NUM_THREADS": "1"}}
