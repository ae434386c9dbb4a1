"""What the page of Hydra's flags lists works as it stands there."""

import re

import pytest

import runner
from runner.hydra_flags import PAGE
from runner.main import main
from runner.request.command_line import FOREIGN, read
from runner.request.validate import check_request

FLAGS, KEYS = PAGE.split("Keys:\n")
LISTED = re.findall(r"^  (--[a-z-]+)(?:, (-[a-z]+))?(?: (\S+))?", FLAGS, re.M)
WORDS = [(flag, word) for long, short, word in LISTED for flag in (long, short) if flag]


def said(argv, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["runner", *argv])
    try:
        code = main()
    except SystemExit as ended:  # argparse has printed a version
        code = ended.code
    told = capsys.readouterr()
    return code, told.out, told.err


def test_every_flag_of_the_page_was_found():
    assert len(LISTED) == FLAGS.count("\n  --")
    assert all(len(line) <= 88 for line in PAGE.splitlines())


@pytest.mark.parametrize(("flag", "word"), WORDS)
def test_a_listed_flag_is_taken(flag, word, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    beside = ["--cfg", "job"] if flag in ("--resolve", "--package", "-p") else []
    if flag in ("--multirun", "-m", "--info", "-i"):  # Hydra logs what it is asked of itself
        command = read([flag, *([word] if word else [])])
        assert command.multirun or command.informs
        return
    code, out, err = said([*beside, flag, *([word] if word else [])], monkeypatch, capsys)
    assert (code or 0, err) == (0, "")
    assert out


@pytest.mark.parametrize("flag", [f"--{name.replace('_', '-')}" for name in FOREIGN])
def test_a_flag_that_is_refused_is_not_listed(flag, monkeypatch, capsys):
    if flag != "--shell-completion":  # taken as the first word, with what is to be done
        assert flag not in PAGE
    code, _, err = said(["epochs=3", flag, "x"], monkeypatch, capsys)
    assert code == 2 and err.startswith(f"{flag} is not allowed here")


@pytest.mark.parametrize("line", [line.split()[0] for line in KEYS.splitlines() if "=" in line])
def test_a_listed_key_is_taken(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    beside = ["-m", "optim.lr=interval(0.1,1)"] if line.startswith("hydra/sweeper=") else []
    if line.endswith(("=ray", "=slurm")):
        beside = ["-m"]  # they train sweeps
    assert check_request(read([line, *beside])).points


def test_the_version_is_the_programs_own(monkeypatch, capsys):
    code, out, err = said(["--version"], monkeypatch, capsys)
    assert (code, err) == (0, "")
    assert re.fullmatch(rf"runner {re.escape(runner.__version__)} \(Hydra [\d.]+\)\n", out)
