"""Components of one's own in a folder: found, checked, recorded, and found again."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

import runner
from runner import components_folder, new
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
        (
            "x = 1\nregister(\n",
            r"^components/broken\.py, line 2, can't be imported: SyntaxError: '\(' was [a-z ]*\.$",
        ),
        (
            "import components.torn  # register(\n",
            r"^components/torn\.py, line 1, can't be imported: SyntaxError: .* closed\.$",
        ),
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
    (place / "components" / "torn.py").write_text("(\n", encoding="utf-8")
    done = call(place, "epochs=1")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert re.search(told, done.stderr.strip())


FAILING = [
    (
        ("my_model.py", "nn.ReLU()", "nn.Relu()", "model=my-model"),
        "model=my-model can't be built for examples of shape (1, 8, 8) and 10 outputs: "
        "AttributeError: module 'torch.nn' has no attribute 'Relu'",
    ),
    (
        ("my_model.py", "self.layers(inputs)", "self.layer(inputs)", "model=my-model"),
        "model=my-model fails on a training batch of 2: AttributeError: 'MyModel' object has no "
        "attribute 'layer'",
    ),
    (
        ("my_metric.py", "self.confidence = confidence", "nowhere()", "metric=[auto,my-metric]"),
        "metric=my-metric can't be built: NameError: name 'nowhere' is not defined",
    ),
    (
        ("my_regularizer.py", "self.lambda_.any()", "nowhere()", "regularizer=my-regularizer"),
        "regularizer=my-regularizer can't be built: NameError: name 'nowhere' is not defined",
    ),
    (
        ("my_loss.py", "gamma = self", "gamma = nowhere() + self", "loss=my-loss"),
        "model=mlp fails on a training batch of 2: NameError: name 'nowhere' is not defined",
    ),
    (
        ("my_dataset.py", "return Split(", "return nowhere(", "dataset=my-dataset"),
        "dataset=my-dataset can't be loaded: NameError: name 'nowhere' is not defined",
    ),
]


@pytest.mark.commands
@pytest.mark.parametrize(("change", "told"), FAILING)
def test_an_error_in_a_component_is_told_with_its_line(tmp_path, monkeypatch, change, told):
    monkeypatch.chdir(tmp_path)
    file, was, becomes, asked = change
    name = file.removesuffix(".py")
    assert new.main((name.removeprefix("my_"), name.replace("_", "-"))) == 0
    path = tmp_path / "components" / file
    text = path.read_text(encoding="utf-8")
    line = text.partition(was)[0].count("\n") + 1
    path.write_text(text.replace(was, becomes), encoding="utf-8")
    done = call(tmp_path, asked, "epochs=1")
    assert (done.returncode, done.stderr) == (2, f"{told} (components/{file}, line {line}).\n")
    assert not (tmp_path / "outputs").exists()


@pytest.mark.commands
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "name: my-net\nwidht: 8\n",
            "There is no key 'model.widht'; did you mean 'model.width'? Allowed: model.width.",
        ),
        ("name: my-net\n", "model.width is missing."),
        (
            "name: my-nett\nwidth: 8\n",
            "There is no model 'my-nett'; did you mean 'my-net'? Allowed: densenet, dropout-mlp, "
            "lenet, lenet-bn, linreg, mlp, my-net, planck, point, resnet, scratch, softmax.",
        ),
    ],
)
def test_a_key_that_is_wrong_in_ones_own_file_is_told_with_the_file(place, text, told):
    path = "components/conf/model/my-net.yaml"
    (place / path).write_text(text, encoding="utf-8")
    done = call(place, *SMALL)
    assert (done.returncode, done.stderr) == (2, f"{path}: {told}\n")


@pytest.mark.commands
def test_a_value_of_the_command_line_is_not_blamed_on_the_file(place):
    done = call(place, *SMALL, "model.width=0")
    told = "model.width=0 is not allowed; it takes a whole number ≥ 1.\n"
    assert (done.returncode, done.stderr) == (2, told)


@pytest.mark.commands
def test_a_config_of_the_programs_own_name_is_refused(place):
    (place / "components" / "conf" / "model" / "mlp.yaml").write_text("name: mlp\n")
    done = call(place, *SMALL)
    assert (done.returncode, done.stderr) == (
        2,
        "components/conf/model/mlp.yaml has the name of one of the program's own choices: give it "
        "another.\n",
    )
