import csv
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runner.compare import main
from runner.results.sweep import read_sweep, write_tables

HEADER = "epoch,step,lr,train/loss,test/accuracy\n"
FOREIGN = "method,seed,rmse,note\na,1,0.5,x\na,2,0.6,x\nb,1,0.9,x\nb,2,0.8,y\n"


def sweep(root: Path, name: str, accuracies: dict[str, list[float]]) -> Path:
    """A sweep over one key with a run per accuracy, and its tables."""
    job = 0
    for value, found in accuracies.items():
        for seed, accuracy in enumerate(found):
            folder = root / name / str(job)
            (folder / ".hydra").mkdir(parents=True)
            asked = f"- optim.lr={value}\n- seed={seed}\n"
            (folder / ".hydra" / "overrides.yaml").write_text(asked)
            (folder / ".hydra" / "config.yaml").write_text("model:\n  name: mlp\n")
            (folder / "metrics.csv").write_text(f"{HEADER}1,10,0.1,0.5,{accuracy}\n")
            summary = f'{{"status": "ok", "task": "classes", "seed": {seed}, "seconds": 2.5}}'
            (folder / "summary.json").write_text(summary)
            job += 1
    write_tables(read_sweep(root / name))
    return root / name


@pytest.fixture(autouse=True)
def own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """A folder to write to; figures are drawn where a test asks for ``drawn`` alone.

    They take most of a second a comparison and have tests of their own.
    """
    monkeypatch.chdir(tmp_path)
    if "drawn" not in request.fixturenames:
        name = "runner.results.compare.write.comparison_figures"
        monkeypatch.setattr(name, lambda comparison: ())


@pytest.fixture
def drawn() -> None:
    """Says that the test wants figures."""


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    a = sweep(tmp_path, "a", {"0.1": [0.5, 0.7], "0.2": [0.6, 0.6]})
    return a, sweep(tmp_path, "b", {"0.1": [0.7, 0.9], "0.3": [0.8, 0.8]})


def said(capsys: Any, *argv: Any, code: int = 0) -> str:
    assert main([*map(str, argv), "--out", "out"]) == code
    out: str = capsys.readouterr().out
    assert all(len(line) <= 80 for line in out.split("\nfiles:")[0].splitlines())
    return out


def cells(out: str) -> list[list[str]]:
    return [line.split() for line in out.splitlines()]


