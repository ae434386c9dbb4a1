"""The wheel, installed where there is no checkout."""

import zipfile
from pathlib import Path

import pytest

from installed import do

pytestmark = pytest.mark.commands

ROOT = Path(__file__).parents[2]


def test_the_wheel_carries_the_package_its_configs_and_studies_alone(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {
        "runner",
        "hydra_plugins",
    }
    for folder in ("conf", "experiments"):
        ours = {f"runner/{path.relative_to(ROOT)}" for path in (ROOT / folder).rglob("*.yaml")}
        assert ours <= set(names)
    carried = (".py", ".jinja", ".css", ".js", ".yaml")
    files = (path for path in (ROOT / "runner").rglob("*") if path.suffix in carried)
    sources = {str(path.relative_to(ROOT)) for path in files}
    assert sources <= set(names)
    assert any(name.endswith("LICENSE") for name in names)


def test_the_gallery_finds_the_studies_of_the_wheel(runner, tmp_path):
    (tmp_path / "results").mkdir()
    python = runner.with_name("python")
    said = do(python, "-m", "runner.gallery", "results", "--no-run", cwd=tmp_path)
    assert "weight-decay: not run yet" in said
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_the_console_script_runs_from_an_empty_folder(runner, tmp_path):
    said = do(runner, "epochs=1", "dataset.train_size=100", cwd=tmp_path)
    assert "epoch 1/1" in said
    assert [path.name for path in tmp_path.iterdir()] == ["outputs"]
    (metrics,) = tmp_path.glob("outputs/runs/*/*/metrics.csv")
    assert len(metrics.read_text(encoding="utf-8").splitlines()) == 2


def test_the_studies_are_found_and_so_are_those_of_the_current_folder(runner, tmp_path):
    (tmp_path / "experiments").mkdir()
    own = "# @package _global_\nepochs: 77\n"
    (tmp_path / "experiments" / "own.yaml").write_text(own, encoding="utf-8")
    listed = do(runner, "--help", cwd=tmp_path)
    studies = listed.partition("experiment:")[2].partition("loss:")[0]
    for path in (ROOT / "experiments").glob("*.yaml"):
        assert path.stem in studies
    assert "own" in studies
    shown = do(runner, "--cfg", "job", "experiment=own", cwd=tmp_path)
    assert "epochs: 77" in shown
