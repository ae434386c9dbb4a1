"""The wheel, installed where there is no checkout."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.commands

ROOT = Path(__file__).parents[1]


def do(*command, cwd, **environment):
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    options = ["--wheel", "--no-isolation", "--skip-dependency-check", "--outdir", folder]
    do(sys.executable, "-m", "build", *options, ROOT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def runner(wheel, tmp_path_factory):
    """The console script of an environment that has the wheel, its dependencies borrowed."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, symlinks=os.name != "nt")
    place = {"base": str(home), "platbase": str(home)}
    purelib = Path(sysconfig.get_path("purelib", "venv", place))
    python = Path(sysconfig.get_path("scripts", "venv", place)) / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install"]
    do(*pip, "--no-deps", "--no-index", "--quiet", wheel, cwd=home)
    # A line of a .pth file only extends the path: .pth files over there, such as that of an
    # editable install of this project, are not read.
    outer = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (purelib / "borrowed.pth").write_text("\n".join(sorted(outer)), encoding="utf-8")
    found = do(python, "-c", "import runner; print(runner.__file__)", cwd=home)
    assert Path(found.strip()).is_relative_to(home)
    return python.with_name("runner")


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
