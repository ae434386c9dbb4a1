"""Loggers are opened by name, and never end a run."""

import pytest

from runner.engine.recorder import Recorder
from runner.errors import RequestError
from runner.loggers import base
from runner.loggers.base import Logger, check_loggers, open_loggers


class Hears(Logger):
    def __init__(self):
        self.heard = []

    def row(self, row):
        self.heard.append(dict(row))

    def finish(self, summary):
        self.heard.append(summary["status"])


class Fails(Hears):
    def row(self, row):
        super().row(row)
        raise OSError("the server has gone")


def test_a_logger_hears_every_row_and_the_end(tmp_path):
    logger = Hears()
    recorder = Recorder(tmp_path, {}, [logger])
    recorder.row({"epoch": 1, "train/loss": 0.5})
    recorder.finish("ok", 1.0, 10)
    assert logger.heard == [{"epoch": 1, "train/loss": 0.5}, "ok"]


def test_a_logger_that_fails_warns_once_and_the_run_goes_on(tmp_path):
    fails, hears = Fails(), Hears()
    recorder = Recorder(tmp_path, {}, [fails, hears])
    with pytest.warns(UserWarning, match="Fails failed and is left out: the server has gone"):
        recorder.row({"epoch": 1, "train/loss": 0.5})
    recorder.row({"epoch": 2, "train/loss": 0.4})
    recorder.finish("ok", 1.0, 10)
    assert len(fails.heard) == 1
    assert len(hears.heard) == 3
    assert len((tmp_path / "metrics.csv").read_text().splitlines()) == 3
    assert "the server has gone" in (tmp_path / "runner.log").read_text()


def test_a_package_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(base.HOMES, "tensorboard", ("runner.loggers.not_there", "TensorBoard"))
    with pytest.raises(RequestError, match=r"pip install 'runner\[tensorboard\]'"):
        check_loggers(["tensorboard"])


def test_none_are_opened_unless_asked_for(tmp_path):
    check_loggers([])
    assert open_loggers([], tmp_path, {}) == []