def rows(name: str) -> list[dict[str, str]]:
    with Path("out", name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_sweeps_are_paired_at_equal_points(pair: tuple[Path, Path], capsys: Any) -> None:
    out = said(capsys, *pair)
    assert "B - A at optim.lr=0.1, paired by seed: 2 pairs." in out
    assert "Points without a counterpart, left out: 1 of A and 1 of B." in " ".join(out.split())
    # Both pairs differ by 0.2, so their step may be 0.2: t(1) = 12.7 times 0.2 / √6 / √2.
    assert ["test/accuracy", "0.6", "0.8", "+0.2", "-0.534", "to", "0.934", "2"] in [
        row[:-1] for row in cells(out)
    ]
    assert ["optim.lr", "0.1,", "0.2", "0.1,", "0.3"] in cells(out)
    assert ["wall", "time", "(s)", "2.5", "2.5"] in cells(out)
    assert "n = 2: too few seeds for a conclusion" in out


def test_spread_over_points_is_no_spread_over_seeds(tmp_path: Path, capsys: Any) -> None:
    """Points far apart, and each pair of runs 0.1 apart but for a hundredth."""
    first = {"0.1": [0.1, 0.12, 0.11], "0.2": [0.8, 0.79, 0.81]}
    other = {lr: [x + 0.1 + 0.01 * i for i, x in enumerate(v)] for lr, v in first.items()}
    said(capsys, sweep(tmp_path, "a", first), sweep(tmp_path, "b", other))
    (row,) = [row for row in rows("overall.csv") if row["metric"] == "test/accuracy"]
    # A seed's differences are 0.1, 0.11, 0.12 at both points; a mean of two numbers that are
    # known to 0.01 each adds a twelfth of 0.01² on either side: t(2) times the error.
    error = math.sqrt((0.01**2 + 0.01**2 / 2 / 6) / 3)
    assert float(row["difference"]) == pytest.approx(0.11)
    assert float(row["high"]) - float(row["low"]) == pytest.approx(2 * 4.302653 * error)
    assert (row["n_first"], row["n_side"], row["points"]) == ("3", "3", "2")


@pytest.mark.parametrize("name", ["sweep.csv", "curves.csv"])
def test_files_say_the_same_as_the_folder(pair: tuple[Path, Path], capsys: Any, name: str) -> None:
    said(capsys, *pair)
    folders = [{**row, "path": "", "against": ""} for row in rows("points.csv")]
    said(capsys, *(path / name for path in pair))
    assert [{**row, "path": "", "against": ""} for row in rows("points.csv")] == folders


def test_means_alone_are_compared_without_pairs(pair: tuple[Path, Path], capsys: Any) -> None:
    out = said(capsys, pair[0], pair[1] / "summary.csv")
    assert "not paired (Welch): 2 seeds against 2" in out
    assert "+0.2" in out


def test_run_does_not_differ_from_its_own_table(tmp_path: Path, capsys: Any) -> None:
    """The summary has all digits, the table nine."""
    run = sweep(tmp_path, "a", {"0.1": [0.916434526]}) / "0"
    last = '"last": {"epoch": 1, "train/loss": 0.5, "test/accuracy": 0.9164345264434814}'
    (run / "summary.json").write_text(f'{{"status": "ok", "seed": 0, {last}}}')
    said(capsys, run, run / "metrics.csv", "--rtol", "0", "--atol", "0")
    assert {row["difference"] for row in rows("overall.csv")} == {"0.0"}


def test_one_run_each_gives_no_conclusion(pair: tuple[Path, Path], capsys: Any) -> None:
    a, b = pair
    out = said(capsys, a / "0", b / "0", b / "1" / "metrics.csv")
    assert "no interval can be estimated from one run" in out
    assert "not told" not in out.lower()
    assert "is higher" not in out
    assert "+0.2" in out
    assert "+0.4" in out


def test_configs_that_differ_are_shown(pair: tuple[Path, Path], capsys: Any) -> None:
    a, b = pair
    (b / "0" / ".hydra" / "config.yaml").write_text("model:\n  name: lenet\n  hidden: [1, 2]\n")
    assert ["model.name", "mlp", "lenet"] in cells(said(capsys, a / "0", b / "0"))
    assert {"key": "model.name", "A": "mlp", "B": "lenet"} in rows("config.csv")


def test_run_that_failed_is_left_out_and_said_so(pair: tuple[Path, Path], capsys: Any) -> None:
    a, b = pair
    (b / "0" / "summary.json").write_text('{"status": "diverged", "seed": 0}')
    assert "Left out of B: 1 of 4 runs diverged." in said(capsys, a, b)
    out = said(capsys, a / "0", b / "0")
    assert "Some metric has no value in A or B" in out


def test_torn_last_line_is_left_out_and_said_so(pair: tuple[Path, Path], capsys: Any) -> None:
    file = pair[0] / "sweep.csv"
    file.write_text(file.read_text().rstrip("\n")[:-3])
    out = said(capsys, file, file)
    assert "its last line, which has no end" in out
    assert ["3", "runs"] in [row[2:4] for row in cells(out)]


def test_values_that_are_no_numbers_are_left_out(pair: tuple[Path, Path], capsys: Any) -> None:
    file = pair[1] / "sweep.csv"
    file.write_text(file.read_text().replace("0.7", "nan", 1).replace("0.5,0.9", "0.5,abc"))
    out = said(capsys, pair[0], file)
    assert "Left out of B: test/accuracy is no number in 2 of 4 runs." in out


def test_metrics_that_one_side_lacks_are_named(tmp_path: Path, capsys: Any) -> None:
    Path("a.csv").write_text("epoch,train/loss,val/loss\n1,0.5,0.6\n")
    Path("b.csv").write_text("epoch,train/loss,test/loss\n1,0.5,0.6\n")
    out = said(capsys, "a.csv", "b.csv")
    assert "Left out: val/loss is not in B, test/loss is not in A." in out


def test_foreign_tables(capsys: Any) -> None:
    Path("a.csv").write_text(FOREIGN)
    Path("b.csv").write_text(FOREIGN.replace("0.", "0.1"))
    out = said(capsys, "a.csv", "b.csv", "--on", "method,seed")
    assert "over 2 equal points, paired by seed: 2 pairs" in out
    assert {row["metric"] for row in rows("overall.csv")} == {"rmse"}
    assert [row["method"] for row in rows("points.csv")] == ["a", "b"]


def test_without_a_seed_rows_are_repetitions(capsys: Any) -> None:
    Path("a.csv").write_text("id,err,size\n1,0.5,3\n2,0.6,4\n3,0.7,9\n")
    Path("b.csv").write_text("id,size,err\n3,9,0.9\n1,3,0.5\n2,4,0.7\n")
    out = said(capsys, "a.csv", "b.csv", "--on", "id", "--metric", "err")
    assert "paired by id: 3 pairs" in out
    (row,) = rows("overall.csv")
    assert float(row["difference"]) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("limits", "code", "words"),
    [
        (["--atol", "0.05"], 0, "nothing moved for the worse"),
        (["--rtol", "0.1"], 0, "nothing moved for the worse"),
        (["--atol", "0.01"], 1, "rmse of B is worse at method=a: 0.55 to 0.59 (+0.04)"),
        (["--rtol", "0", "--atol", "0"], 1, "rmse of B is worse"),
    ],
)
def test_check(capsys: Any, limits: list[str], code: int, words: str) -> None:
    Path("a.csv").write_text(FOREIGN)
    Path("b.csv").write_text(FOREIGN.replace("0.6", "0.68").replace("0.9", "0.1"))
    out = said(capsys, "a.csv", "b.csv", "--on", "method,seed", *limits, code=code)
    assert words in out
    assert words in Path("out", "comparison.md").read_text().replace("\\", "")


