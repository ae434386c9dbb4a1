"""Components that ``runner.new`` begins: of every group, they work as they are."""

import os
import subprocess
import sys

import pytest

from runner import new
from runner.paths import COMPONENTS
from runner.registry import HOMES


def test_every_group_of_which_one_writes_components_has_a_template():
    assert set(new.groups()) == set(HOMES) - {"device", "logger"}


NO_NAME = " can't be a component's name: it takes lower-case letters, digits, and hyphens between"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("modle", "x"), "There is no group of components 'modle'; did you mean 'model'?"),
        (("model", "My_Net"), f"{NO_NAME}; 'my-net' would do."),
        (("model", "MyNet2"), f"{NO_NAME}; 'my-net2' would do."),
        (("model", "MyHTTPNet"), f"{NO_NAME}; 'my-http-net' would do."),
        (("model", "my net"), f"{NO_NAME}; 'my-net' would do."),
        (("model", "3"), f"{NO_NAME}; 'my-model' would do."),
        (("model", "mlp"), "model=mlp is one of the program's own choices: take another name."),
        (("model",), "The following arguments are required: NAME; see python -m runner.new --help"),
    ],
)
def test_a_wrong_request_writes_nothing(tmp_path, monkeypatch, capsys, words, told):
    monkeypatch.chdir(tmp_path)
    assert new.main(words) == 2
    assert capsys.readouterr().err.removeprefix(f"'{words[-1]}'").startswith(told)
    assert not list(tmp_path.iterdir())


def test_what_exists_is_not_overwritten(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert new.main(("model", "my-net")) == 0
    assert capsys.readouterr().out.splitlines()[-2] == "run it:  python -m runner model=my-net"
    (tmp_path / "components" / "my_net.py").write_text("mine")
    (tmp_path / "components" / "conf" / "model" / "my-net.yaml").unlink()
    assert new.main(("model", "my-net")) == 2
    assert not (tmp_path / "components" / "conf" / "model" / "my-net.yaml").exists()
    assert (tmp_path / "components" / "my_net.py").read_text() == "mine"


@pytest.mark.commands
@pytest.mark.long
def test_all_of_them_run_and_pass_their_own_tests(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for group in new.groups():
        assert new.main((group, f"my-{group}")) == 0
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "components"]
    clean = {COMPONENTS: "", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, env={**os.environ, **clean}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert f"{2 * len(new.groups())} passed" in done.stdout
