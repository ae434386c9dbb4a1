"""Plain configs are those of OmegaConf, and share what they have in common."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from runner.errors import RequestError
from runner.request.plain import resolved, value_at, with_value
from runner.request.points import parse

CONFIG = {"a": {"x": 1, "list": [1, [2]], "none": None, "of": {"deep": "b"}}, "n": 3, "at": "${n}"}
KEYS = ["n", "a.x", "a.list", "a.none", "a.of", "a.of.deep", "at"]
VALUES = [
    *("5", "-1e-3", "true", "null", "text", "'a b'", "[]", "[1,[x,null]]", "${n}", "[${n}]", "???"),
    *("{y:1}", "{}", "'\\\\${n}'", "1,2"),
]


def theirs(override):
    config = OmegaConf.create(CONFIG)
    OmegaConf.set_struct(config, True)
    OmegaConf.update(config, override.key_or_group, override.value(), merge=True)
    return config


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", VALUES[:-1])
def test_a_value_is_put_where_omegaconf_puts_it(key, value):
    (override,) = parse([f"{key}={value}"])
    try:
        expected = theirs(override)
    except Exception:
        with pytest.raises(RequestError, match="is not the kind of value there"):
            with_value(CONFIG, override)
        return
    ours = with_value(CONFIG, override)
    assert ours == OmegaConf.to_container(expected, resolve=False)
    if "${" not in value and "???" not in value and key not in ("n", "at"):
        assert resolved(ours) == OmegaConf.to_container(expected, resolve=True)
        assert value_at(ours, key) == OmegaConf.select(expected, key)


def test_what_is_the_same_is_shared_and_stays_as_it_was():
    before = repr(CONFIG)
    ours = with_value(CONFIG, *parse(["a.x=9"]))
    assert ours["a"]["of"] is CONFIG["a"]["of"] and repr(CONFIG) == before
    mine = resolved(ours)
    mine["a"]["list"].append(7)
    assert repr(CONFIG) == before and ours["a"]["list"] == [1, [2]]


def test_a_variable_is_read_anew_where_it_has_changed(monkeypatch):
    config = {"root": "${oc.env:RUNNER_DATA_ROOT,data}", "n": 1}
    monkeypatch.delenv("RUNNER_DATA_ROOT", raising=False)
    assert resolved(config) == {"root": "data", "n": 1}
    monkeypatch.setenv("RUNNER_DATA_ROOT", "/elsewhere")
    assert resolved(config) == {"root": "/elsewhere", "n": 1}


@pytest.mark.parametrize("value", ["${gone}", "${oc.env:NO_SUCH_VARIABLE}", "${oc.env:HOME}"])
def test_a_reference_that_leads_nowhere_is_named(value, composer):
    with pytest.raises(RequestError, match=r"^n has no value: "):
        resolved({"n": value})


NUMBERS = st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False)


@given(
    NUMBERS.map(repr) | st.from_regex(r"-?0?[0-9]{1,3}(\.[0-9]{1,2})?(e-?[0-9])?", fullmatch=True)
)
def test_a_number_is_read_as_the_grammar_reads_it(text):
    line = f"optim.lr={text}"
    (ours,), (again,) = parse([line]), OverridesParser.create().parse_overrides([line])
    assert repr(ours) == repr(again)
