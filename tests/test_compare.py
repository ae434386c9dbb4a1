import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runner.compare import main
from runner.results.tables import write_tables

HEADER = "epoch,step,lr,train/loss,test/accuracy\n"


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
            (folder / "summary.json").write_text('{"status": "ok", "task": "classes"}')
            job += 1
    write_tables(root / name)
    return root / name


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    a = sweep(tmp_path, "a", {"0.1": [0.5, 0.7], "0.2": [0.6, 0.6]})
    return a, sweep(tmp_path, "b", {"0.1": [0.7, 0.9], "0.3": [0.8, 0.8]})


def said(capsys: Any, *paths: Any) -> str:
    assert main([str(path) for path in paths]) == 0
    out: str = capsys.readouterr().out
    assert all(len(line) <= 80 for line in out.splitlines())
    return out


def test_sweeps_are_compared_over_all_and_by_point(pair: tuple[Path, Path], capsys: Any) -> None:
    out = said(capsys, *pair)
    lines = [line.split() for line in out.splitlines()]
    assert ["test/accuracy", "A", "0.6", "±", "0.082", "4"] in lines
    assert ["B", "0.8", "±", "0.082", "4", "+0.2"] in lines
    assert ["optim.lr", "0.1,", "0.2", "0.1,", "0.3"] in lines
    assert "test/accuracy at the 1 points that all have" in out
    assert ["0.1", "A", "0.6", "±", "0.14", "2"] in lines
    assert "no conclusion" not in out


@pytest.mark.parametrize("name", ["sweep.csv", "summary.csv", "curves.csv"])
def test_files_say_the_same_as_the_folder(pair: tuple[Path, Path], capsys: Any, name: str) -> None:
    folders = said(capsys, *pair).splitlines()[2:]
    files = said(capsys, *(path / name for path in pair)).splitlines()[2:]
    assert files == folders


def test_one_run_each_gives_no_conclusion(pair: tuple[Path, Path], capsys: Any) -> None:
    a, b = pair
    out = said(capsys, a / "0", b / "0", b / "1" / "metrics.csv")
    assert "One run each: no spread, so no conclusion." in out
    assert "+0.2" in out
    assert "+0.4" in out


def test_single_runs_on_one_side_are_named(pair: tuple[Path, Path], capsys: Any) -> None:
    assert "One run a point in B" in said(capsys, pair[0], pair[1] / "0")


def test_configs_that_differ_are_shown(pair: tuple[Path, Path], capsys: Any) -> None:
    a, b = pair
    (b / "0" / ".hydra" / "config.yaml").write_text("model:\n  name: lenet\n  hidden: [1, 2]\n")
    lines = [line.split() for line in said(capsys, a / "0", b / "0").splitlines()]
    assert ["model.name", "mlp", "lenet"] in lines


def test_run_that_failed_is_left_out_and_said_so(pair: tuple[Path, Path], capsys: Any) -> None:
    a, b = pair
    (b / "0" / "summary.json").write_text('{"status": "diverged"}')
    assert "1 left out: not ended well" in said(capsys, a, b)
    assert "No run of B ended well" in said(capsys, a, b / "0")


def test_torn_row_is_left_out(pair: tuple[Path, Path], capsys: Any) -> None:
    a, _ = pair
    file = a / "sweep.csv"
    file.write_text(file.read_text().rstrip("\n")[:-3])
    assert "(3 runs at 2 points)" in said(capsys, file, file)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no file or folder"),
        (b"", "is empty"),
        (HEADER.encode(), "is empty"),
        (HEADER.encode() + b"1,10,0.1,0.5,0.9", "is empty"),
        (b"a,b\n1,2\n", "is none of"),
        (b"a,b\n1,2\n1,2,3,4\n", "is not a table"),
        (b"\x89PNG\r\n\x1a\n\x00\xff,,\n\x00\n", "test"),
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
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("argv", [[], ["a"], ["a", "b", "--wrong"]])
def test_wrong_requests_are_one_sentence(capsys: Any, argv: list[str]) -> None:
    assert main(argv) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_sides_that_share_no_metric(tmp_path: Path, capsys: Any) -> None:
    for split in ("train", "test"):
        (tmp_path / f"{split}.csv").write_text(f"epoch,{split}/loss\n1,0.5\n")
    assert main([str(tmp_path / "train.csv"), str(tmp_path / "test.csv")]) == 2
    assert "share no metric" in capsys.readouterr().err


def test_door_opens_without_torch_or_matplotlib(pair: tuple[Path, Path]) -> None:
    code = (
        "import sys; from runner.compare import main; status = main(sys.argv[1:]);"
        "assert not {'torch', 'matplotlib', 'hydra'} & set(sys.modules); sys.exit(status)"
    )
    command = [sys.executable, "-c", code, *map(str, pair)]
    subprocess.run(command, check=True, capture_output=True)
