"""``python -m runner.runs`` as it is typed."""

import csv
import json
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest

from runner.folder_lock import FolderLock
from runner.runs import main

SUMMARY = {
    "status": "ok", "name": None, "tags": [], "seed": 0, "started": "2026-01-01T10:00:00+0000",
    "defaults": {"optim.lr": 0.1}, "best_metric": "val/loss",
    "metrics": {"loss": {"direction": "lower"}},
}  # fmt: skip


def make(folder: Path, **told) -> Path:
    folder.mkdir(parents=True)
    rate, loss = told.pop("lr", 0.5), told.pop("loss", 0.25)
    metrics = {"last": {"epoch": 1, "val/loss": loss}, "best": {"epoch": 1, "val/loss": loss}}
    config = {f"key{number}": number for number in range(60)} | {"optim.lr": rate}
    (folder / "summary.json").write_text(json.dumps(SUMMARY | metrics | {"config": config} | told))
    return folder


@pytest.fixture(autouse=True)
def shelf(tmp_path, monkeypatch):
    """Three runs on two days and a sweep of two, in the folder where one stands."""
    monkeypatch.chdir(tmp_path)
    for number, day in enumerate(("01", "01", "02")):
        started = f"2026-01-{day}T1{number}:00:00+0000"
        folder = tmp_path / "outputs" / "runs" / day / str(f"run-{number}")
        make(folder, loss=0.1 * (number + 1), tags=["exam"] * (number > 0), started=started)
    for job in range(2):
        make(tmp_path / "outputs" / "sweeps" / "s" / str(job), lr=job, name="two", loss=job)
    (tmp_path / "outputs" / "sweeps" / "s" / "multirun.yaml").write_text("hydra: {}\n")
    return tmp_path / "outputs"


def said(capsys, *argv, code=0):
    assert main(argv) == code
    told = capsys.readouterr()
    return told.err if code == 2 else told.out


def folders(text):
    return [line.strip() for line in text.splitlines() if line.startswith("  outputs")]


def test_all_are_listed_the_newest_first(capsys):
    text = said(capsys)
    assert folders(text) == [
        *("outputs/runs/02/run-2", "outputs/runs/01/run-1"),
        *("outputs/sweeps/s", "outputs/runs/01/run-0"),
    ]
    assert "2 ok" in text and "two" in text and "optim.lr=0,1" in text


def test_best_first_and_members_one_by_one(capsys):
    assert folders(said(capsys, "--best", "val/loss"))[:2] == [
        "outputs/sweeps/s", "outputs/runs/01/run-0"
    ]  # fmt: skip
    assert folders(said(capsys, "--all", "optim.lr=1")) == ["outputs/sweeps/s/1"]


def test_a_table(capsys):
    rows = list(csv.DictReader(StringIO(said(capsys, "--csv", "tag=exam"))))
    assert [row["folder"] for row in rows] == ["outputs/runs/02/run-2", "outputs/runs/01/run-1"]
    assert [float(row["value"]) for row in rows] == pytest.approx([0.3, 0.2])


def test_removing_asks_first(capsys, monkeypatch, shelf):
    asked = []
    monkeypatch.setattr("builtins.input", lambda words: asked.append(words) or "n")
    text = said(capsys, "tag=exam", "--remove")
    assert asked == ["Remove 2 runs? [y/N] "] and text.endswith("Nothing was removed.\n")
    assert (shelf / "runs/02/run-2").is_dir()
    monkeypatch.setattr("builtins.input", lambda words: "y")
    assert said(capsys, "tag=exam", "--remove").endswith("2 removed.\n")
    # The day that is empty goes as well, the other one stays.
    assert [path.name for path in (shelf / "runs").iterdir()] == ["01"]
    assert [path.name for path in (shelf / "runs/01").iterdir()] == ["run-0"]
    assert (shelf / "sweeps/s/0").is_dir()


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        (["tag=exam", "val/loss>0.25"], "1 run"),
        (["name=two"], "1 sweep of 2 runs"),
        ([], "3 runs and 1 sweep of 2 runs"),
    ],
)
def test_the_question_counts_what_is_there(capsys, monkeypatch, filters, words):
    asked = []
    monkeypatch.setattr("builtins.input", lambda words: asked.append(words) or "n")
    said(capsys, *filters, "--remove")
    assert asked == [f"Remove {words}? [y/N] "]


