"""Every study of the project is whole, and the quick ones give what they say."""

import shutil
from collections import Counter

import pytest

from runner import gallery
from runner.config import check
from runner.paths import conf_folder
from runner.request.command_line import read
from runner.request.validate import check_request
from runner.results.gallery.checks import Quantity, matches
from runner.results.gallery.headers import read_header
from runner.results.read.runs import parse_value

STUDIES = sorted((conf_folder().parent / "experiments").glob("*.yaml"))
# Ten seconds and more on two cores: left to the long form.
LONG = {
    *("concept-shift", "covariate-shift", "early-stopping", "find-lr", "k-fold", "l1-vs-l2"),
    *("lambda-sweep", "linear-regression-huber", "penalty-vs-decay", "saddle-point"),
}
QUICK = [path for path in STUDIES if "\n# Quick: yes\n" in path.read_text(encoding="utf-8")]
each = pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)


def points(name):
    """What each run of a study is asked for, by key."""
    for point in check_request(read([f"experiment={name}"])).points:
        pairs = (override.partition("=") for override in point.overrides)
        yield {key.lstrip("+"): parse_value(value) for key, _, value in pairs}


def quantities(header):
    for claim in header.checks:
        yield claim.quantity
        if claim.other:
            yield claim.other


@each
def test_header_is_whole(path):
    header = read_header(path)
    assert header.run == f"python -m runner experiment={path.stem}"
    assert header.question.endswith("?")


@each
def test_study_composes_and_checks(path):
    configs = [check(p.resolved) for p in check_request(read([f"experiment={path.stem}"])).points]
    assert len({config.signature for config in configs}) == len(configs)


@each
def test_checks_speak_of_runs_that_the_study_has(path):
    asked = list(points(path.stem))
    for quantity in quantities(read_header(path)):
        at = tuple(pair for pair in quantity.at if pair[0] != "epoch")
        found = [matches(Quantity(quantity.column, at), point) for point in asked]
        assert any(found), f"no run has {quantity}"


def test_no_two_studies_have_the_same_place():
    places = Counter(read_header(path).order for path in STUDIES)
    assert [order for order, count in places.items() if count > 1] == []


@pytest.mark.commands
@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[pytest.mark.long] * (path.stem in LONG)) for path in QUICK],
    ids=[path.stem for path in QUICK],
)
def test_quick_study_gives_what_it_says(path, tmp_path, monkeypatch, capfd):
    (tmp_path / "experiments").mkdir()
    shutil.copy(path, tmp_path / "experiments")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    code = gallery.main(["results", path.stem])
    said = capfd.readouterr()
    if code == 2 and read_header(path).data:
        pytest.skip(f"its data is not at hand: {said.err.splitlines()[0]}")
    assert code == 0, said.out + said.err
