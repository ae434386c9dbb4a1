import math

import pytest

from runner.results.gallery.checks import STATUSES, parse_check
from runner.results.gallery.verdicts import judge, read_results

NAN = math.nan


@pytest.fixture
def results(folders, make_curve):
    """Two rates of two seeds; the last losses on the test set are 0.5, 0.51, 0.52 and 0.53."""
    points = [
        {"model.dropout": rate, "eval_train": "True", "seed": seed}
        for rate in ("0.1", "[0.2,0.5]")
        for seed in (0, 1)
    ]
    points.append({"model.dropout": "0.9", "eval_train": "False", "seed": 0})
    folder = folders.sweep("sweep", points)
    rows = [row | {"test/loss": NAN} for row in make_curve(2)]
    folders.run("sweep/5", {"model.dropout": "0.9", "seed": 1}, rows, status="diverged")
    folders.run("sweep/6", {"model.dropout": "0.7", "seed": 0}, rows)
    return read_results(folder)


def held(text, results):
    return judge(parse_check(text), results)


@pytest.mark.parametrize(
    "text",
    [
        "test/loss: 0.1 to 0.2",
        "test/loss at a=3: above 0.1",
        "best/val/accuracy: below 1e-05",
        "test/loss at a=[0.2,0.5]; b=x: -1 to 1",
        "status at optim.lr=3: diverged",
        "test/loss at a=0 above test/loss at a=3",
        "train/accuracy below test/accuracy",
        "train/loss at optim=sgd within 1e-09 of train/loss at optim=torch-sgd",
        "train/loss within 0 of test/loss",
    ],
)
def test_check_reads_as_it_was_written(text):
    assert str(parse_check(text)) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no check"),
        ("test/loss", "is no check"),
        ("test/loss above", "is no check"),
        ("test/loss: 0.1", "'0.1' is no range"),
        ("test/loss: diverged", "'diverged' is no range"),
        ("test/loss: near 0.1", "'near 0.1' is no range"),
        ("test/loss: 0.2 to 0.1", "is empty"),
        ("test/loss: 0.1 to inf", "'inf' is no finite number"),
        ("test/loss: above it", "'it' is no finite number"),
        ("test/loss at a: above 1", "is no quantity"),
        ("test/loss at a=: above 1", "is no quantity"),
        ("test/loss for a=1: above 1", "is no quantity"),
        ("test/loss at a above 1", "is no quantity"),
        ("test/loss within of test/loss", "is no check"),
        ("test/loss within 0.1", "is no check"),
        ("test/loss within it of train/loss", "'it' is no finite number"),
        ("test/loss within inf of train/loss", "'inf' is no finite number"),
        ("test/loss within -1 of train/loss", "'-1' is no distance"),
        ("test/loss: within 0.1 of train/loss", "is no range"),
        ("status: okay", "There is no status 'okay'; did you mean 'ok'?"),
    ],
)
def test_what_is_no_check_is_refused(text, said):
    with pytest.raises(ValueError, match=said) as caught:
        parse_check(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_can_be_expected(status):
    assert str(parse_check(f"status: {status}")) == f"status: {status}"


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("test/loss at model.dropout=0.1: 0.504 to 0.506", True),
        ("test/loss at model.dropout=0.1: 0.4 to 0.504", False),
        ("test/loss at model.dropout=0.10; seed=0: 0.5 to 0.5", True),
        ("test/loss at model.dropout=0.1: below 0.506", True),
        ("test/loss at model.dropout=0.1; seed=0: below 0.5", False),
        ("test/loss at model.dropout=0.1; seed=0: above 0.5", False),
        ("test/loss at model.dropout=[0.2, 0.5]: above 0.524", True),
        ("test/loss at eval_train=true: 0.514 to 0.516", True),
        ("test/loss at model.dropout=[0.2,0.5] above test/loss at model.dropout=0.1", True),
        ("test/loss at model.dropout=[0.2,0.5] below test/loss at model.dropout=0.1", False),
        ("test/loss at model.dropout=0.1 below train/accuracy at model.dropout=0.1", True),
        ("test/loss at seed=0; model.dropout=0.1 within 0.011 of test/loss at job=1", True),
        ("test/loss at job=1 within 0.011 of test/loss at seed=0; model.dropout=0.1", True),
        ("test/loss at seed=0; model.dropout=0.1 within 0.009 of test/loss at job=1", False),
        ("test/loss at model.dropout=0.1 within 0 of test/loss at model.dropout=0.1", True),
        ("test/loss at model.dropout=0.1; epoch=1: 1.504 to 1.506", True),
        ("status at model.dropout=0.1: ok", True),
        ("status at model.dropout=0.9; seed=1: diverged", True),
        ("status at model.dropout=0.9: diverged", False),
    ],
)
def test_checks_are_held_against_the_runs(results, text, holds):
    assert held(text, results).holds is holds


