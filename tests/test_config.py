import math

import pytest
from hydra.core.global_hydra import GlobalHydra

from runner.allowed_values import allowed_values
from runner.build import load_data
from runner.component_keys import adapters, argument_of, key_of, keys, per_member_keys
from runner.component_keys import sweepable as sweepable_keys
from runner.config import check
from runner.errors import RequestError
from runner.paths import conf_folder
from runner.registry import HOMES, MULTI_CHOICE_GROUPS, find, names
from runner.tryout import Trials

NO_LOGGER = ("logger", "csv")  # no component: a run's own files are written whatever is chosen
CHOICES = [
    (path.parent.name, path.stem)
    for path in sorted(conf_folder().glob("*/*.yaml"))
    if path.parent.name in HOMES and (path.parent.name, path.stem) != NO_LOGGER
]
LABELS = "a list in which each is text of at most 1,000 characters"
NOT_HERE = {("device", "cuda"), ("device", "mps")}


@pytest.fixture
def node(composer):
    """Composes a config and sets some of its keys, right or wrong."""

    def node(*overrides, **changes):
        made = composer.point(overrides).resolved
        for key, value in changes.items():
            group, _, rest = key.partition("__")
            (made[group] if rest else made)[rest or group] = value
        return made

    return node


def faults(node):
    with pytest.raises(RequestError) as caught:
        check(node)
    return caught.value.sentences


# overrides, the changed key (group__key), its value, and the one sentence that must come
WRONG = [
    ([], "epochs", 2.0, "epochs=2.0 is not allowed; it takes a whole number ≥ 1."),
    ([], "epochs", 0, "epochs=0 is not allowed; it takes a whole number ≥ 1."),
    ([], "epochs", 2.5, "epochs=2.5 is not allowed; it takes a whole number ≥ 1."),
    ([], "epochs", True, "epochs=true is not allowed; it takes a whole number ≥ 1."),
    ([], "epochs", "many", "epochs=many is not allowed; it takes a whole number ≥ 1."),
    ([], "epochs", None, "epochs=null is not allowed; it takes a whole number ≥ 1."),
    ([], "epochs", "???", "epochs=??? is not allowed; it takes a whole number ≥ 1."),
    ([], "batch_size", 0, "batch_size=0 is not allowed; it takes a whole number ≥ 1."),
    ([], "repeats", 0, "repeats=0 is not allowed; it takes a whole number ≥ 1."),
    ([], "seed", -1, "seed=-1 is not allowed; it takes a whole number ≥ 0 and < 4294967296."),
    ([], "seed", 2**32, "< 4294967296."),
    ([], "eval_train", 1, "eval_train=1 is not allowed; it takes true or false."),
    ([], "plots", "yes", "plots=yes is not allowed; it takes auto or true or false."),
    ([], "plots", 1, "plots=1 is not allowed; it takes auto or true or false."),
    ([], "expect", "fail", "expect=fail is not allowed; it takes ok or diverged."),
    (
        [],
        "tags",
        "a",
        f"tags=a is not allowed; it takes {LABELS}; write tags=[a].",
    ),
    ([], "tags", 3, f"tags=3 is not allowed; it takes {LABELS}."),
    ([], "freeze", [3], "freeze=[3] is not allowed; it takes a list in which each is text."),
    ([], "model__hidden", 9, "each is a whole number > 0; write model.hidden=[9]."),
    ([], "model__hidden", 0, "each is a whole number > 0."),
    ([], "name", 3, "name=3 is not allowed; it takes text of at most 1,000 characters or null."),
    ([], "checkpoint_every", 0, "it takes a whole number ≥ 1 or null."),
    ([], "dataset", "digits", "dataset=digits is not allowed; it takes keys of its own."),
    ([], "epoch", 3, "There is no key 'epoch'; did you mean 'epochs'? Allowed: batch_size,"),
    ([], "optim__lr", 0, "optim.lr=0 is not allowed; it takes a number > 0."),
    ([], "optim__lr", -0.1, "optim.lr=-0.1 is not allowed; it takes a number > 0."),
    ([], "optim__lr", "0.1", "optim.lr=0.1 is not allowed; it takes a number > 0."),
    ([], "optim__lr", True, "optim.lr=true is not allowed; it takes a number > 0."),
    ([], "optim__lr", None, "optim.lr=null is not allowed; it takes a number > 0."),
    ([], "optim__lr", math.nan, "optim.lr=nan is not allowed; it takes a number > 0."),
    ([], "optim__lr", math.inf, "optim.lr=inf is not allowed; it takes a number > 0."),
    ([], "optim__lr", [0.1], "optim.lr=[0.1] is not allowed; it takes a number > 0."),
    ([], "optim__momentum", 1, "optim.momentum=1 is not allowed; it takes a number"),
    ([], "optim__clip_norm", 0, "optim.clip_norm=0 is not allowed; it takes a number > 0 or null."),
    ([], "optim__lr", {"a": 1}, "optim.lr={a:1} is not allowed; it takes a number > 0."),
    ([], "optim__nesterov", 0, "optim.nesterov=0 is not allowed; it takes true or false."),
    ([], "optim__lrr", 1, "There is no key 'optim.lrr'; did you mean 'optim.lr'? Allowed: optim."),
    ([], "optim__name", "sgdd", "There is no optim 'sgdd'; did you mean 'sgd'? Allowed: adadelta,"),
    ([], "optim__name", None, "There is no optim 'None'"),
    ([], "regularizer__lambda", -1, "regularizer.lambda=-1 is not allowed; it takes a number ≥ 0."),
    ([], "model__hidden", [8, 0], "model.hidden=[8,0] is not allowed; it takes a list in which"),
    ([], "model__hidden", [8, "x"], "model.hidden=[8,x] is not allowed; it takes a list in which"),
    ([], "model__hidden", 8, "model.hidden=8 is not allowed; it takes a list in which each is a"),
    ([], "model__activation", "rellu", "model.activation=rellu is not allowed; it takes relu,"),
    (
        ["model=dropout-mlp"],
        "model__dropout",
        1,
        "it takes a number ≥ 0 and < 1 or a list in which",
    ),
    (["model=dropout-mlp"], "model__dropout", [0.5, 1.0], "model.dropout=[0.5,1.0] is not allowed"),
    (["optim=adam"], "optim__betas", [0.9], "it takes a list of 2 in which each is a number ≥ 0"),
    (["optim=adam"], "optim__betas", [0.9, 1.0], "optim.betas=[0.9,1.0] is not allowed"),
    ([], "dataset__val_fraction", 1.0, "it takes a number ≥ 0 and < 1."),
    ([], "device__threads", 0, "device.threads=0 is not allowed; it takes auto or a whole number"),
    ([], "device__precision", "float16", "it takes float32, float64, bf16 or tf32."),
]


