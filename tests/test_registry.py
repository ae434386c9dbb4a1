import pytest
import yaml

from runner import registry
from runner.component_keys import argument_of, key_of, keys
from runner.errors import RequestError
from runner.paths import conf_folder
from runner.registry import HOMES, find, names, register

# The run's own files, which are always written: a choice that adds nothing.
NO_COMPONENT = ("logger", "csv")
COMPONENTS = [(group, name) for group in HOMES for name in names(group)]


def yaml_names(group):
    found = sorted(path.stem for path in (conf_folder() / group).glob("*.yaml"))
    return [name for name in found if (group, name) != NO_COMPONENT]


@pytest.mark.parametrize("group", HOMES)
def test_every_component_has_a_yaml_and_every_yaml_a_component(group):
    assert names(group) == yaml_names(group)
    assert names(group)


@pytest.mark.parametrize(("group", "name"), COMPONENTS)
def test_a_yaml_has_its_components_keys_and_its_own_name_first(group, name):
    node = yaml.safe_load((conf_folder() / group / f"{name}.yaml").read_text(encoding="utf-8"))
    assert next(iter(node.items())) == ("name", name)
    assert set(node) - {"name"} == set(keys(find(group, name)))


@pytest.mark.parametrize(("group", "name"), COMPONENTS)
def test_no_constructor_repeats_a_default(group, name):
    init = find(group, name).__init__
    assert not getattr(init, "__kwdefaults__", None)
    assert not getattr(init, "__defaults__", None)


@pytest.mark.parametrize(("group", "name"), COMPONENTS)
def test_the_spelling_of_a_key_goes_there_and_back(group, name):
    for key in keys(find(group, name)):
        assert key_of(argument_of(key)) == key


@pytest.mark.parametrize(("group", "name"), COMPONENTS)
def test_every_component_says_what_it_is(group, name):
    assert find(group, name).__doc__


def test_a_second_component_of_one_name_is_refused():
    with pytest.raises(ValueError, match="model 'mlp' is registered twice"):
        register("model", "mlp")(type("Other", (), {}))
    assert find("model", "mlp").__name__ == "MLP"


def test_a_group_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="component group 'modle'; did you mean 'model'"):
        register("modle", "mine")


def test_an_unknown_name_is_told_with_the_nearest_and_all_the_others():
    with pytest.raises(RequestError) as caught:
        find("model", "mpl")
    assert str(caught.value).startswith("There is no model 'mpl'; did you mean 'mlp'? Allowed: ")
    assert all(name in str(caught.value) for name in names("model"))


def test_a_registered_class_is_found_unchanged(monkeypatch):
    monkeypatch.setitem(registry._components, "loss", dict(registry._components["loss"]))
    mine = type("Mine", (), {})
    assert register("loss", "mine")(mine) is mine
    assert find("loss", "mine") is mine
    assert "mine" in names("loss")
