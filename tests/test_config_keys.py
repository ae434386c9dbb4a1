"""What each key has to do with a result: in the signature, in tables, in a group."""

import pytest

from runner.config import Config
from runner.config_keys import ROLES, SETTING, as_typed, flatten, role_of
from runner.registry import names
from runner.results.read.configs import differing, typed
from runner.sweep.plan import groups

# A key of each role with two values, and whether runs that differ in it are the same run, are told
# apart in a table of results, and may train together.
CHANGES = {
    "model.hidden": (["[8]", "[9]"], "other run", "told apart", "apart"),
    "optim.lr": (["0.1", "0.2"], "other run", "told apart", "together"),
    "init_from": (["null", "/a"], "other run", "told apart", "together"),
    "freeze": (["[]", "[layers.1.*]"], "other run", "told apart", "apart"),
    "device.precision": (["float32", "float64"], "other run", "told apart", "apart"),
    "seed": (["0", "1"], "other run", "has a column of its own", "together"),
    "device.threads": (["1", "2"], "same run", "not told apart", "apart"),
    "dataset.root": (["/a", "/b"], "same run", "not told apart", "apart"),
    "checkpoint_every": (["1", "2"], "same run", "not told apart", "apart"),
    "plots": (["true", "false"], "same run", "not told apart", "apart"),
    "predictions": (["true", "false"], "same run", "not told apart", "apart"),
    "name": (["a", "b"], "same run", "not told apart", "together"),
    "repeats": (["1", "2"], "same run", "not told apart", "together"),
    "expect": (["ok", "diverged"], "same run", "not told apart", "together"),
    "logger": (["[]", "[tensorboard]"], "same run", "not told apart", "together"),
}


@pytest.mark.parametrize("key", CHANGES)
def test_signature_tables_and_groups_follow_one_table(key, make_config):
    values, run, table, group = CHANGES[key]
    given = ["dataset=fashion-mnist"] if key == "dataset.root" else []
    configs = [make_config(*given, **{key: value}) for value in values]
    same = configs[0].signature == configs[1].signature
    assert same == (run == "same run")
    flat = [
        {name: typed(value) for name, value in flatten(config.model_dump())} for config in configs
    ]
    assert (differing(flat) == [key]) == (table == "told apart")
    assert (len(groups(configs)) == 1) == (group == "together")


def test_every_key_that_is_no_setting_exists():
    fields = Config.model_fields
    assert [key for key in ROLES if key.partition(".")[0] not in fields] == []
    assert "cpu" in names("device")  # device.precision is looked up in a test above


def test_a_key_has_the_role_of_its_group_unless_it_has_its_own():
    assert role_of("device.threads") == ROLES["device"]
    assert role_of("logger.mlflow.store") == ROLES["logger"]
    assert role_of("dataset.seed") == role_of("model") == SETTING


def test_a_config_is_flattened_to_the_names_that_are_typed():
    config = {"seed": 1, "model": {"name": "mlp", "hidden": [3]}, "logger": {}}
    flat = {"seed": 1, "model.name": "mlp", "model.hidden": [3], "logger": {}}
    assert dict(flatten(config)) == flat


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        *(
            (0.0, "0.0"),
            (3.0, "3.0"),
            (3, "3"),
            (1e-05, "1e-05"),
            (1e30, "1e+30"),
            (0.1234567, "0.1234567"),
        ),
        *((True, "true"), (None, "null"), ("sgd", "sgd"), ([1, [0.5, None]], "[1,[0.5,null]]")),
    ],
)
def test_a_value_is_written_as_it_is_typed(value, typed):
    assert as_typed(value) == typed
