"""Requests and studies that were made to do harm: a sentence, exit code 2, and nothing made."""

import os
import resource
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from runner.machine import memory

pytestmark = pytest.mark.attack

HUGE = "9" * 5000
WRONG = [
    (["logger={}"], "There is no logger '{}'"),
    (["metric=[{}]"], "There is no metric '{}'"),
    (["logger=[[wandb]]"], "There is no logger '['wandb']'"),
    (["seed=${oc.decode:3}"], "seed has no value: TypeError raised while resolving interpolation"),
    (["-m", "seed=${oc.decode:3}", "epochs=1,2"], "seed has no value: TypeError raised"),
    (["optim.clip_norm=${oc.env:,X1}"], "the environment variable '' may not be read"),
    (["repeats=${oc.decode:3}"], "repeats has no value: TypeError raised"),
    (["seed=${oc.decode:3}", "--cfg", "job", "--resolve"], "seed has no value: TypeError raised"),
    (
        ["optim.lr=${oc.decode:3}", "--cfg", "all", "--resolve"],
        "A key has no value: TypeError raised",
    ),
    ([f"seed={HUGE}"], "can't be read"),
    ([f"model.hidden=[{HUGE}]"], "can't be read"),
    ([f"seed={'[' * 3000}{']' * 3000}"], "nests too deep"),
    ([f"device.threads={10**30}"], f"device.threads={10**30} is not allowed: this machine has"),
    (["device.threads=100000"], "it takes auto or a whole number from 1 to"),
    (["-m", "device.threads=1,100000"], "device.threads=100000 is not allowed"),
    (["hydra.sweeper.params=1e308"], "values to sweep over are key=a,b, with -m"),
    (["hydra.searchpath=[file://x]"], "components of your own stand in components/"),
    (["-m", "seed=0,range(5,8)"], "an interval or a range stands alone"),
    (["-m", "seed=range(0,3,0)"], "has no end: its step is 0"),
    (["hydra/auncher=fused"], "There is no group 'hydra/auncher'; did you mean 'hydra/launcher'?"),
    (["dataset" * 200 + "=1"], "There is no key 'dataset"),
    ([f"--components={'[' * 3000}"], "is too long for the name of a folder"),
    (["seed.*" * 5000], " … "),
]


@pytest.mark.parametrize("dry", [[], ["--dry-run"]], ids=["start", "dry-run"])
@pytest.mark.parametrize(("typed", "told"), WRONG, ids=lambda value: str(value)[:30])
def test_a_wrong_request_is_a_sentence(typed, told, dry, command, tmp_path):
    code, said = command(*typed, *dry)
    assert code == 2 and told in said and "Traceback" not in said, said[-300:]
    assert not [*tmp_path.iterdir()]


# Nine lines of aliases, each nine times the one before.
BOMB = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{before}'] * 9)}]\n"
    for before, after in pairwise("abcdefghi")
)
STUDIES = {
    "includes itself": ("defaults:\n  - itself\n", "nests too deep"),
    "nests": ("notes: " + "[" * 3000 + "]" * 3000 + "\n", "nests too deep"),
    "number": (f"seed: {HUGE}\n", "can't be read"),
    "bomb": (BOMB, "can't be read: it has aliases"),
}


@pytest.mark.parametrize("name", STUDIES)
def test_a_hostile_study_is_a_sentence(name, command, tmp_path):
    text, told = STUDIES[name]
    (tmp_path / "experiments").mkdir()
    study = tmp_path / "experiments" / "itself.yaml"
    study.write_text(f"# @package _global_\n{text}")
    code, said = command("experiment=itself")
    assert code == 2 and told in said and "itself" in said, said[-300:]
    assert [*tmp_path.rglob("*")] == [study.parent, study]


TOO_LARGE = [
    (["model.hidden=[100000000]"], "model=mlp"),
    (["model.hidden=[3000000,3000000]"], "model=mlp"),
    (["dataset=linear", "model=linreg", "dataset.train_size=1000000000000"], "dataset=linear"),
    (["dataset=linear", "model=linreg", "dataset.test_size=1000000000000"], "dataset=linear"),
    (["dataset=high-dim-linear", "model=linreg", "dataset.features=900000000000"], "dataset=high"),
]


@pytest.mark.parametrize("dry", [[], ["--dry-run"]], ids=["start", "dry-run"])
@pytest.mark.parametrize(("typed", "what"), TOO_LARGE, ids=lambda value: str(value)[:60])
def test_what_is_too_large_is_told_before_memory_is_taken(typed, what, dry, command, tmp_path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    code, said = command(*typed, *dry)
    assert code == 2 and what in said and "GB of memory, and this machine has" in said, said[-300:]
    # 100 MB hold what is imported meanwhile; the smallest of the requests is for 16 GB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # KiB
    assert not [*tmp_path.iterdir()]


def test_a_limit_of_the_process_counts_as_its_memory():
    code = (
        "import resource; from runner.machine import memory; "
        "resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31)); print(memory())"
    )
    root = Path(__file__).parents[1]
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(told.stdout) == 2**31 < (memory() or 0)
