"""YAML files of one's own that are wrong: the sentence names the file and the line."""

import pytest

from runner import config_files
from runner.errors import RequestError
from runner.main import main
from runner.paths import COMPONENTS
from runner.request.command_line import read
from runner.request.validate import check_request

MINE = "components/conf/model/my-model.yaml"
READ = "can't be read: "


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(COMPONENTS, "")
    return tmp_path


def refused(*argv):
    with pytest.raises(RequestError) as caught:
        check_request(read(argv))
    assert all(s.endswith(".") and "\n" not in s for s in caught.value.sentences)
    return caught.value.sentences


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: a\nwidth 64\n", f", line 2, {READ}could not find expected ':' in 'width 64';"),
        ("name: a\nw: [64\nb: 3\n", f", line 2, {READ}expected ',' or ']', but got ':' in 'w:"),
        ("name: a\nw: 5\nw: 6\n", f", line 3, {READ}found duplicate key w in 'w: 6'; write"),
        ("name: a\nw: \t5\n\tb: 3\n", f", line 2, {READ}found character '\\t' that cannot start"),
        ("name:a\nwidth: 5\n", f", line 2, {READ}mapping values are not allowed here in 'width:"),
        ("name: a\n- w\n", f", line 2, {READ}expected <block end>, but found '-' in '- w'; write"),
        ("name: a\nw: ${x\n", f", w: {READ}no viable alternative at input '${{x'."),
        (b"name: a\nw: 5 # gr\xf6\xdfer\n", f", line 2, {READ}it is not UTF-8 text."),
        ("width: 64\n", " lacks the line 'name: my-model', the name in @register."),
        ("name:\nwidth: 64\n", " lacks the line 'name: my-model', the name in @register."),
        ("", " lacks the line 'name: my-model', the name in @register."),
        ("- name\n", " lacks the line 'name: my-model', the name in @register."),
    ],
)
def test_a_file_that_is_no_config_is_named_with_its_line(place, text, told):
    write(place / MINE, text)
    for argv in (("model=my-model",), ("epochs=1",)):
        (sentence,) = refused(*argv)
        assert sentence.startswith(MINE + told)


def test_a_metric_needs_its_package(place):
    path = "components/conf/metric/my-metric.yaml"
    for text in ("name: my-metric\n", "# @package metric.other\nname: my-metric\n"):
        write(place / path, text)
        sentences = refused("metric=[auto,my-metric]")
        assert sentences == (f"{path} lacks the first line '# @package metric.my-metric'.",)
    write(place / path, "# @package metric.my-metric\nname: my-metric\n")
    check_request(read(["metric=[auto,my-metric]"]))


def test_every_wrong_file_is_named_and_what_is_no_component_left_alone(place):
    write(place / MINE, "width 64\n")
    write(place / "components/conf/loss/mine.yaml", "gamma: 2\n")
    write(place / "components/conf/other/mine.yaml", "gamma 2\n: [")
    assert [s.partition(".yaml")[0] for s in refused()] == [
        "components/conf/loss/mine",
        "components/conf/model/my-model",
    ]


def test_a_name_that_refers_elsewhere_is_left_to_be_resolved(place):
    write(place / MINE, "name: ${nowhere}\n")
    check_request(read(["epochs=1"]))


def test_a_package_is_only_to_be_readable(place, monkeypatch):
    folder = place / "theirs"
    monkeypatch.setattr(config_files, "component_conf_folders", lambda: [("theirs", folder)])
    write(folder / "model/mlp.yaml", "width: 3\n")
    check_request(read(["epochs=1"]))
    write(folder / "model/other.yaml", "width 3\nb: 2\n")
    (sentence,) = refused("epochs=1")
    assert sentence.startswith("theirs/model/other.yaml, line 2, ")


@pytest.mark.parametrize("asked", ["model", "model=my-model"])
def test_help_names_it_too(place, monkeypatch, capsys, asked):
    write(place / MINE, "name: my-model\nwidth 64\n")
    monkeypatch.setattr("sys.argv", ["runner", "--help", asked])
    assert main() == 2
    assert capsys.readouterr().err.startswith(f"{MINE}, line 2, {READ}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# @package _global_\nepochs 3\nmodel: 3\n", f", line 3, {READ}mapping values"),
        ("# @package _global_\nepochs: 3\nepochs: 4\n", f", line 3, {READ}found duplicate key"),
        (b"# @package _global_\n# gr\xf6\xdfer\n", f", line 2, {READ}it is not UTF-8 text."),
        ("# @package _global_\nepochs: ${x\n", f", epochs: {READ}no viable alternative"),
    ],
)
def test_a_study_that_is_no_yaml_is_named_with_its_line(place, text, told):
    write(place / "experiments/mine.yaml", text)
    (sentence,) = refused("experiment=mine")
    assert sentence.startswith("experiments/mine.yaml" + told)
