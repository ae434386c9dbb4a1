"""Whatever a logger does, the runs go on, and a person hears of it once."""

import json

import pytest

from runner.loggers.base import Logger, NewRun, RunLog
from runner.loggers.guard import FAILURES, Loggers

ROW = {"epoch": 1, "train/loss": 0.5}
NODES = {"mine": {"name": "mine"}}
SENTENCE = "The logger tensorboard failed; it is left out after 3 failures: "


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
    logs = "".join((folder / "runner.log").read_text() for folder in folders)
    tries = {"open": 2, "row": FAILURES, "finish": 2, "close": 1}[place]
    assert logs.count(f"the server has gone at {place}") == (tries if place != "close" else 0)
    said = " ".join(capsys.readouterr().out.split())
    assert said.count(f"{SENTENCE}the server has gone at {place}") == 1
    assert "and more of it" not in said
    assert [heard[0] for heard in mine.heard].count(place) == tries


def test_a_logger_that_cannot_be_made_is_left_out(train, capsys):
    def make(node):
        raise OSError("no room")

    folders = train(["logger=tensorboard"], make=make)
    assert json.loads((folders[0] / "summary.json").read_text())["status"] == "ok"
    assert f"{SENTENCE}no room" in capsys.readouterr().out


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


def test_of_what_was_given_up_nothing_is_to_be_seen(tmp_path):
    said = []
    with Loggers(lambda node: Hears("row"), said.append) as loggers:
        (log,) = loggers.open(NODES, run(tmp_path), print)
        for _ in range(FAILURES):
            log.row(ROW)
    (only,) = said
    assert "left out" in only


def test_a_server_that_goes_holds_up_few_of_the_runs_that_are_open(tmp_path):
    mine, notes = Hears("row"), []
    with Loggers(lambda node: mine, notes.append) as loggers:
        logs = [loggers.open(NODES, run(tmp_path, n), notes.append)[0] for n in range(10)]
        for log in logs:
            log.row(ROW)
        for log in logs:
            log.finish({"status": "ok"})
    places = [place for place, _ in mine.heard]
    assert places == ["open"] * 10 + ["row"] * FAILURES + ["close"]


def test_after_one_failure_the_next_epochs_are_logged_again(tmp_path):
    mine = Hears("row")
    with Loggers(lambda node: mine, print) as loggers:
        (log,) = loggers.open(NODES, run(tmp_path), print)
        log.row(ROW)
        mine.fails_at = None
        log.row({"epoch": 2})
        log.finish({"status": "ok"})
    told = mine.heard[2:]
    assert told == [("row", {"epoch": 2}), ("finish", "ok"), ("close", "ok")]


class Stops(Hears):
    """Is interrupted once, when the first run ends."""

    def hear(self, place, what):
        super().hear(place, what)
        if place == "finish" and not self.fails_at:
            self.fails_at = "nowhere"
            raise KeyboardInterrupt


def test_an_interruption_while_loggers_close_leaves_none_open(tmp_path):
    mine = Stops()
    loggers = Loggers(lambda node: mine, print)
    for number in range(3):
        loggers.open(NODES, run(tmp_path, number), print)
    with pytest.raises(KeyboardInterrupt):
        loggers.close()
    assert [place for place, _ in mine.heard[3:]] == ["finish"] * 3 + ["close"]


def test_an_interruption_while_a_run_ends_ends_its_log_all_the_same(tmp_path):
    mine = Stops()
    with pytest.raises(KeyboardInterrupt), Loggers(lambda node: mine, print) as loggers:
        (log,) = loggers.open(NODES, run(tmp_path), print)
        log.finish({"status": "ok"})
    assert mine.heard[1:] == [("finish", "ok"), ("finish", "ok"), ("close", "interrupted")]


def test_what_a_logger_is_told_is_inert(tmp_path):
    mine, told = Hears(), []
    mine.open = lambda run: told.append(run) or Log(mine)
    config = {"name": "a\x1b[2Jb", "tags": ["\u202ec"], "optim": {"name": "sgd", "lr": 0.1}}
    stranger = NewRun(tmp_path / "0", tmp_path, ("tags=[\x1b]",), config, "abc")
    Loggers(lambda node: mine, print).open(NODES, stranger, print)
    assert told[0].overrides == ("tags=[\\x1b]",)
    assert told[0].config == {
        "name": "a\\x1b[2Jb",
        "tags": ["\\u202ec"],
        "optim": {"name": "sgd", "lr": 0.1},
    }
