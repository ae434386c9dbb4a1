"""Run folders of others: nothing outside them is read or written, and they are read in a moment."""

import time

import pytest

from runner.plain_values import ValuesError, load_yaml
from runner.report import main as report
from runner.results.read.runs import read_run, read_runs

BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghij", "bcdefghijk", strict=True)
)


@pytest.fixture
def theirs(command, tmp_path):
    folder = tmp_path / "theirs"
    asked = ("epochs=1", "dataset.train_size=20", "model.hidden=[4]", f"hydra.run.dir={folder}")
    assert command(*asked)[0] == 0
    return folder


def test_aliases_are_not_read():
    with pytest.raises(ValuesError, match="aliases"):
        load_yaml(BOMB)
    assert load_yaml("a: '*b'\nc: 2 *d\n") == {"a": "*b", "c": "2 *d"}


@pytest.mark.parametrize("name", ["config.yaml", "overrides.yaml"])
def test_a_bomb_of_aliases_is_no_config(theirs, name):
    (theirs / ".hydra" / name).write_text(BOMB)
    start = time.monotonic()
    report([str(theirs)])
    assert time.monotonic() - start < 20


def test_plots_that_lead_elsewhere_are_not_written_there(theirs, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (theirs / "plots").rename(elsewhere)
    before = {path.name: path.read_bytes() for path in elsewhere.iterdir()}
    for path in elsewhere.iterdir():
        path.write_bytes(b"mine")
    (theirs / "plots").symlink_to(elsewhere)
    assert report([str(theirs)]) == 0
    assert {path.name for path in elsewhere.iterdir()} == before.keys()
    assert {path.read_bytes() for path in elsewhere.iterdir()} == {b"mine"}
    assert not (theirs / "plots").is_symlink()


def test_a_picture_that_leads_elsewhere_is_not_shown(theirs, tmp_path):
    (tmp_path / "secret").write_bytes(b"hunter2" * 3)
    (theirs / "plots" / "mine.png").symlink_to(tmp_path / "secret")
    assert report([str(theirs)]) == 0
    assert "aHVudGVyMm" not in (theirs / "report.html").read_text()


def test_a_sweeps_folder_that_leads_elsewhere_is_not_read(command, tmp_path):
    sweep, elsewhere = tmp_path / "sweep", tmp_path / "elsewhere"
    asked = ("epochs=1", "dataset.train_size=20", "model.hidden=[4]", "trace_every=10")
    assert command("-m", *asked, "seed=0,1", f"hydra.sweep.dir={sweep}")[0] == 0
    (sweep / "1").rename(elsewhere)
    (sweep / "1").symlink_to(elsewhere)
    linked = read_runs(sweep)[1]
    assert (linked.rows, linked.traced.rows, linked.config) == ((), (), {})
    assert report([str(sweep)]) == 0
    assert read_run(elsewhere).traced.rows
    (tmp_path / "mine").symlink_to(elsewhere)  # a person's own link
    assert read_run(tmp_path / "mine").traced.rows