def test_nobody_there_to_answer_means_no(capsys, monkeypatch, shelf):
    monkeypatch.setattr("sys.stdin", StringIO(""))
    assert said(capsys, "--remove").endswith("Nothing was removed.\n")
    assert (shelf / "sweeps/s/0").is_dir()


def test_a_sweep_is_removed_whole_or_stays(capsys, shelf):
    assert said(capsys, "name=two", "optim.lr=1", "--remove", "--yes", code=2) == (
        "Nothing was removed: outputs/sweeps/s stays, for only 1 of its 2 runs matches and a sweep "
        "is removed whole.\n"
    )
    assert (shelf / "sweeps/s/1").is_dir()
    assert said(capsys, "name=two", "--remove", "--yes").endswith("1 removed.\n")
    assert not (shelf / "sweeps").exists() and shelf.is_dir()


def test_what_a_command_works_on_stays(capsys, shelf):
    with FolderLock(shelf / "runs/02/run-2"):
        text = said(capsys, "tag=exam", "--remove", "--yes")
    assert "run-2 stays, for a command works on it." in text and text.endswith("1 removed.\n")
    assert (shelf / "runs/02/run-2/summary.json").is_file()


def test_only_runs_and_sweeps_are_removed(capsys, shelf):
    for name in ("notes.txt", "runs/01/photo.png"):
        (shelf / name).write_text("mine")
    (shelf / "sweeps/link").symlink_to(shelf / "runs")
    assert said(capsys, "--remove", "--yes").endswith("4 removed.\n")
    assert (shelf / "notes.txt").is_file() and (shelf / "runs/01/photo.png").is_file()
    assert (shelf / "sweeps/link").is_symlink()


def test_older_than(capsys):
    assert folders(said(capsys, "--older-than", "2026-01-02")) == [
        *("outputs/runs/01/run-1", "outputs/sweeps/s", "outputs/runs/01/run-0")
    ]
    assert folders(said(capsys, "--older-than", "30d")) == folders(said(capsys))


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--yes"], "--yes belongs to --remove.\n"),
        (["--remove", "--csv"], "--csv has no meaning with --remove.\n"),
        (["--remove", "--best", "val/loss"], "--best has no meaning with --remove; what to"),
        (["--best", "test/loss"], "--best test/loss is not allowed; it takes a metric of the val"),
        (["--in", "nowhere"], "There is no folder 'nowhere'.\n"),
        (["--bset", "x"], "Unrecognized arguments: --bset; see python -m runner.runs --help.\n"),
        (["optim.lrr=1"], "There is no key or metric 'optim.lrr'; did you mean 'optim.lr'?\n"),
    ],
)
def test_a_wrong_request_is_one_sentence(capsys, argv, words):
    assert said(capsys, *argv, code=2).startswith(words)


def test_nothing_found_is_said(capsys, tmp_path, monkeypatch):
    none = "Of 3 runs and 1 sweep in 'outputs' none matches.\n"
    assert said(capsys, "status=diverged") == none
    assert said(capsys, "name=nobody") == f"{none}There is no name 'nobody'.\n"
    assert said(capsys, "tag=exm") == f"{none}There is no tag 'exm'; did you mean 'exam'?\n"
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    empty = "There are no runs in 'outputs' yet; python -m runner makes one.\n"
    assert said(capsys) == said(capsys, "--remove", "--yes").replace("Nothing was removed.\n", "")
    assert said(capsys) == empty


def test_help_fits_the_page(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    assert "--older-than" in text and max(map(len, text.splitlines())) <= 100


def test_thousands_are_listed_in_about_a_second_without_what_takes_long_to_import(tmp_path):
    for number in range(3000):
        make(tmp_path / "many" / str(number % 30 + 1000) / f"r{number}")
    code = (
        "import sys; from runner.runs import main; main(['--in', 'many', 'optim.lr=0.5']); "
        "heavy = {'torch', 'pandas', 'numpy', 'matplotlib'} & {*sys.modules}; "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("many/") == 3000
    assert time.perf_counter() - began < 8  # 0.9 s on an idle machine