def test_check_passes_what_moved_for_the_better(pair: tuple[Path, Path], capsys: Any) -> None:
    a, b = pair
    said(capsys, a / "0", b / "0", "--atol", "0")
    assert "test/accuracy of B is worse" in said(capsys, b / "0", a / "0", "--atol", "0", code=1)


def test_check_names_what_is_missing(pair: tuple[Path, Path], capsys: Any) -> None:
    a, b = pair
    (b / "0" / "summary.json").write_text('{"status": "diverged", "seed": 0}')
    out = said(capsys, a, b, "--rtol", "1", code=1)
    assert "1 runs of B did not complete, 0 of A" in out
    assert "B has no optim.lr=0.2" in out


@pytest.mark.usefixtures("drawn")
def test_files_lie_by_date_and_time(pair: tuple[Path, Path], capsys: Any) -> None:
    assert main([str(path) for path in pair]) == 0
    (folder,) = Path("outputs", "comparisons").glob("????-??-??/??-??-??-??????")
    found = {str(path.relative_to(folder)) for path in folder.rglob("*.*")}
    tables = {"config.csv", "overall.csv", "points.csv", "sides.csv"}
    drawings = {"plots/curves.png", "plots/differences.png"}
    assert found == {"comparison.md", "comparison.html", *tables, *drawings}
    assert f"files: {folder}" in capsys.readouterr().out
    text = (folder / "comparison.md").read_text(encoding="utf-8")
    assert "| test/accuracy | 0.6 | 0.8 | +0.2 |" in text
    assert "![differences](plots/differences.png)" in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no file or folder"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (HEADER.encode(), "has a header but no rows"),
        (HEADER.encode() + b"1,10,0.1,0.5,0.9", "no whole rows: its last line has no end"),
        (b"hi", "has no header row"),
        (b"hi\n", "has no header row"),
        (b"m,lr,try\na,0.1,1\na,0.1,2\n", "e.g. --on m,try; it has lr, m, try."),
        (b"a,b\n1,2\n", "no table of this program. Say which columns identify a row, e.g. --on a"),
        (b"a,b\n1.5,2.5\n", "identify a row, with --on, out of a, b."),
        (b"a,b\n1,2\n1,2,3,4\n", "is not a table: row 2 has 4 cells, the header 2"),
        (b"epoch,a/b\n1,2\n1\n", "is not a table: row 2 has 1 cells"),
        (b"\x89PNG\r\n\x1a\n\x00\xff,,\n\x00\n", "is not text"),
        ("a,b\n1,2\n".encode("utf-16"), "is not text"),
        (b"epoch,step\n1,2\n", "holds no metrics"),
        (b"job,status\n0,ok\n", "holds no metrics"),
        (b"runs,failed\n0,0\n", "holds no metrics"),
    ],
)
def test_faults_are_one_sentence(
    tmp_path: Path, capsys: Any, content: bytes | None, words: str
) -> None:
    path = tmp_path / "test.csv"
    if content is not None:
        path.write_bytes(content)
    assert main([str(path), str(path)]) == 2
    refused(capsys, words)


