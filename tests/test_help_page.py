import sys
from contextlib import suppress

import pytest

from runner.commands import commands
from runner.help_page import help_page
from runner.main import main
from runner.sweep.entry import enter


def said_by_hydra(capsys: pytest.CaptureFixture[str]) -> str:
    with suppress(SystemExit):
        enter(["--help"], lambda config: None)
    return capsys.readouterr().out


@pytest.fixture
def components(tmp_path, monkeypatch):
    """A folder with a model and a study of one's own."""
    for path in ("components/conf/model/mine.yaml", "experiments/my-study.yaml"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text("name: mine\n")
    monkeypatch.chdir(tmp_path)


def test_it_is_what_hydra_says(components, capsys):
    page, listed = help_page(), "Commands, each with --help:"
    ours = page.partition(listed)[0].split()
    assert ours == said_by_hydra(capsys).split()
    assert {"mine,", "my-study,"} <= {*ours}


def test_it_names_every_command_and_fits_a_page():
    page = help_page()
    assert all(f"runner {name}" in " ".join(page.split()) for name in commands())
    assert max(map(len, page.splitlines())) <= 80


@pytest.mark.parametrize("beside", [[], ["-m"], ["--cfg", "job"]])
def test_flags_beside_it_change_nothing(beside, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["runner", "--help", *beside])
    assert main() == 0
    assert capsys.readouterr().out == f"{help_page()}\n"


def test_a_flag_beside_it_exists(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["runner", "--help", "--nonsense"])
    assert main() == 2
    assert "--nonsense" in capsys.readouterr().err
