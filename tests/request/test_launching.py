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


@pytest.mark.parametrize(
    ("engine", "key", "typed", "value"),
    [
        ("ray", "runtime_env", "{env_vars:{A:'1'}}", {"env_vars": {"A": "1"}}),
        ("slurm", "additional_parameters", "{nice:100}", {"nice": 100}),
    ],
)
def test_what_is_the_engine_s_own_is_handed_on_as_it_is(engine, key, typed, value):
    words = [f"hydra/launcher={engine}", f"hydra.launcher.{key}={typed}"]
    request = check_request(read(["-m", *words, "seed=0,1"]))
    assert request.launching.cluster.record()[key] == value
