"""The door of the gallery: what it refuses, what it runs, and what it says of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from runner.gallery import main

STUDY = """\
# @package _global_
# Question: Does a small model learn?
# Source: this test.
# Run: python -m runner experiment=tiny
# Cost: 2 runs, seconds.
# Expected: it learns.
# Check: train/loss at optim.lr=0.1: above 0
# Check: train/loss at optim.lr=0.1 below train/loss at optim.lr=0.0001
# Plot: curves
# Group: Optimisation
# Order: 1
defaults:
  - override /dataset: linear
  - override /model: linreg

epochs: 1
hydra:
  mode: MULTIRUN
  sweeper:
    params:
      optim.lr: [0.0001, 0.1]
"""


@pytest.fixture(autouse=True)
def studies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "tiny.yaml").write_text(STUDY)
    return tmp_path / "experiments"


def refused(capsys, *argv):
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_unknown_study_is_refused_with_the_nearest_name(capsys, studies):
    said = refused(capsys, "results", "tinny")
    assert said.startswith("There is no study 'tinny'; did you mean 'tiny'? Allowed: ")
    assert said.endswith(".\n")
    assert " tiny," in said
    assert [path.name for path in studies.parent.iterdir()] == ["experiments"]


def test_malformed_header_is_refused_with_file_and_line(capsys, studies):
    (studies / "tiny.yaml").write_text(STUDY.replace("above 0\n", "about 0\n"))
    said = refused(capsys, "results")
    assert said.startswith(f"{studies / 'tiny.yaml'}, line 7: 'about 0' is no range")


def test_wrong_folders_are_refused(capsys, studies, monkeypatch):
    assert "no folder 'results'" in refused(capsys, "results", "--no-run")
    (studies / "tiny.yaml").unlink()
    assert f"There is no study in '{studies}'" in refused(capsys, "results")


@pytest.mark.parametrize("argv", [("--draws", "0"), ("--draws", "x"), ("--first-draw", "-1")])
def test_draws_that_are_no_number_are_refused(capsys, argv):
    said = refused(capsys, "results", *argv)
    assert said.startswith(f"Argument {argv[0]}: ")
    assert said.count("\n") == 1


def test_half_run_study_is_refused_and_left_alone(capsys, tmp_path):
    (tmp_path / "results" / "tiny" / "0").mkdir(parents=True)
    said = refused(capsys, "results")
    assert said == (
        f"'{Path('results', 'tiny')}' holds no finished study; remove it and ask again.\n"
    )
    assert (tmp_path / "results" / "tiny" / "0").exists()


def test_nothing_is_run_where_that_is_asked(capsys, studies, tmp_path):
    (tmp_path / "results").mkdir()
    assert main(["results", "--no-run"]) == 0
    assert main(["--no-run", "results", "tiny"]) == 0
    assert main(["results", "--no-run", "tiny"]) == 0
    assert "tiny: not run yet" in capsys.readouterr().out
    assert list((tmp_path / "results").iterdir()) == []


def test_a_page_is_written_only_where_it_is_asked_for(capsys, studies, tmp_path):
    (studies / "other.yaml").write_text(STUDY)
    (studies / "README.md").write_text("kept")
    (tmp_path / "results").mkdir()
    assert main(["results", "tiny", "--no-run"]) == 0
    assert main(["results", "--no-run"]) == 0
    assert (studies / "README.md").read_text() == "kept"
    assert not (tmp_path / "docs").exists()
    capsys.readouterr()
    said = refused(capsys, "results", "tiny", "--no-run", "--page", "page.md")
    assert "A page shows all studies" in said
    assert not (tmp_path / "page.md").exists()
    assert main(["results", "--no-run", "--page", "page.md"]) == 0
    page = (tmp_path / "page.md").read_text()
    assert "### tiny" in page
    assert "### other" in page
    assert "not run yet" in page


def test_studies_that_come_with_the_program_are_found_where_there_are_no_others(
    capsys, tmp_path, monkeypatch
):
    (tmp_path / "elsewhere" / "results").mkdir(parents=True)
    assert main(["results", "weight-decay", "--no-run"]) == 2, "there is no folder of results yet"
    (tmp_path / "results").mkdir()
    assert main(["results", "weight-decay", "--no-run"]) == 0, "by its name beside one's own"
    capsys.readouterr()
    assert main(["results", "--no-run"]) == 0
    assert capsys.readouterr().out == "tiny: not run yet\n"
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert main(["results", "--no-run"]) == 0
    assert "weight-decay: not run yet" in capsys.readouterr().out


@pytest.mark.commands
def test_study_is_run_once_checked_and_shown(capfd, studies, tmp_path):
    folder = "my res'ults, all"
    shown = ("--page", "experiments/README.md", "--images", "docs/images")
    assert main([folder, *shown]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert "2/2 runs done" in out
    assert out.endswith("experiments/README.md\ntiny: holds\n")
    page = (studies / "README.md").read_text()
    assert "s here." in page
    assert "torch 2" in page
    assert "](../docs/images/tiny.png)" in page
    assert (tmp_path / "docs" / "images" / "tiny.png").stat().st_size
    text = STUDY.replace("optim.lr=0.1: above 0", "optim.lr=0.1: below 0")
    (studies / "tiny.yaml").write_text(text)
    assert main([folder, *shown]) == 1
    out, _ = capfd.readouterr()
    assert "runs done" not in out, "what has results is not run again"
    assert "tiny: does not hold\n  train/loss at optim.lr=0.1: below 0 | obtained: " in out
    assert "**does not hold**" in (studies / "README.md").read_text()


@pytest.mark.commands
def test_draws_have_seeds_of_their_own_and_are_told_one_by_one(capfd, studies, tmp_path):
    text = STUDY.replace("train/loss at optim.lr=0.1: above 0", "seed: 100000 to 102000")
    (studies / "tiny.yaml").write_text(text)
    assert main(["results", "tiny", "--draws", "2"]) == 1
    out, _ = capfd.readouterr()
    assert "tiny, draw 2: study 3 of 3" in out
    assert (
        "tiny: does not hold, 2 fresh draws looked at\n  seed: 100000 to 102000 | obtained: 0 "
        in out
    )
    assert out.count("draw ") == 2, "both draws are announced, and both checks hold on both"
    assert main(["results", "--no-run", "--draws", "2", "--page", "page.md"]) == 1
    assert "held on 2 of 2 fresh draws" in (tmp_path / "page.md").read_text()
    capfd.readouterr()
    assert main(["results", "tiny", "--draws", "2", "--first-draw", "2"]) == 1
    out, _ = capfd.readouterr()
    assert "tiny, draw 3: study 1 of 1" in out, "what has results is not run again"
    assert "seed: 100000 to 102000 | draw 3 obtained: 1.03e+05" in out


@pytest.mark.commands
def test_refused_study_is_named_and_the_others_are_run(capfd, studies, tmp_path):
    (studies / "typo.yaml").write_text(STUDY.replace("epochs: 1", "epoch: 1"))
    (studies / "single.yaml").write_text(
        STUDY.partition("defaults")[0]
        .replace(" at optim.lr=0.1", "")
        .replace("0.0001", "0")
        .replace("# Check: train/loss below train/loss at optim.lr=0\n", "")
        + "epochs: 1\n"
    )
    assert main(["results"]) == 2
    out, err = capfd.readouterr()
    assert "typo did not finish" in err
    assert "tiny: holds" in out
    assert "single: holds" in out
    assert "typo: not run yet" in out
    assert not (tmp_path / "results" / "typo").exists()
    (studies / "typo.yaml").write_text(STUDY.replace("dataset: linear", "dataset: linaer"))
    assert main(["results", "typo", "--draws", "1"]) == 2
    _, err = capfd.readouterr()
    assert "typo, draw 1 did not finish: " in err
    assert err.count("Could not find 'dataset/linaer'") == 2


def test_help_and_refusals_do_not_wait_for_pandas():
    code = "import sys, runner.gallery; sys.exit('pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
