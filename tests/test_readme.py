"""The README's commands, typed as they stand there, end well."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.commands

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
# As typed these train for minutes on a CPU; the test shortens them and changes nothing else.
SHORTER = {
    "model=densenet optim=adam": ["epochs=1", "dataset.train_size=64"],
    "model=mlp,dropout-mlp,lenet-bn,densenet": ["dataset.train_size=64"],
    "dataset=fashion-mnist": ["dataset.train_size=2000"],
}
NEEDS_FASHION_MNIST = "dataset=fashion-mnist"


def commands(heading: str) -> list[str]:
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```(\w*)\n(.*?)```", section, re.DOTALL)
    return [line for language, block in blocks if not language for line in block.splitlines()]


def run(command: str, folder: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    words = shlex.split(command)
    assert words[0] == "python"
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *words[1:], *more],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def fashion_mnist_is_here() -> bool:
    root = Path(os.environ.get("RUNNER_DATA_ROOT", "data"))
    places = [root, Path("/usr/share/datasets/fashion-mnist")]
    return any(list(place.rglob("train-images-idx3-ubyte*")) for place in places if place.is_dir())


@pytest.mark.parametrize("command", commands("Use"))
def test_command_of_use(command: str, tmp_path: Path) -> None:
    if NEEDS_FASHION_MNIST in command and not fashion_mnist_is_here():
        pytest.skip("Fashion-MNIST is neither in the data root nor in a system package")
    more = next((extra for part, extra in SHORTER.items() if part in command), [])
    done = run(command, tmp_path, *more)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert max(map(len, done.stdout.splitlines())) < 400


def test_commands_on_results(tmp_path: Path) -> None:
    assert run("python -m runner -m optim.lr=0.1,0.5 epochs=1", tmp_path).returncode == 0
    assert run("python -m runner -m optim.lr=0.1,0.5 epochs=2", tmp_path).returncode == 0
    sweeps = sorted((tmp_path / "outputs" / "sweeps").glob("*/*"))
    report, compare = commands("What comes out")
    assert run(report.replace("outputs/sweeps/…", str(sweeps[0])), tmp_path).returncode == 0
    for sweep in sweeps:
        compare = compare.replace("outputs/sweeps/…", str(sweep), 1)
    done = run(compare, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "test/accuracy" in done.stdout


def test_commands_that_go_on(tmp_path: Path) -> None:
    assert run("python -m runner -m optim.lr=0.1,0.5 epochs=1", tmp_path).returncode == 0
    (sweep,) = (tmp_path / "outputs" / "sweeps").glob("*/*")
    for line in commands("Interrupted, crashed, continued"):
        done = run(line.replace("outputs/sweeps/…", str(sweep)), tmp_path)
        assert done.returncode == 0, done.stderr
    rows = (sweep / "1" / "metrics.csv").read_text().splitlines()
    assert rows[-1].startswith("50,")


def test_notebook_lines(tmp_path: Path) -> None:
    assert run("python -m runner -m optim.lr=0.1,0.5 epochs=1", tmp_path).returncode == 0
    (sweep,) = (tmp_path / "outputs" / "sweeps").glob("*/*")
    (code,) = re.findall(r"```python\n(from runner.results.*?)```", README, re.DOTALL)
    code = code.replace("outputs/sweeps/…", str(sweep)).replace("regularizer.lambda", "optim.lr")
    scope: dict[str, object] = {}
    exec(code, scope)
    assert len(scope["frame"]) == 2  # type: ignore[arg-type]


def test_lines_of_load_model(tmp_path: Path) -> None:
    assert run("python -m runner epochs=2 plots=false", tmp_path).returncode == 0
    (folder,) = (tmp_path / "outputs" / "runs").glob("*/*")
    (code,) = re.findall(r"```python\n(import runner.*?)```", README, re.DOTALL)
    scope: dict[str, object] = {}
    exec(code.replace("outputs/runs/…", str(folder)), scope)
    assert len(scope["classes"]) == 1797  # type: ignore[arg-type]


def test_model_of_the_readme(tmp_path: Path) -> None:
    """One file and one YAML are all that a model takes."""
    (code,) = re.findall(r"```python\n(from typing.*?)```", README, re.DOTALL)
    (yaml,) = re.findall(r"```yaml\n(name: two-layers.*?)```", README, re.DOTALL)
    package = Path(__file__).parents[1]
    for name in ("runner", "conf", "hydra_plugins", "experiments"):
        subprocess.run(["cp", "-r", str(package / name), str(tmp_path)], check=True)
    (tmp_path / "runner" / "models" / "two_layers.py").write_text(code)
    (tmp_path / "conf" / "model" / "two-layers.yaml").write_text(yaml)
    done = run("python -m runner -m model=two-layers model.width=16,64 epochs=1", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2/2 runs done" in done.stdout


def test_parts_of_your_own(tmp_path: Path) -> None:
    for line in commands("Parts of your own"):
        done = run(line, tmp_path)
        assert done.returncode == 0, done.stderr
    run_of_metric, *_ = sorted((tmp_path / "outputs" / "runs").glob("*/*"))
    assert '"best_metric": "val/f1"' in (run_of_metric / "summary.json").read_text()


def test_a_reader_who_leaves_does_not_end_the_run(tmp_path: Path) -> None:
    command = f"{sys.executable} -m runner epochs=3 hydra.run.dir=run plots=false | head -1"
    subprocess.run(command, shell=True, cwd=tmp_path, check=True, capture_output=True)
    assert '"status": "ok"' in (tmp_path / "run" / "summary.json").read_text()
