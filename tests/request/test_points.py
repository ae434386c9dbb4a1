import pytest
from hydra import compose
from hydra.initialize import initialize_config_dir
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from runner.errors import RequestError
from runner.paths import conf_folder
from runner.request.points import expand, parse, swept_by_study, written

VALUES = {
    "seed": ["0", "7", "4294967295"],
    "epochs": ["1", "${seed}", "${batch_size}"],
    "name": [
        "null",
        "plain",
        "'a, b'",
        '"it\'s = {odd} [x]"',
        "a\\,b",
        "with space",
        "'1'",
        "'ünï'",
    ],
    "plots": ["auto", "true", "False"],
    "checkpoint_every": ["null", "3"],
    "optim.lr": ["0.1", "1e-3", "5", "nan", "inf", "-1"],
    "optim.clip_norm": ["null", "1.5", "${optim.lr}"],
    "model.hidden": ["[]", "[8]", "[8,16]", "[[8],[16,2]]", "[8, null, 'a b']"],
    "model.init_std": ["0.5", "1"],
    "regularizer.lambda": ["0", "3", "1e-300"],
    "dataset.seed": ["0", "${seed}", "{a:1,b:[2]}"],
}
GROUPS = {
    "model": ["mlp", "dropout-mlp", "lenet-bn"],
    "optim": ["sgd", "adam", "'adamw'"],
    "dataset": ["digits", "linear"],
    "regularizer": ["l2", "elastic-net"],
}


def one_override(key, values):
    return st.sampled_from(values).map(lambda value: f"{key}={value}")


OVERRIDES = st.lists(
    st.one_of(one_override(key, values) for key, values in (VALUES | GROUPS).items()),
    unique_by=lambda override: override.partition("=")[0],
).filter(
    # These keys are not in every choice; a point that lacks one is refused before it is composed.
    lambda overrides: not ("model=lenet-bn" in overrides and "model.hidden" in str(overrides))
)


@pytest.fixture(scope="module")
def both(composer):
    """Compose by Hydra, and by a composer."""

    def both(overrides):
        with initialize_config_dir(str(conf_folder()), version_base="1.3"):
            return compose("config", overrides), composer.point(overrides).config

    return both


@given(overrides=OVERRIDES)
@settings(deadline=None, max_examples=30)
def test_a_point_is_composed_as_hydra_composes_it(both, overrides):
    theirs, ours = both(overrides)
    # As text: nan is not equal to itself, and the order of keys is part of the files.
    assert OmegaConf.to_yaml(ours) == OmegaConf.to_yaml(theirs)


def test_values_of_one_point_do_not_leak_into_the_next(composer):
    first = composer.point(["optim.lr=9", "model.hidden=[3]"]).config
    second = composer.point([]).config
    assert (first.optim.lr, second.optim.lr) == (9, 0.1)
    assert second.model.hidden != first.model.hidden


def test_a_point_keeps_interpolations_until_it_is_resolved(composer):
    point = composer.point(["epochs=${seed}", "seed=3"])
    assert OmegaConf.to_container(point.config)["epochs"] == "${seed}"
    assert point.resolved["epochs"] == 3


@pytest.mark.parametrize("override", ["model.hidden={a:1}", "model.hidden.a=1"])
def test_a_value_of_another_kind_is_refused(composer, override):
    with pytest.raises(RequestError, match="is not the kind of value there"):
        composer.point([override])


@pytest.mark.parametrize("value", ["${sed}", "${oc.env:NO_SUCH_VARIABLE_HERE}", "${nothing:1}"])
def test_an_interpolation_that_leads_nowhere_is_told(composer, value):
    with pytest.raises(RequestError, match=r"^epochs has no value: ") as caught:
        _ = composer.point([f"epochs={value}"]).resolved
    assert len(caught.value.sentences) == 1
    assert "\n" not in str(caught.value)


def test_true_and_false_stand_as_they_are_typed():
    asked = parse(["eval_train=true,False", "plots=TRUE", "name='True'", "seed=1"])
    rest = ("plots=true", "name='True'", "seed=1")
    assert expand(asked) == [("eval_train=true", *rest), ("eval_train=false", *rest)]