@pytest.mark.parametrize(("overrides", "key", "value", "sentence"), WRONG)
def test_a_wrong_value_is_told_in_one_sentence_with_what_is_allowed(
    node, overrides, key, value, sentence
):
    (said,) = faults(node(*overrides, **{key: value}))
    assert sentence in said
    assert said.endswith(".")
    assert "\n" not in said


def test_every_fault_is_told_at_once(node):
    made = node(epochs=0, seed=-1, optim__lr=-1, model__hidden=[0], loss__name="auot", extra=1)
    del made["regularizer"]["lambda"], made["batch_size"]
    said = faults(made)
    for key in ("epochs=0", "seed=-1", "optim.lr=-1", "model.hidden=[0]", "'auot'", "'extra'"):
        assert sum(key in sentence for sentence in said) == 1
    assert {"regularizer.lambda is missing.", "batch_size is missing."} < set(said)
    assert len(said) == 8


def test_a_whole_number_is_accepted_for_a_number(node):
    assert check(node(optim__lr=1)).optim["lr"] == 1


def test_loggers_are_checked_one_by_one(node):
    made = node("logger=[tensorboard,mlflow,wandb]")
    assert set(check(made).logger) == {"tensorboard", "mlflow", "wandb"}
    made["logger"]["mlflow"] |= {"store": 3, "stor": "x"}
    made["logger"]["wandb"]["mode"] = "disabled"
    assert sorted(faults(made)) == [
        "There is no key 'logger.mlflow.stor'; did you mean 'logger.mlflow.store'? "
        "Allowed: logger.mlflow.experiment, logger.mlflow.store.",
        "logger.mlflow.store=3 is not allowed; it takes text.",
        "logger.wandb.mode=disabled is not allowed; it takes offline or online.",
    ]


