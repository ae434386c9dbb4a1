"""What loggers are told, and which can be chosen."""

import subprocess
import sys
from pathlib import Path

import pytest

from runner.errors import RequestError
from runner.loggers.base import NewRun, check_loggers, sweep_title
from runner.registry import find, names


def new_run(**changes):
    run = {"folder": Path("a/day/time/3"), "sweep": Path("a/day/time"), "signature": "abc"}
    asked = {"overrides": ("optim.lr=0.1", "seed=2", "repeats=1"), "config": {"name": None}}
    return NewRun(**(run | asked | changes))


def test_a_run_of_a_sweep_is_called_by_its_number_and_what_was_asked_for():
    assert new_run().title == "3 optim.lr=0.1 seed=2"
    loggers = ("logger=[csv]", "logger.mlflow.store=x")
    assert new_run(overrides=(*loggers, "seed=1")).title == "3 seed=1"


def test_a_long_title_is_cut():
    assert len(new_run(overrides=("x" * 500,)).title) == 100


def test_a_run_alone_is_called_by_its_label_or_its_folder():
    assert new_run(sweep=None).title == "3"
    assert new_run(sweep=None, config={"name": "mine"}).title == "mine"
    assert sweep_title(Path("a/day/time")) == "day time"


@pytest.mark.parametrize("name", names("logger"))
def test_a_package_that_is_missing_is_named_with_what_to_install(name, monkeypatch):
    monkeypatch.setattr(find("logger", name), "package", "not_there_at_all")
    with pytest.raises(RequestError) as caught:
        check_loggers({name: {"name": name}})
    assert str(caught.value) == (
        f"logger={name} needs the package not_there_at_all, which is not installed: "
        f"pip install 'runner[{name}]'."
    )


def test_no_package_is_imported_before_its_logger_is_made():
    code = """
import sys
from runner.build import build_logger
from runner.loggers.base import check_loggers
from runner.registry import names
from runner.sweep.job import Job
check_loggers(dict.fromkeys(names("logger")))
sys.exit(bool({"mlflow", "wandb", "tensorboard"} & set(sys.modules)))
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
