"""A command that ends leaves its jobs to Slurm, and another one collects them."""

import signal
import time

import pandas as pd
import pytest
from trouble.commands import assert_same_sweep, reached

from engines.slurm_sweeps import (
    GROUPS,
    SLURM,
    WIDTHS,
    Terminal,
    all_train,
    jobs_of,
    submitted,
    sweep_of,
)
from runner.report import main as report
from runner.runs import main as runs

pytestmark = pytest.mark.engines
LEFT = f"{GROUPS} jobs are left to Slurm. To collect what becomes of them:"
QUESTION = f"{GROUPS} jobs are with Slurm: c cancels, Enter leaves them to it:"


@pytest.fixture
def told(capsys, monkeypatch, tmp_path):
    """What a command says in this process."""

    def told(main, *argv):
        monkeypatch.chdir(tmp_path)
        assert main([str(word) for word in argv]) == 0
        return " ".join(capsys.readouterr().out.split())

    return told


@pytest.mark.long
def test_jobs_go_on_without_their_command(slurm, start, call, undisturbed, told, tmp_path):
    folder = tmp_path / "outputs" / "sweep"
    terminal = Terminal(start, *sweep_of(folder, *WIDTHS), *SLURM, SECONDS_EACH_EPOCH=2)
    assert reached(lambda: terminal.has_ended() or all_train(folder, GROUPS))
    jobs = jobs_of(folder)

    def all_are_there():
        return {task.id for task in slurm.queue()} >= set(jobs.values())

    # Ctrl-C and Enter.
    terminal.press(b"\x03")
    assert terminal.shows(QUESTION), terminal.said
    terminal.press(b"\r")
    assert terminal.end() == 130
    assert LEFT in " ".join(terminal.said.split())
    assert all_are_there()
    assert "running" in told(runs) and "interrupted" not in told(runs)
    told(report, folder)
    assert set(pd.read_csv(folder / "sweep.csv")["status"]) == {"running"}

    # Elsewhere they are not trained a second time.
    done = call("--resume", folder, "hydra/launcher=fused")
    assert done.code == 2
    some = ", ".join(jobs.values())
    assert done.words.startswith(f"Jobs of Slurm are still training this sweep ({some}):")

    # The command is killed.
    command = start("--resume", folder)
    assert "trained by Slurm" in command.stdout.readline()
    command.kill()
    command.communicate()
    assert all_are_there() and jobs_of(folder) == jobs

    # It is asked to end.
    command = start("--resume", folder)
    assert "taken over from" in command.stdout.readline()
    assert "trained by Slurm" in command.stdout.readline()
    time.sleep(3)  # by now it has looked at the queue
    command.send_signal(signal.SIGTERM)
    said = command.end()
    assert command.returncode == 143 and LEFT in " ".join(said.split())
    assert all_are_there()

    # Ctrl-C and c.
    terminal = Terminal(start, "--resume", folder)
    assert terminal.shows("trained by Slurm")
    time.sleep(3)
    terminal.press(b"\x03")
    assert terminal.shows(QUESTION), terminal.said
    terminal.press(b"c\r")
    assert terminal.end() == 130
    assert not set(jobs.values()) & {task.id for task in slurm.queue()}
    assert len(list(folder.glob(".runner/groups/*/state.pt"))) == GROUPS
    assert "interrupted" in told(runs)

    done = call("--resume", folder, "hydra/launcher=fused")
    assert done.code == 0, done.said
    assert submitted(folder) == GROUPS
    assert_same_sweep(folder, undisturbed)


@pytest.mark.long
def test_what_jobs_finish_without_a_command_is_collected(
    slurm, start, call, undisturbed, told, tmp_path
):
    folder = tmp_path / "outputs" / "sweep"
    command = start(*sweep_of(folder, *WIDTHS), *SLURM)
    assert reached(lambda: len(jobs_of(folder)) == GROUPS)
    command.kill()
    command.communicate()
    assert reached(lambda: not slurm.queue())
    assert "interrupted" not in told(runs)
    done = call("--resume", folder)
    assert done.code == 0, done.said
    assert "Nothing is left to train" in done.words
    assert not jobs_of(folder)  # nobody is waited for
    assert submitted(folder) == GROUPS
    assert_same_sweep(folder, undisturbed)
