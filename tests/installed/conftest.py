"""An environment that has the wheel, its dependencies borrowed."""

import os
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from installed import do

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    options = ["--wheel", "--no-isolation", "--skip-dependency-check", "--outdir", folder]
    do(sys.executable, "-m", "build", *options, ROOT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
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
