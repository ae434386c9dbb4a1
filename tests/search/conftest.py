"""Commands given in this process."""

import sys

import pytest

from runner.main import main


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Gives a command in this process: its exit code, and what it said."""
    monkeypatch.chdir(tmp_path)

    def command(*argv):
        monkeypatch.setattr(sys, "argv", ["runner", *map(str, argv)])
        code = main()
        said = capsys.readouterr()
        return code, " ".join((said.out + said.err).split())

    return command