def test_obtained_is_mean_spread_and_number(results):
    found = held("test/loss at model.dropout=0.1: above 0", results)
    assert found.obtained == "0.505 ± 0.0071 (n = 2 seeds)"
    found = held("test/loss at model.dropout=0.1; seed=1: above 0", results)
    assert found.obtained == "0.51 (n = 1)", "one run has no spread"
    found = held("status at model.dropout=0.9: ok", results)
    assert sorted(found.obtained.split(", ")) == ["diverged (n = 1)", "ok (n = 1)"]
    found = held("test/loss at seed=0; model.dropout=0.1 below lr at model.dropout=0.1", results)
    assert found.obtained == "0.5 (n = 1) and 0.1 ± 0 (n = 2 seeds)"
    found = held("test/loss at job=0 within 1 of test/loss at model.dropout=0.1", results)
    assert found.obtained == "0.5 (n = 1) and 0.505 ± 0.0071 (n = 2 seeds), 0.005 apart"


@pytest.mark.parametrize(
    ("varying", "said"),
    [
        ({"seed": (0, 1)}, "n = 2 seeds"),
        ({"dataset.seed": (0, 1), "seed": (0, 0)}, "n = 2 data sets"),
        ({"dataset.seed": (5, 6), "seed": (0, 1)}, "n = 2 data sets and seeds"),
        ({"dataset.fold": (0, 1)}, "n = 2 folds"),
        ({"optim.lr": (0.1, 0.2)}, "n = 2 runs over optim.lr"),
        ({"optim.lr": (0.1, 0.2), "seed": (0, 1)}, "n = 2 runs over optim.lr, seeds"),
        ({"model.dropout": (0.5, 0.5)}, "n = 2 runs"),
    ],
)
def test_a_spread_says_what_it_is_over(folders, varying, said):
    points = [dict(zip(varying, values, strict=True)) for values in zip(*varying.values())]  # noqa: B905
    results = read_results(folders.sweep("sweep", points))
    for text in ("test/loss: above 0", "test/loss at epoch=2: above 0"):
        assert held(text, results).obtained.endswith(f" ({said})")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("test/los: above 0", "There is no column 'test/los'; did you mean 'test/loss'?"),
        ("test/loss at modle.dropout=1: above 0", "There is no column 'modle.dropout'"),
        ("test/loss at model.dropout=4: above 0", "No run has these values."),
        ("test/loss at model.dropout=0.1; epoch=9: above 0", "No run has these values."),
        ("status at model.dropout=4: ok", "No run has these values."),
        ("lr at model.dropout=0.9: above 0", "1 of 2 runs did not complete: diverged."),
        ("test/loss at model.dropout=0.7: above 0", "1 of 1 runs have no number."),
        ("lr at model.dropout=0.1 above lr at seed=5", "No run has these values."),
        ("lr at model.dropout=0.1 within 9 of lr at seed=5", "No run has these values."),
        ("lr at model.dropout=0.1 within 9 of lr at model.dropout=0.9", "did not complete"),
        ("run_dir: above -1", "did not complete"),
    ],
)
def test_what_is_not_there_bears_nothing_out(results, text, said):
    found = held(text, results)
    assert said in found.obtained
    assert not found.holds


def test_a_single_run_is_a_sweep_of_one(folders, make_curve):
    best = {"epoch": 2, "val/accuracy": 0.95}
    folder = folders.run("run", {}, make_curve(3), best=best)
    results = read_results(folder)
    assert held("test/loss: 0.5 to 0.5", results).holds
    assert held("train/loss at epoch=1 above train/loss at epoch=3", results).holds
    assert held("best/val/accuracy: 0.9 to 1", results).obtained == "0.95 (n = 1)"
    assert held("best_epoch: 2 to 2", results).holds
    assert held("status: ok", results).holds
