from pathlib import Path
from typing import Any

import pytest

from runner.report import main

ROWS = "epoch,step,lr,train/loss,train/accuracy\n1,10,0.1,0.5,0.8\n2,20,0.1,0.4,0.9\n"


def make_run(folder: Path, rate: str = "0.1") -> Path:
    (folder / ".hydra").mkdir(parents=True)
    (folder / ".hydra" / "overrides.yaml").write_text(f"- optim.lr={rate}\n")
    (folder / "metrics.csv").write_text(ROWS)
    (folder / "summary.json").write_text('{"status": "ok", "task": "classes"}')
    return folder


@pytest.fixture(autouse=True)
def standing(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)


def test_sweep_is_redrawn(tmp_path: Path, capsys: Any) -> None:
    for job, rate in enumerate(("0.1", "0.2")):
        make_run(tmp_path / "sweep" / str(job), rate)
    assert main(["sweep"]) == 0
    written = capsys.readouterr().out.splitlines()
    tables = ["sweep/sweep.csv", "sweep/summary.csv", "sweep/curves.csv"]
    plots = ["sweep/plots/curves.png", "sweep/plots/by_optim-lr.png"]
    assert written == [*tables, *plots, "sweep/report.html"]
    assert all(Path(path).stat().st_size for path in written)


def test_run_is_redrawn(tmp_path: Path, capsys: Any) -> None:
    make_run(tmp_path / "run")
    assert main(["run"]) == 0
    assert capsys.readouterr().out.splitlines() == ["run/plots/curves.png", "run/report.html"]
    assert not (tmp_path / "run" / "sweep.csv").exists()


def test_reports_are_the_same_each_time(tmp_path: Path) -> None:
    make_run(tmp_path / "sweep" / "0")
    contents = []
    for _ in range(2):
        assert main(["sweep"]) == 0
        contents.append(
            {p: p.read_bytes() for p in sorted(Path("sweep").rglob("*")) if p.is_file()}
        )
    assert contents[0] == contents[1]


def test_a_damaged_run_is_named_and_blanks_no_figure(tmp_path: Path, capsys: Any) -> None:
    for job, rate in enumerate(("0.1", "0.2")):
        make_run(tmp_path / "sweep" / str(job), rate)
    (tmp_path / "sweep" / "1" / "metrics.csv").write_text("epoch,step\nfoo,bar\n")
    assert main(["sweep"]) == 0  # numpy's warnings of a slice without numbers would be errors here
    out, err = capsys.readouterr()
    assert all(Path(path).stat().st_size for path in out.splitlines())
    assert "run 1: metrics.csv: 1 row has no number for an epoch and is left out.\n" in err
    assert "run 1: metrics.csv has no row; the curve is left out.\n" in err
    page = Path("sweep/report.html").read_text(encoding="utf-8")
    assert "<li>run 1: metrics.csv: 1 row has no number for an epoch and is left out.</li>" in page


def test_a_folder_of_runs_gets_an_index_and_a_file_is_no_folder(capsys: Any) -> None:
    for name in ("10-00", "11-00"):
        make_run(Path("outputs", "runs", name))
    assert main(["outputs/runs"]) == 0
    assert capsys.readouterr().out == "outputs/runs/index.html\n"
    assert "0 sweeps and 2 runs" in Path("outputs/runs/index.html").read_text(encoding="utf-8")
    assert main(["outputs/runs/10-00/metrics.csv"]) == 2
    assert "is a file; give the folder of its run, 'outputs/runs/10-00'" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [[], ["nowhere"], ["."], ["a", "b"]])
def test_faults_are_one_sentence(capsys: Any, argv: list[str]) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1


def test_place_that_cannot_be_written_is_named(tmp_path: Path, capsys: Any) -> None:
    (make_run(tmp_path / "run") / "plots").write_text("a file in the way")
    assert main(["run"]) == 2
    err = capsys.readouterr().err
    assert "plots" in err
    assert len(err.splitlines()) == 1
