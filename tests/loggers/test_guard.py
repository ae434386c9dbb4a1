"""Whatever a logger does, the runs go on, and a person hears of it once."""

import json

import pytest

from runner.loggers.base import Logger, NewRun, RunLog
from runner.loggers.guard import FAILURES, Loggers

ROW = {"epoch": 1, "train/loss": 0.5}
NODES = {"mine": {"name": "mine"}}


class Hears(Logger):
    """Keeps what it hears, and fails at a place of one's choice."""

    package = "none"

    def __init__(self, fails_at=None):
        self.fails_at, self.heard = fails_at, []

    def hear(self, place, what):
        self.heard.append((place, what))
        if place == self.fails_at:
            raise OSError(f"the server has gone at {place}\nand more of it")

    def open(self, run):
        self.hear("open", run.title)
        return Log(self)

    def look(self, folder):
        return f"look at {folder.name}"

    def close(self, status):
        self.hear("close", status)


class Log(RunLog):
    def __init__(self, logger):
        self.logger = logger

    def row(self, row):
        self.logger.hear("row", dict(row))

    def finish(self, summary):
        self.logger.hear("finish", summary["status"])


def run(folder, number=0):
    return NewRun(folder / str(number), folder, (), {}, "abc")


@pytest.mark.parametrize("place", ["open", "row", "finish", "close"])
def test_a_logger_that_fails_anywhere_leaves_the_runs_as_they_are(place, train, capsys):
    mine = Hears(place)
    chosen = [["logger=tensorboard", f"seed={seed}"] for seed in range(2)]
    folders = train(*chosen, make=lambda node: mine)
    for folder in folders:
        assert json.loads((folder / "summary.json").read_text())["status"] == "ok"
        assert len((folder / "metrics.csv").read_text().splitlines()) == 4
        log = (folder / "runner.log").read_text()
        assert log.count(f"the server has gone at {place}") == (place != "close")
    said = " ".join(capsys.readouterr().out.split())
    sentence = f"The logger tensorboard failed and is left out: the server has gone at {place}"
    assert said.count(sentence) == 1
    assert "and more of it" not in said
    assert [heard[0] for heard in mine.heard].count(place) == (1 if place == "close" else 2)


def test_a_logger_that_cannot_be_made_is_left_out(train, capsys):
    def make(node):
        raise OSError("no room")

    folders = train(["logger=tensorboard"], make=make)
    assert json.loads((folders[0] / "summary.json").read_text())["status"] == "ok"
    assert "The logger tensorboard failed and is left out: no room" in capsys.readouterr().out


def test_a_logger_that_failed_for_some_runs_is_not_tried_for_all(tmp_path):
    mine, said, notes = Hears("open"), [], []
    with Loggers(lambda node: mine, said.append) as loggers:
        for number in range(10):
            loggers.open(NODES, run(tmp_path, number), notes.append)
    assert mine.heard[:-1] == [("open", str(number)) for number in range(FAILURES)]
    assert len(said) == 1
    assert len(notes) == FAILURES


@pytest.mark.parametrize(
    ("statuses", "interrupted", "ended"),
    [
        (["ok", "ok"], False, "ok"),
        (["ok", "diverged"], False, "failed"),
        (["ok", "interrupted"], False, "interrupted"),
        (["ok", "ok"], True, "interrupted"),
    ],
)
def test_a_logger_is_closed_with_how_the_runs_ended(statuses, interrupted, ended, tmp_path):
    mine = Hears()
    loggers = Loggers(lambda node: mine, print)
    for status in statuses:
        (log,) = loggers.open(NODES, run(tmp_path), print)
        log.row(ROW)
        log.finish({"status": status})
    loggers.close(interrupted=interrupted)
    assert mine.heard[-1] == ("close", ended)
    assert len(mine.heard) == 7


def test_a_run_that_is_still_open_is_interrupted(tmp_path):
    mine = Hears()
    with pytest.raises(KeyboardInterrupt), Loggers(lambda node: mine, print) as loggers:
        loggers.open(NODES, run(tmp_path), print)
        raise KeyboardInterrupt
    assert mine.heard[1:] == [("finish", "interrupted"), ("close", "interrupted")]


def test_an_interruption_is_no_failure(tmp_path):
    class Interrupted(Hears):
        def open(self, run):
            raise KeyboardInterrupt

    said = []
    with pytest.raises(KeyboardInterrupt):
        Loggers(lambda node: Interrupted(), said.append).open(NODES, run(tmp_path), print)
    assert not said


def test_loggers_of_one_setting_are_made_once(tmp_path):
    made = []

    def make(node):
        made.append(node)
        return Hears()

    loggers = Loggers(make, print)
    for node in ({"name": "a"}, {"name": "a"}, {"name": "a", "store": "x"}):
        loggers.open({"a": node}, run(tmp_path), print)
    assert made == [{"name": "a"}, {"name": "a", "store": "x"}]


def test_at_the_end_a_person_is_told_how_to_look(tmp_path):
    said = []
    with Loggers(lambda node: Hears(), said.append) as loggers:
        loggers.sweep = tmp_path
        for number in range(2):
            loggers.open(NODES, NewRun(tmp_path / str(number), tmp_path, (), {}, "a"), said.append)
    assert said == [f"mine: look at {tmp_path.name}"]


def test_of_what_failed_nothing_is_to_be_seen(tmp_path):
    said = []
    with Loggers(lambda node: Hears("close"), said.append) as loggers:
        loggers.open(NODES, run(tmp_path), said.append)
    (only,) = said
    assert "left out" in only
