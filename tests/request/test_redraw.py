"""A study drawn again has seeds of its own, and is the same study otherwise."""

import pytest

from runner.errors import RequestError
from runner.request.command_line import read
from runner.request.redraw import FIRST, redraw
from runner.request.validate import check_request

HEAD = "# @package _global_\n"
SWEEP = "hydra:\n  mode: MULTIRUN\n  sweeper:\n    params:\n      "
STUDIES = {
    "seeds": ("repeats: 2\n" + SWEEP + "optim.lr: [0.1, 0.2]\n", ["seed={}", "dataset.seed={}"]),
    "data": ("repeats: 2\nrepeats_of: data\n", ["seed={}", "dataset.seed={}"]),
    "swept": (SWEEP + "dataset.seed: range(2)\n", ["seed={}", "dataset.seed={},{}"]),
    "point": (
        "defaults:\n  - override /dataset: none\n  - override /model: point\n"
        "  - override /loss: quadratic\n",
        ["seed={}"],
    ),
    "search": (
        "defaults:\n  - override /hydra/sweeper: search\n"
        + SWEEP
        + "optim.lr: interval(0.1, 0.2)\n",
        ["seed={}", "dataset.seed={}", "hydra.sweeper.seed={}"],
    ),
}


@pytest.fixture(autouse=True)
def studies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiments").mkdir()
    for name, (text, _) in STUDIES.items():
        (tmp_path / "experiments" / f"{name}.yaml").write_text(HEAD + text)
    return tmp_path / "experiments"


def runs_of(name, *overrides):
    return [p.config for p in check_request(read([f"experiment={name}", *overrides])).points]


@pytest.mark.parametrize("name", STUDIES)
def test_a_draw_has_seeds_of_its_own(studies, name):
    overrides = redraw(studies / f"{name}.yaml", 1)
    first = FIRST + 1000
    assert overrides == [text.format(first, first + 1) for text in STUDIES[name][1]]
    written, drawn = runs_of(name), runs_of(name, *overrides)
    assert len(drawn) == len(written)
    for config, other in zip(written, drawn, strict=True):
        assert other.seed == config.seed + first
        if "seed" in config.dataset:
            assert other.dataset.seed == config.dataset.seed + first
            other.dataset.seed = config.dataset.seed
        other.seed = config.seed
        assert other == config


def test_no_two_draws_share_a_seed(studies):
    seeds = [redraw(studies / "data.yaml", draw)[0] for draw in range(1, 6)]
    assert len(set(seeds)) == 5


def test_a_study_that_does_not_compose_is_refused(studies):
    (studies / "typo.yaml").write_text(HEAD + "defaults:\n  - override /model: mpl\n")
    with pytest.raises(RequestError, match="mpl"):
        redraw(studies / "typo.yaml", 1)