@pytest.mark.parametrize("choice", ["csv", "[]", "[csv]"])
def test_without_a_choice_there_are_a_runs_own_files_alone(make_config, choice):
    assert make_config().logger == make_config(f"logger={choice}").logger == {}


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["model=linreg"], "model=linreg does not go with dataset=digits, whose targets are clas"),
        (["dataset=linear", "loss=cross-entropy"], "dataset=linear, whose targets are numbers."),
        (["loss=huber"], "Allowed there: auto, cross-entropy, mse-one-hot."),
        (["dataset=none", "loss=wave"], "which has no examples. Allowed there: point."),
        (["monitor=val/f1"], "val/f1 is not measured; add metric=[auto,f1] to measure it."),
        (
            ["metric=[f1,nll]", "monitor=val/accuracy"],
            "add metric=[f1,nll,accuracy] to measure it.",
        ),
        (["monitor=val/rmse"], "There is no measured metric 'val/rmse'; did you mean 'val/loss'?"),
        (["monitor=accuracy"], "metric of the validation split, such as val/accuracy."),
        (["monitor=test/f1"], "metric of the validation split, such as val/loss."),
        (["model=point"], "model=point does not go with dataset=digits, whose targets are classes"),
        (["model=lenet-bn", "batch_size=1"], "batch_size=1 is too small for model=lenet-bn"),
        (["dataset=linear", "model=lenet-bn"], "needs images, and dataset=linear has none."),
    ],
)
def test_components_that_do_not_fit_together_are_named(node, overrides, sentence):
    said = faults(node(*overrides))
    assert sum(sentence in fault for fault in said) == 1


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "number"}, "a number"),
        ({"type": "number", "exclusiveMinimum": 0}, "a number > 0"),
        ({"type": "number", "minimum": 0, "exclusiveMaximum": 1}, "a number ≥ 0 and < 1"),
        ({"type": "integer", "maximum": 3}, "a whole number ≤ 3"),
        ({"type": "boolean"}, "true or false"),
        ({"type": "string"}, "text"),
        ({"const": "auto"}, "auto"),
        ({"enum": ["a", "b"]}, "a or b"),
        ({"enum": ["a", "b", "c"]}, "a, b or c"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "a whole number or null"),
        ({"type": "array", "items": {"type": "number"}}, "a list in which each is a number"),
        (
            {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
            "a list of 2 in which each is a number",
        ),
        (
            {"type": "array", "items": {"type": "number"}, "minItems": 1},
            "a list of 1 or more in which each is a number",
        ),
        ({}, "a value"),
    ],
)
def test_a_schema_is_said_in_words(schema, words):
    assert allowed_values(schema) == words


@pytest.mark.parametrize(("group", "name"), CHOICES)
def test_every_key_of_every_component_can_be_said_in_words(group, name):
    for key, adapter in adapters(find(group, name)).items():
        assert "a value" not in allowed_values(adapter.json_schema()), f"{group}.{key}"


@pytest.mark.parametrize(("group", "name"), CHOICES)
def test_keys_that_a_component_gets_as_tensors_are_sweepable(group, name):
    assert per_member_keys(group, name) <= sweepable_keys(group, name)
    assert sweepable_keys(group, name) <= set(keys(find(group, name)))


@pytest.mark.parametrize("key", ["lr", "lambda", "l1_ratio"])
def test_a_key_becomes_an_argument_and_back(key):
    assert key_of(argument_of(key)) == key
    assert argument_of(key).isidentifier()


@pytest.mark.parametrize(
    "override",
    [
        *("device=cpu", "checkpoint_every=2", "device.threads=3", "name=mine"),
        *("plots=true", "repeats=4", "expect=diverged", "logger=[tensorboard,mlflow]"),
    ],
)
def test_the_signature_leaves_out_what_changes_no_result(make_config, override):
    assert make_config(override).signature == make_config().signature


def test_the_signature_leaves_out_where_the_data_lie(make_config):
    one, other = make_config("dataset=mnist"), make_config("dataset=mnist", "dataset.root=else")
    assert one.signature == other.signature
    assert one.signature != make_config("dataset=fashion-mnist").signature


@pytest.mark.parametrize(
    "override",
    [
        *("seed=1", "epochs=19", "batch_size=31", "eval_train=true"),
        *("dataset.seed=1", "dataset.train_size=100", "model.hidden=[255]", "optim.lr=0.11"),
        *("model=dropout-mlp", "loss=cross-entropy", "regularizer=l1", "regularizer.lambda=1"),
        *(
            "device.precision=float64",
            "optim=adam",
            "optim.nesterov=true",
            "schedule=cosine",
            "model.activation=tanh",
        ),
    ],
)
def test_the_signature_changes_with_what_decides_the_result(make_config, override):
    assert make_config(override).signature != make_config().signature


def test_every_group_has_choices_and_every_choice_is_a_component():
    assert {group for group, _ in CHOICES} == set(HOMES)
    known = [(group, name) for group in HOMES for name in names(group)]
    assert sorted(known) == sorted(CHOICES)


@pytest.mark.parametrize(("group", "name"), CHOICES)
def test_every_choice_composes_checks_and_builds(composer, companions, group, name):
    chosen = [f"{group}={name}", *companions(group, name)]
    config = check(composer.point(chosen).resolved)
    node = getattr(config, group)
    assert (node[name] if group in MULTI_CHOICE_GROUPS else node)["name"] == name
    needs_files = {"root", "path"} & {*config.dataset, *config.schedule}
    if (group, name) not in NOT_HERE and not needs_files:
        Trials()(config, load_data(config))


def test_no_hydra_is_left_behind_by_composing(composer):
    composer.point([])
    assert not GlobalHydra.instance().is_initialized()