def refused(capsys: Any, words: str) -> None:
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1
    assert not Path("outputs").exists()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "Give two or more"),
        (["a.csv"], "Give two or more"),
        (["a.csv", "b.csv", "--wrong"], "--wrong"),
        (["a.csv", "b.csv"], "e.g. --on method,seed; it has method, note, rmse, seed"),
        (["a.csv", "b.csv", "--on", "method,sed"], "did you mean 'seed'?"),
        (["a.csv", "b.csv", "--on", "method,,seed"], "empty name"),
        (["a.csv", "b.csv", "--on", "method"], "2 rows have method=a"),
        (["a.csv", "b.csv", "--on", "method,seed", "--metric", "rmsee"], "did you mean 'rmse'?"),
        (["a.csv", "b.csv", "--on", "method,seed", "--metric", "note"], "'note' holds no numbers"),
        (["a.csv", "b.csv", "--on", "method,seed", "--rtol", "-1"], "not a number of 0 or more"),
        (["a.csv", "b.csv", "--on", "method,seed", "--atol", "nan"], "not a number of 0 or more"),
        (["a.csv", "b.csv", "--on", "method,seed", "--out", "a.csv"], "is a file"),
        (["a.csv", "b.csv", "--on", "method,seed", "--out", "a.csv/b"], "a.csv"),
    ],
)
def test_wrong_requests_are_one_sentence(capsys: Any, argv: list[str], words: str) -> None:
    Path("a.csv").write_text(FOREIGN)
    Path("b.csv").write_text(FOREIGN)
    assert main(argv) == 2
    refused(capsys, words)


def test_comparison_does_not_go_into_a_run(pair: tuple[Path, Path], capsys: Any) -> None:
    for folder in (pair[0], pair[0] / "0"):
        assert main([*map(str, pair), "--out", str(folder)]) == 2
        refused(capsys, "holds a run or a sweep")


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("all/sweeps", "'all/sweeps' holds 2 sweeps; name one of them"),
        ("all/runs", "'all/runs' holds 1 run"),
        ("all", "'all' holds 2 sweeps"),
        ("none", "neither a run"),
    ],
)
def test_folder_of_sweeps_is_no_side(tmp_path: Path, capsys: Any, folder: str, words: str) -> None:
    sweep(tmp_path, "all/sweeps/a", {"0.1": [0.5]})
    sweep(tmp_path, "all/sweeps/b", {"0.1": [0.5]})
    (tmp_path / "all" / "runs").mkdir()
    (sweep(tmp_path, "x", {"0.1": [0.5]}) / "0").rename(tmp_path / "all" / "runs" / "one")
    (tmp_path / "none").mkdir()
    assert main(["all/sweeps/a", folder]) == 2
    refused(capsys, words)


def test_check_of_what_cannot_be_compared(tmp_path: Path, capsys: Any) -> None:
    a = sweep(tmp_path, "a", {"0.1": [0.5], "0.2": [0.6]})
    b = sweep(tmp_path, "b", {"0.3": [0.5], "0.4": [0.6]})
    assert "their results are listed without a test" in " ".join(said(capsys, a, b).split())
    assert main([str(a), str(b), "--rtol", "0.1"]) == 2
    refused(capsys, "cannot be checked")


def test_sides_that_share_no_metric(tmp_path: Path, capsys: Any) -> None:
    for split in ("train", "test"):
        (tmp_path / f"{split}.csv").write_text(f"epoch,{split}/loss\n1,0.5\n")
    assert main([str(tmp_path / "train.csv"), str(tmp_path / "test.csv")]) == 2
    refused(capsys, "share no metric")


def test_door_opens_without_torch_or_hydra(pair: tuple[Path, Path]) -> None:
    code = (
        "import sys; from runner.compare import main; status = main(sys.argv[1:]);"
        "assert not {'torch', 'hydra', 'sklearn'} & set(sys.modules); sys.exit(status)"
    )
    command = [sys.executable, "-c", code, *map(str, pair)]
    subprocess.run(command, check=True, capture_output=True)


def test_help_is_light(capsys: Any) -> None:
    code = (
        "import sys, runner.compare, runner.results;"
        "assert not {'torch', 'scipy', 'pandas', 'matplotlib', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--rtol" in capsys.readouterr().out


@pytest.mark.commands
def test_two_real_sweeps(tmp_path: Path) -> None:
    """A sweep against itself shows no difference; against a worse one the check names it."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}

    def typed(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", *words]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    for name, rate in (("good", "0.1,0.2"), ("poor", "0.0001,0.0002")):
        asked = [f"optim.lr={rate}", "repeats=3", "epochs=1", "plots=false"]
        asked += ["dataset.train_size=256", f"hydra.sweep.dir={name}"]
        assert typed("runner", "-m", *asked).returncode == 0
    same = typed("runner.compare", "good", "good/sweep.csv", "--rtol", "0", "--out", "same")
    assert same.returncode == 0, same.stdout + same.stderr
    with (tmp_path / "same" / "points.csv").open(encoding="utf-8") as file:
        assert {row["difference"] for row in csv.DictReader(file)} == {"0.0"}
    worse = typed("runner.compare", "good", "poor", "--rtol", "0.01", "--out", "worse")
    assert worse.returncode == 1
    assert "at its best point by val/loss" in " ".join(worse.stdout.split())
    assert "test/loss of B is worse" in worse.stdout
    assert worse.stderr == ""
