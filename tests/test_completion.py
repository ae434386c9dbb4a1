"""Completion: what comes after a word, and that bash itself fills it in."""

import os
import subprocess
import sys
import time
from shutil import which

import pytest
import yaml

from runner.commands import commands
from runner.completion import FLAGS, INSTALL, completions
from runner.components_folder import take_flag
from runner.paths import conf_folder
from runner.registry import SINGLE_CHOICE_GROUPS
from runner.request.command_line import read


@pytest.mark.parametrize("group", SINGLE_CHOICE_GROUPS)
def test_a_group_is_completed_by_its_choices(group):
    choices = sorted(path.stem for path in (conf_folder() / group).glob("*.yaml"))
    assert completions(f"runner {group}=") == [f"{group}={choice}" for choice in choices]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("runner model=den", ["model=densenet"]),
        ("runner -m model=mlp,den", ["model=mlp,densenet"]),
        ("runner optim.l", ["optim.lr="]),
        ("runner optim=adam optim.bet", ["optim.betas="]),
        ("runner optim.bet", []),
        ("runner optim", ["optim.", "optim="]),
        ("runner epo", ["epochs="]),
        ("runner experiment=weight-d", ["experiment=weight-decay"]),
        ("runner optim.nesterov=", ["optim.nesterov=false", "optim.nesterov=true"]),
        ("runner comp", ["compare"]),
        ("runner epochs=1 comp", []),
        ("runner compare out", []),
        ("runner --resume out", []),
        ("runner --components comp", []),
        ("runner nonsense.", []),
        ("runner --com", ["--components"]),
        ("runner runs ta", ["tag="]),
        ("runner runs na", ["name="]),
        ("runner runs tag=exam since=7d stat", ["status="]),
        ("runner runs status=di", ["status=diverged"]),
        ("runner runs optim.l", ["optim.lr="]),
        ("runner runs model=den", ["model=densenet"]),
        ("runner runs exp", ["expect="]),
        ("runner runs --b", []),
    ],
)
def test_a_word_is_completed(typed, found):
    assert completions(typed) == found


def test_components_of_a_folder_that_is_named_are_offered(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNNER_COMPONENTS", "")
    conf = tmp_path / "mine" / "conf" / "model"
    conf.mkdir(parents=True)
    (conf / "my-net.yaml").write_text("name: my-net\nwidth: 3\n")
    assert completions("runner model=my") == []
    assert completions(f"runner --components {tmp_path}/mine model=my") == ["model=my-net"]


def test_an_empty_word_offers_commands_groups_and_top_level_keys():
    found = completions("runner ")
    root = yaml.safe_load((conf_folder() / "config.yaml").read_text())
    assert {*commands(), "model=", "experiment=", "seed="} <= set(found)
    assert {f"{key}=" for key in root if key not in ("defaults", "hydra")} <= set(found)


@pytest.mark.parametrize("flag", FLAGS)
def test_every_flag_that_is_offered_is_one(flag, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("RUNNER_COMPONENTS", "")
    values = {"--cfg": ["job"], "--resume": ["outputs"], "--again": ["outputs"]}
    values |= {"--components": [str(tmp_path)]}
    needs = {"--retry": ["--resume", "outputs"], "--force": ["--resume", "outputs"]}
    try:
        read(take_flag([*needs.get(flag, ()), flag, *values.get(flag, ())]))
    except SystemExit as ended:  # --version
        assert ended.code == 0


@pytest.mark.skipif(not which("bash"), reason="there is no bash here")
@pytest.mark.parametrize(
    ("typed", "point", "reply"),
    [
        ("runner model=den", None, ["densenet"]),
        ("runner model=", None, None),
        ("runner optim.l", None, ["optim.lr="]),
        ("runner optim.l epochs=3", 14, ["optim.lr="]),
    ],
)
def test_bash_fills_it_in(typed, point, reply, tmp_path):
    """By the function that bash would call, with the words broken as bash breaks them."""
    script = tmp_path / "runner"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m runner "$@"\n')
    script.chmod(0o755)
    point = len(typed) if point is None else point
    word = typed[:point].rpartition(" ")[2].rpartition("=")[2]
    lines = [
        'eval "$(runner -sc install=bash)"',
        "compopt() { :; }",  # there is no prompt to set options of
        f"COMP_LINE={typed!r} COMP_POINT={point}",
        f"_runner_complete runner '{word}' ''",
        'printf "%s\\n" "${COMPREPLY[@]}"',
        "complete -p runner",
    ]
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(lines)],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    *found, installed = done.stdout.splitlines()
    choices = sorted(path.stem for path in (conf_folder() / "model").glob("*.yaml"))
    assert found == (choices if reply is None else reply)
    assert installed == "complete -o default -F _runner_complete runner"


def test_it_is_answered_without_what_takes_long_to_import():
    code = (
        "import sys; from runner.__main__ import main; sys.argv = ['runner', '-sc', 'query=bash']; "
        "main(); heavy = {'hydra', 'torch', 'pandas'} & {*sys.modules}; "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    environment = {**os.environ, "COMP_LINE": "runner optim.", "COMP_POINT": "13"}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stderr.strip(), done.returncode) == ("", 0)
    assert "optim.lr=" in done.stdout.split()
    assert time.perf_counter() - began < 5  # 0.2 s; a busy machine takes a multiple


def test_the_function_that_is_installed_asks_what_is_answered():
    assert "-sc query=bash" in INSTALL
