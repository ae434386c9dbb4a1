"""How a run stands that has no end, and what to type to go on."""

import json
import os
import shlex
import socket
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from runner.report import main
from runner.results.gallery.page import is_finished
from runner.results.read.go_on import how_to_go_on
from runner.results.read.missing_files import reason
from runner.results.read.runs import read_run, read_runs
from runner.results.report import write_report
from runner.results.report.index import write_index
from runner.results.sweep import read_sweep

CUT_OFF = "It was cut off: no record says how it ended."


def leave(run: Path, status: str, **told: Any) -> None:
    path = run / "summary.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"status": status} | told))


def own(folder: Path) -> None:
    """Take a folder as a living command does."""
    (folder / ".runner").mkdir(exist_ok=True)
    me = {"host": socket.gethostname(), "pid": os.getpid(), "since": "now"}
    (folder / ".runner" / "lock").write_text(json.dumps(me))


@pytest.fixture
def killed(folders: Any) -> Path:
    """A sweep that was killed: runs that ended, that were cut off, and that never began."""
    folder: Path = folders.sweep("a sweep", [{"optim.lr": rate} for rate in (0.1, 0.2, 0.3)])
    (folder / ".runner").mkdir()
    (folder / ".runner" / "sweep.json").touch()
    (folder / "jobs.yaml").write_text("".join(f"- - optim.lr=0.{job}\n" for job in range(1, 6)))
    leave(folder / "1", "running", last=None, best=None)
    (folder / "2" / "summary.json").unlink()
    (folder / "2" / "metrics.csv").unlink()
    (folder / "3").mkdir()
    return folder


def stand(folder: Path) -> list[tuple[str, str]]:
    return [(run.status, reason(run)) for run in read_runs(folder)]


def test_a_run_says_that_it_is_running_only_while_its_owner_lives(killed: Path) -> None:
    left = "It left no trace: the command ended before it began, or its folder was removed."
    never = "The command ended before it began."
    interrupted = [("interrupted", words) for words in (CUT_OFF, never, left, left)]
    assert stand(killed)[1:] == interrupted
    own(killed)
    begun, waiting = "It has not ended yet.", "It has not begun yet."
    running = [("running", words) for words in (begun, waiting, waiting, waiting)]
    assert stand(killed)[1:] == running
    assert read_run(killed / "1").status == "running"
    assert stand(killed)[0][0] == "ok"
    (killed / ".runner" / "lock").write_text("")
    assert stand(killed)[1:] == interrupted


def test_runs_without_an_end_are_in_every_table_and_no_mean(killed: Path) -> None:
    own(killed)
    for status in ("running", "interrupted"):
        tables = read_sweep(killed).tables
        assert tables.sweep["status"].tolist() == ["ok", *[status] * 4]
        # The last epoch of a run that was cut off is that of its rows.
        assert tables.sweep["epoch"].tolist()[:2] == [3, 3]
        assert tables.sweep["test/loss"].isna().tolist() == [False, False, True, True, True]
        assert tables.summary["test/loss_n"].tolist() == [1, 0, 0, 0, 0]
        assert not is_finished(killed)
        (killed / ".runner" / "lock").write_text("")


def test_the_command_to_go_on_is_as_one_types_it(
    killed: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    (step,) = how_to_go_on(killed, read_runs(killed))
    assert step.command == "python -m runner --resume 'a sweep'"
    assert step.words == "4 of 5 runs did not finish. To resume:"
    for place, typed in ((killed, "."), (killed / "0", str(killed))):
        monkeypatch.chdir(place)
        (step,) = how_to_go_on(killed, read_runs(killed))
        assert shlex.split(step.command)[-1] == typed
    (step,) = how_to_go_on(killed / "1", read_runs(killed / "1"))
    assert step.command == f"python -m runner --resume {shlex.quote(str(killed))}"


def test_what_failed_is_tried_again_only_when_asked_to(killed: Path) -> None:
    leave(killed / "0", "oom")
    on, again = how_to_go_on(killed, read_runs(killed))
    assert again.command == f"{on.command} --retry"
    assert again.words == "1 of 5 runs failed. To retry these and resume the rest:"
    alone = [run for run in read_runs(killed) if run.status == "oom"]
    assert [str(step) for step in how_to_go_on(killed, alone)] == [
        f"The run failed. To retry:\n  {on.command} --retry"
    ]


@pytest.mark.parametrize("kind", ["search", "population"])
def test_what_failed_in_a_search_is_not_tried_again(killed: Path, kind: str) -> None:
    """It was told so, and decided what was tried next: ``--retry`` is refused there."""
    leave(killed / "0", "oom")
    (killed / ".runner" / kind).mkdir()
    (killed / ".runner" / kind / "request.json").write_text("{}")
    (on,) = how_to_go_on(killed, read_runs(killed))
    assert "--retry" not in str(on)


def test_nothing_is_said_where_nothing_can_be_gone_on_with(killed: Path) -> None:
    ended = [run for run in read_runs(killed) if run.status == "ok"]
    assert how_to_go_on(killed, ended) == []
    leave(killed / "0", "diverged")  # a result, which another try would give again
    assert how_to_go_on(killed, [read_run(killed / "0")]) == []
    own(killed)
    assert how_to_go_on(killed, read_runs(killed)) == []
    (killed / ".runner" / "lock").unlink()
    (killed / ".runner" / "sweep.json").unlink()
    assert how_to_go_on(killed, read_runs(killed)) == []


def test_the_report_and_its_command_say_how_to_go_on(
    killed: Path, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    leave(killed / "0", "failed")
    assert main(["a sweep"]) == 0
    command = "python -m runner --resume 'a sweep'"
    assert capsys.readouterr().err.splitlines()[-3:] == [
        f"  {command}",
        "1 of 5 runs failed. To retry these and resume the rest:",
        f"  {command} --retry",
    ]
    page = (killed / "report.html").read_text()
    assert page.count(f"<code>{command.replace(chr(39), '&#39;')}</code>") == 1
    assert page.count(f"<code>{command.replace(chr(39), '&#39;')} --retry</code>") == 1
    leave(killed / "1", "ok")
    own(killed)
    text = write_report(read_sweep(killed)).read_text()
    assert "--resume" not in text
    assert "1 of 5 runs did not complete. 3 of 5 runs had not ended" in text


def test_a_run_on_its_own_is_gone_on_with(folders: Any, make_curve: Any, monkeypatch: Any) -> None:
    run = folders.run("alone", {"optim.lr": 0.1}, make_curve(2))
    (run / ".runner").mkdir()
    (run / ".runner" / "sweep.json").touch()
    leave(run, "running", last=None)
    monkeypatch.chdir(folders.root)
    (found,) = read_runs(run)
    assert (found.status, reason(found), found.last["epoch"]) == ("interrupted", CUT_OFF, 2)
    assert [str(step) for step in how_to_go_on(run, [found])] == [
        "The run did not finish. To resume:\n  python -m runner --resume alone"
    ]
    own(run)
    assert read_runs(run)[0].status == "running"


def test_the_index_reads_the_runs_where_the_tables_are_of_an_unfinished_sweep(killed: Path) -> None:
    main([str(killed)])
    for job, status in ((1, "ok"), (2, "running")):
        summary = {"status": status, "last": {"epoch": 3}}
        (killed / str(job) / "summary.json").write_text(json.dumps(summary))
    own(killed)
    assert pd.read_csv(killed / "sweep.csv")["status"].tolist().count("ok") == 1
    text = write_index(killed.parent).read_text()
    assert "5 runs, 3 running; a sweep" in text
    assert "failed" not in text