def test_combinations_come_in_the_order_of_the_keys_the_last_fastest():
    asked = parse(["a=1,2", "b=x", "c=[1,2],[3]"])
    assert expand(asked) == [
        ("a=1", "b=x", "c=[1,2]"),
        ("a=1", "b=x", "c=[3]"),
        ("a=2", "b=x", "c=[1,2]"),
        ("a=2", "b=x", "c=[3]"),
    ]


@pytest.mark.parametrize(
    ("asked", "points"),
    [
        (["a=1,2", "a=3"], [("a=3",)]),
        (["a=3", "b=1", "a=1,2"], [("a=1", "b=1"), ("a=2", "b=1")]),
        (["a=range(1,4)"], [("a=1",), ("a=2",), ("a=3",)]),
        (["a=choice(x,y)"], [("a=x",), ("a=y",)]),
        ([], [()]),
    ],
)
def test_later_overrides_win(asked, points):
    assert expand(parse(asked)) == points


@pytest.mark.parametrize(
    ("override", "why"),
    [("a=range(0,0)", "sweeps over no value"), ("a=interval(0,1)", "lists no values")],
)
def test_a_sweep_without_values_is_refused(override, why):
    with pytest.raises(RequestError, match=why):
        expand(parse([override]))


@pytest.mark.parametrize(
    "text", ["a b", "a,b", "1", "true", "null", "", "it's", 'x"y', "a=b", "-", "ünï"]
)
def test_what_expanding_writes_reads_back_as_the_same_value(text):
    (line,) = swept_by_study({"name": [text]})
    ((again,),) = expand(parse([line]))
    assert parse([again])[0].value() == text


@pytest.mark.parametrize(
    ("params", "overrides"),
    [
        ({"a": [0, 0.5, 1e-5]}, ["a=0,0.5,1e-05"]),
        ({"a": [[1, 2], 3, [[4], []]]}, ["a=[1,2],3,[[4],[]]"]),
        ({"a": [True, False, None]}, ["a=true,false,null"]),
        ({"a": ["relu", "dropout-mlp"]}, ["a=relu,dropout-mlp"]),
        ({"a": ["true", "1", "x y"]}, ['a="true","1","x y"']),
        ({"a": 3}, ["a=3"]),
        ({"a": "range(1,4)"}, ["a=range(1,4)"]),
        ({"a": "x,y"}, ["a=x,y"]),
        ({"a": None}, ["a=null"]),
        ({"a": [1], "b": [2, 3]}, ["a=1", "b=2,3"]),
        ({}, []),
        (None, []),
    ],
)
def test_a_list_in_a_study_means_choices(params, overrides):
    assert swept_by_study(params) == overrides
    if params:
        assert swept_by_study(OmegaConf.create(params)) == overrides


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("aZ1 ,")


LISTS = st.lists(SCALARS, max_size=3)


@given(st.lists(SCALARS | LISTS, min_size=1, max_size=4, unique_by=repr))
@settings(deadline=None)
def test_every_value_of_a_study_reaches_its_point_unchanged(values):
    (line,) = swept_by_study({"name": values})
    read = [parse([point])[0].value() for (point,) in expand(parse([line]))]
    # 1 and True are equal in Python and not in a config.
    assert list(map(repr, read)) == list(map(repr, values))


def test_an_empty_list_in_a_study_is_refused():
    with pytest.raises(RequestError, match=r"optim\.lr sweeps over no value"):
        swept_by_study({"optim.lr": []})


PATHS = ["outputs/a-b/0", ["layers.?.*", "a*"]]


@pytest.mark.parametrize("value", [*PATHS, "a b", "1e5", "x,y", "/tmp", ["*"]])
def test_text_of_a_study_is_quoted_where_the_grammar_may_misread_it_alone(value):
    (override,) = parse([f"init_from={written(value)}"])
    read = override.value()
    assert ([str(one) for one in read] if isinstance(value, list) else str(read)) == value
    assert ('"' in written(value)) == (value not in PATHS)
