"""docs/data.md: its commands end well as they stand there; its tables say what the YAML does."""

import re
import sys
from pathlib import Path
from subprocess import CompletedProcess, run

import numpy as np
import pandas as pd
import pytest
import torch
from omegaconf import OmegaConf
from PIL import Image

from runner.config_keys import as_typed

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")


def blocks(language: str, heading: str) -> list[str]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = re.findall(r"```(\w*)\n(.*?)```", section, re.DOTALL)
    return [block for kind, block in found if kind == language]


def commands(heading: str) -> list[str]:
    return [line for block in blocks("", heading) for line in block.splitlines()]


def call(command: str, folder: Path, *more: str) -> "CompletedProcess[str]":
    words = command.split()
    assert words[0] == "python"
    done = run([sys.executable, *words[1:], *more], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the page's files are: its table with more rows, and noise for pictures."""
    head, *rows = blocks("text", "A table")[0].splitlines()
    source = np.random.default_rng(0)
    for number in range(4, 61):
        area = int(source.integers(40, 150))
        city = ("Bern", "Oslo", "")[number % 3]
        rows.append(f"{number},{city},{area},{area // 25},{5000 * area}")
    (tmp_path / "houses.csv").write_text("\n".join([head, *rows, ""]))
    (tmp_path / "new.csv").write_text("rooms,area,city,price\n2,60,Oslo,\n,100,Bern,\n")
    for number in range(24):
        path = tmp_path / "pictures" / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(source.integers(0, 256, (20, 24, 3), np.uint8)).save(path)
    return tmp_path


def defaults(dataset: str) -> dict[str, str]:
    table = PAGE.split(f"| key of `dataset={dataset}` |")[1].split("\n\n")[0]
    return dict(re.findall(r"^\| `(\w+)` \| `(.*?)` \|", table, re.MULTILINE))


@pytest.mark.parametrize("dataset", ["csv", "image-folder"])
def test_the_tables_have_every_key_with_its_default(
    dataset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNNER_DATA_ROOT", raising=False)
    node = OmegaConf.to_container(
        OmegaConf.load(ROOT / "conf" / "dataset" / f"{dataset}.yaml"), resolve=True
    )
    assert isinstance(node, dict) and node.pop("name") == dataset
    assert defaults(dataset) == {str(key): as_typed(value) for key, value in node.items()}


@pytest.mark.commands
def test_a_table_is_trained_on_predicted_and_exported(place: Path) -> None:
    numbers, classes, folds = commands("A table")
    call(numbers, place, "hydra.run.dir=outputs/runs/1/1", "epochs=2")
    call(classes, place, "epochs=2")
    call(folds, place)
    printed, written = (
        call(line.replace("outputs/runs/…", "outputs/runs/1/1"), place)
        for line in commands("Predict new data")
    )
    assert printed.stdout.startswith("row,prediction\n1,")
    assert written.stdout == "predicted.csv\n"
    assert list(pd.read_csv(place / "predicted.csv")["row"]) == [1, 2]
    code = blocks("python", "Predict new data")[0] + blocks("python", "Export")[0]
    more = "\nprint(predicted.to_csv(index=False, float_format='%.10g'), end='')"
    script = code.replace("outputs/runs/…", "outputs/runs/1/1") + more
    done = run([sys.executable, "-c", script], cwd=place, capture_output=True, text=True)
    assert done.stdout == printed.stdout, done.stderr
    module = torch.export.load(place / "model.pt2").module()
    assert module(torch.zeros(3, 4)).shape == (3, 1)  # two cities, area, rooms


@pytest.mark.commands
def test_pictures_are_trained_on(place: Path) -> None:
    for line in commands("Images"):
        call(line, place)
    assert len(list((place / "data" / "image-folder").iterdir())) == 2


@pytest.mark.commands
def test_predictions_of_a_sweep_are_kept(place: Path) -> None:
    (line,) = commands("Each class by itself")
    call(line, place)
    assert len(list(place.glob("outputs/sweeps/*/*/*/per_class.csv"))) == 2
