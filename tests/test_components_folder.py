"""Components of one's own in a folder: found, checked, recorded, and found again."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

import runner
from runner import components_folder
from runner.components_folder import component_files, take_flag
from runner.errors import RequestError
from runner.paths import COMPONENTS

MODEL = """
from math import prod
from typing import Annotated

from pydantic import Field
from torch import nn

from components.blocks import block
from runner.models.base import Model
from runner.registry import register


@register("model", "my-net")
class MyNet(Model):
    def __init__(self, inputs, outputs, *, width: Annotated[int, Field(ge=1)]):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), *block(prod(inputs), width))
        self.out = nn.Linear(width, outputs)

    def forward(self, inputs):
        return self.out(self.layers(inputs))
"""
BLOCKS = """
from torch import nn


def block(inputs, outputs):
    return nn.Linear(inputs, outputs), nn.ReLU()
"""
SMALL = ("model=my-net", "epochs=1", "dataset.train_size=100", "plots=false")


@pytest.fixture
def place(tmp_path):
    """A folder to stand in, with a model of one's own that needs a second file."""
    written = {
        "components/my_net.py": MODEL,
        "components/blocks.py": BLOCKS,
        "components/conf/model/my-net.yaml": "name: my-net\nwidth: 8\n",
        "components/notes.py": "raise SystemExit('it registers nothing, and is not imported')\n",
    }
    for name, text in written.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def call(folder, *argv, module="runner"):
    path = {COMPONENTS: "", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", module, *argv],
        cwd=folder,
        env={**os.environ, **path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def change(place):
    path = place / "components" / "blocks.py"
    path.write_text(BLOCKS.replace("ReLU", "Tanh"), encoding="utf-8")


def test_files_that_register_nothing_are_left_alone(place):
    assert [path.name for path in component_files(place / "components")] == ["my_net.py"]


def test_the_folder_where_one_stands_can_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv(COMPONENTS, "")
    monkeypatch.chdir(tmp_path)
    assert take_flag(["--components", ".", "seed=1"]) == ["seed=1"]
    assert os.environ[COMPONENTS] == str(tmp_path)


def test_a_folder_that_does_not_exist_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv(COMPONENTS, "")
    with pytest.raises(RequestError, match="--components needs a folder that exists, not '/none'"):
        take_flag(["--components=/none", "seed=1"])
    assert take_flag(["seed=1", "--components", str(tmp_path), "epochs=2"]) == [
        "seed=1",
        "epochs=2",
    ]
    assert os.environ[COMPONENTS] == str(tmp_path)


def test_all_files_are_named_since_any_may_be_the_one_in_use(monkeypatch, tmp_path):
    for name in "abcd":
        (tmp_path / f"{name}.py").write_text('# register("model", …)\n')
    monkeypatch.setenv(COMPONENTS, str(tmp_path))
    assert components_folder.loaded_sentence().endswith(": a.py, b.py, c.py, d.py.")


@pytest.mark.commands
def test_a_run_finds_them_where_one_stands_says_so_and_keeps_a_copy(place):
    done = call(place, *SMALL, "hydra.run.dir=run")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Components of your own, from components: my_net.py.\n")
    told = json.loads((place / "run" / "summary.json").read_text())["components"]
    assert set(told) == {f"components/{name}.py" for name in ("my_net", "blocks", "notes")}
    kept = place / "run" / ".runner" / "components"
    assert (kept / "blocks.py").read_text() == BLOCKS
    assert (kept / "conf" / "model" / "my-net.yaml").is_file()
    # A run of the program's own models has nothing of them, wherever it is started.
    call(place, "epochs=1", "dataset.train_size=100", "plots=false", "hydra.run.dir=other")
    assert "components" not in json.loads((place / "other" / "summary.json").read_text())
    assert not (place / "other" / ".runner" / "components").exists()


@pytest.mark.commands
def test_they_run_from_elsewhere_only_when_named(place, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = call(elsewhere, *SMALL)
    assert done.returncode == 2 and "There is no model 'my-net'" in done.stderr
    done = call(elsewhere, *SMALL, "--components", str(place / "components"), "hydra.run.dir=run")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.commands
def test_a_model_is_read_back_where_its_file_is_as_it_was(place, monkeypatch):
    assert call(place, *SMALL, "hydra.run.dir=run").returncode == 0
    monkeypatch.setenv(COMPONENTS, str(place / "components"))
    kept = place / "run" / ".runner" / "components"
    model = runner.load_model(place / "run", components=kept)
    assert type(model.model).__name__ == "MyNet"
    assert not components_folder.imported_checksums()
    change(place)
    with pytest.raises(RequestError, match=r"uses components/blocks\.py, which has changed since;"):
        runner.load_model(place / "run")
    assert str(runner.load_model(place / "run", components=kept)) == str(model)
    assert "components.my_net" not in sys.modules
    shutil.rmtree(place / "components")
    with pytest.raises(RequestError, match=r"uses components/blocks\.py, which is not at hand;"):
        runner.load_model(place / "run")


@pytest.mark.commands
def test_a_sweep_goes_on_only_with_what_it_began_with(place):
    points = ("-m", *SMALL, "model.width=4,8")
    assert call(place, *points, "hydra.sweep.dir=sweep").returncode == 0
    (place / "sweep" / "1" / "summary.json").unlink()
    for done in (place / "sweep" / ".runner" / "groups").glob("*/done.json"):
        done.unlink()
    first = (place / "sweep" / "1" / "metrics.csv").read_bytes()
    change(place)
    done = call(place, "--resume", "sweep")
    assert done.returncode == 2
    assert "the code of components/blocks.py has changed" in done.stderr
    named = "--components sweep/.runner/components"
    assert f" {named} goes on with the components as they were." in done.stderr
    (place / "components").rename(place / "moved")
    done = call(place, "--resume", "sweep")
    assert done.returncode == 2 and f"take the copy that was kept, {named}." in done.stderr
    done = call(place, "--resume", "sweep", *named.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert (place / "sweep" / "1" / "metrics.csv").read_bytes() == first


@pytest.mark.commands
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\nregister(\n", r"broken\.py, line 2, can't be imported: SyntaxError: '\('"),
        (
            "import nowhere  # register(\n",
            r"line 1, can't be imported: ModuleNotFoundError: No",
        ),
        (
            "from runner.registry import register\n\n@register('model', 'mlp')\nclass A: ...\n",
            r"line 3, can't be imported: ValueError: model 'mlp' is registered twice",
        ),
        ("import sys\nsys.exit('register()')\n", r"line 2, can't be imported: SystemExit"),
    ],
)
def test_a_file_that_fails_is_named_with_its_line(place, text, told):
    (place / "components" / "broken.py").write_text(text, encoding="utf-8")
    done = call(place, "epochs=1")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert re.search(told, done.stderr)


@pytest.mark.commands
def test_a_config_of_the_programs_own_name_is_refused(place):
    (place / "components" / "conf" / "model" / "mlp.yaml").write_text("name: mlp\n")
    done = call(place, *SMALL)
    assert (done.returncode, done.stderr) == (
        2,
        "components/conf/model/mlp.yaml has the name of one of the program's own choices: give it "
        "another.\n",
    )
