"""How much each key of a search explains, and of how many points that may be said."""

import importlib.util

import numpy as np
import pandas as pd
import pytest

from runner.results.search.importance import importance
from runner.results.search.trials import BEST, HEAD, Trials


def trials_of(folder, count, keys, values):
    rows = pd.DataFrame(dict.fromkeys(HEAD, 0) | {"status": "ok"}, index=range(count))
    frame = pd.concat([rows, pd.DataFrame(keys | {"val/loss": values, BEST: values})], axis=1)
    return Trials(folder, frame, [*keys], "val/loss")


@pytest.fixture
def surface(tmp_path):
    """A key over decades that matters by its logarithm, one of words, and one without effect."""
    pytest.importorskip("optuna")
    rng = np.random.default_rng(0)

    def surface(count):
        lr = 10 ** rng.uniform(-4, 0, count)
        optim = rng.choice(["sgd", "adam"], count)
        idle = rng.uniform(size=count)
        values = (np.log10(lr) + 2) ** 2 + 0.3 * (optim == "sgd") + 0.01 * rng.normal(size=count)
        return trials_of(tmp_path, count, {"lr": lr, "optim": optim, "idle": idle}, values)

    return surface


def test_the_key_that_matters_comes_first_and_one_without_effect_has_next_to_nothing(surface):
    found = importance(surface(150))
    assert [*found.shares] == ["lr", "optim", "idle"]
    assert sum(found.shares.values()) == pytest.approx(1)
    # The variance of (log lr + 2)² over four decades is 1.42, that of 0.3 for half of them 0.02.
    assert found.shares["lr"] > 0.9 and found.shares["idle"] < 0.02
    assert "n = 150" in found.words


def test_the_same_points_have_the_same_shares(surface):
    trials = surface(120)
    assert importance(trials).shares == importance(trials).shares


def test_below_a_hundred_points_it_is_not_said(surface):
    found = importance(surface(99))
    assert not found.shares
    assert found.why_not.startswith("99 points trained to the end: too few")


def test_only_points_trained_to_the_end_count(surface):
    trials = surface(150)
    trials.frame.loc[:60, "status"] = "pruned"
    assert importance(trials).why_not.startswith("89 points trained to the end: too few")


def test_a_key_that_not_every_point_has_is_left_out_and_named(surface):
    trials = surface(150)
    trials.frame.loc[:60, "idle"] = np.nan
    found = importance(trials)
    assert [*found.shares] == ["lr", "optim"]
    assert found.words.endswith("Left out, since not every point has them: idle.")


def test_without_optuna_there_is_a_sentence(surface, monkeypatch):
    trials, find = surface(100), importlib.util.find_spec
    monkeypatch.setattr(
        "runner.results.search.importance.find_spec",
        lambda name: None if name == "optuna" else find(name),
    )
    assert "pip install 'runner[search]'" in importance(trials).why_not


def test_values_that_are_all_the_same_explain_nothing(tmp_path):
    keys = {"a": np.arange(100.0), "b": np.arange(100.0)}
    assert importance(trials_of(tmp_path, 100, keys, 1.0)).why_not == "val/loss does not vary."
