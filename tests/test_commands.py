"""The commands beside a request for runs, by their names."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from runner.commands import COMMANDS, commands, find_command
from runner.errors import RequestError

PACKAGE = Path(__file__).parents[1] / "runner"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_offered_where_its_module_is_there(name):
    there = (PACKAGE / f"{name}.py").is_file()
    assert (name in commands()) == there
    assert (find_command(name) is not None) == there


@pytest.mark.parametrize("name", commands())
def test_a_command_is_the_main_of_its_module(name):
    module = import_module(f"runner.{name}")
    assert find_command(name) is module.main
    assert (module.__doc__ or "").startswith(f"``python -m runner.{name}")


@pytest.mark.parametrize("word", ["model=mlp", "--help", "-m", "compare=3", "outputs", "main"])
def test_anything_else_is_a_request_for_runs(word):
    assert find_command(word) is None


@pytest.mark.parametrize(("typed", "meant"), [("compar", "compare"), ("reprot", "report")])
def test_a_misspelt_command_gets_the_nearest_name(typed, meant):
    with pytest.raises(
        RequestError, match=f"There is no command '{typed}'; did you mean '{meant}'"
    ):
        find_command(typed)


@pytest.mark.commands
def test_one_program_carries_them_out(tmp_path):
    def call(*argv):
        command = [sys.executable, "-m", "runner", *argv]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    asked = call("compare", "--help")
    assert (asked.returncode, asked.stderr) == (0, "") and "Compares runs or sweeps" in asked.stdout
    refused = call("report", "nowhere")
    assert (refused.returncode, refused.stderr) == (2, "There is no folder 'nowhere'.\n")
    misspelt = call("reprot", "nowhere")
    assert misspelt.returncode == 2 and misspelt.stderr.count("\n") == 1
