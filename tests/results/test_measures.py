"""What is known of a metric: by what runs have on record, and by its name where they have none."""

import pytest

from runner.results.measures import Measures
from runner.results.read.runs import read_runs

RECORD = {
    "loss": {"direction": "lower", "label": "cross-entropy", "unit": None},
    "accuracy": {"direction": "higher", "label": "accuracy", "unit": "fraction"},
    "miss": {"direction": "lower", "label": "share of misses", "unit": "fraction"},
    "gain": {"direction": "higher", "label": "gain", "unit": "bits"},
}


def classes(**metrics):
    return Measures.told({"task": "classes", "loss": "cross-entropy", "metrics": RECORD | metrics})


@pytest.mark.parametrize(
    ("metric", "way"),
    [
        ("train/loss", "lower"),
        ("best/val/loss", "lower"),
        ("test/rmse", "lower"),
        ("w_error", "lower"),
        ("model/w1_error", "lower"),
        ("test/accuracy", "higher"),
        ("model/weight_norm", None),
        ("lossless", None),
        ("accuracy/gap", None),
        ("Error rate", "lower"),
    ],
)
def test_without_a_record_the_name_tells_the_direction(metric, way):
    assert Measures().direction(metric) == way


def test_the_record_tells_the_direction_whatever_the_name():
    measures = classes(**{"error-free": {"direction": "higher", "label": "", "unit": None}})
    assert measures.direction("best/test/error-free") == "higher"
    assert measures.direction("val/miss") == "lower"
    # Of a number that a model has, the record of a metric of that name says nothing.
    assert measures.direction("model/gain") is None


def test_worse_is_up_for_errors_down_for_shares_and_away_for_what_is_not_known():
    measures = classes()
    assert measures.worsening("test/loss", 1.0, 1.5) == 0.5
    assert measures.worsening("test/loss", 1.0, 0.5) == -0.5
    assert measures.worsening("test/accuracy", 1.0, 0.5) == 0.5
    assert measures.worsening("test/miss", 0.5, 1.0) == 0.5
    one, other = (measures.worsening("model/weight_norm", *pair) for pair in ((1, 0.5), (0.5, 1)))
    assert one == other == 0.5


@pytest.mark.parametrize(
    ("metric", "label"),
    [
        ("test/loss", "test loss (cross-entropy)"),
        ("loss", "loss (cross-entropy)"),
        ("best/val/accuracy", "best val accuracy"),
        ("test/miss", "test miss (share of misses)"),
        ("test/gain", "test gain (bits)"),
        ("model/w1", "w1"),
        ("gradient_norm/out.weight", "gradient_norm out.weight"),
    ],
)
def test_a_label_says_what_a_metric_is(metric, label):
    assert classes().label(metric) == label


def test_a_function_is_called_by_its_name():
    record = {"loss": {"direction": "lower", "label": "himmelblau", "unit": None}}
    measures = Measures.told({"task": "objective", "loss": "himmelblau", "metrics": record})
    assert (measures.words("train/loss"), measures.label("train/loss")) == (
        "f(x)",
        "f(x), himmelblau",
    )


@pytest.mark.parametrize(
    ("task", "columns", "main"),
    [
        ("classes", ["test/loss", "train/accuracy", "test/accuracy"], "test/accuracy"),
        ("classes", ["train/loss", "test/loss"], "test/loss"),
        ("classes", ["train/loss", "val/loss"], "val/loss"),
        # Neither a share that is better the lower nor what is no share comes before the loss.
        ("classes", ["test/loss", "test/miss", "test/gain"], "test/loss"),
        ("numbers", ["test/loss", "test/rmse", "test/accuracy"], "test/loss"),
        # The validation split is what choosing is for.
        ("classes", ["test/accuracy", "val/accuracy"], "val/accuracy"),
        ("numbers", ["train/loss", "test/loss", "val/loss"], "val/loss"),
        ("classes", ["model/weight_norm"], None),
    ],
)
def test_points_are_told_apart_by_the_first_share_or_else_by_the_loss(task, columns, main):
    assert Measures.told({"task": task, "metrics": RECORD}).main(columns) == main
    if "test/miss" not in columns:  # the names tell the same
        assert Measures(task).main(columns) == main


def test_the_metric_that_was_asked_to_choose_is_shown_first():
    columns = ["val/loss", "val/accuracy", "val/gain", "test/gain"]
    asked = Measures.told({"task": "classes", "metrics": RECORD, "best_metric": "val/gain"})
    assert (asked.main(columns), asked.judge(columns)) == ("val/gain", "test/gain")


def test_arrows_point_to_where_a_metric_is_better():
    heads = [classes().heading(name) for name in ("val/loss", "best/test/accuracy", "optim.lr")]
    assert heads == ["val/loss ↓", "best/test/accuracy ↑", "optim.lr"]
    assert classes().heading("model/weight_norm") == "model/weight_norm"


def test_what_was_chosen_is_judged_on_the_test_set():
    columns = ["train/loss", "val/loss", "test/loss"]
    assert classes().judge([*columns, "test/accuracy"]) == "test/accuracy"
    assert classes().judge(columns[:2]) == "val/loss"


def test_the_metric_that_chooses_is_the_one_on_record():
    assert Measures.told({}).monitor == "val/loss"
    of_accuracy = Measures.told({"best_metric": "val/accuracy"})
    assert of_accuracy.monitor == "val/accuracy"
    assert Measures.together([of_accuracy, of_accuracy]).monitor == "val/accuracy"
    assert (of_accuracy.sign("val/accuracy"), of_accuracy.sign("val/loss")) == (-1, 1)


def test_a_run_that_failed_at_once_does_not_change_what_chooses(folders):
    folders.sweep("s", [{"seed": 0}, {"seed": 1}])
    first, other = read_runs(folders.root / "s")
    first.summary["best_metric"] = "val/accuracy"
    other.summary["best_metric"] = None
    assert Measures.of([first, other]).monitor == "val/accuracy"


def test_only_what_falls_towards_zero_is_an_error():
    measures = classes()
    errors = [n for n in ("loss", "accuracy", "miss", "gain") if measures.is_error(f"test/{n}")]
    assert errors == ["loss"]
    assert not measures.is_error("model/w1_error")


def test_what_runs_say_differently_is_not_known(folders):
    folders.sweep("s", [{"seed": 0}, {"seed": 1}])
    first, other = read_runs(folders.root / "s")
    first.summary["metrics"] = RECORD
    other.summary["metrics"] = RECORD | {
        "loss": RECORD["loss"] | {"label": "huber"},
        "gain": RECORD["gain"] | {"direction": "lower"},
    }
    measures = Measures.of([first, other])
    assert measures.task == "classes"
    assert measures.label("test/loss") == "test loss"
    assert (measures.direction("test/gain"), measures.direction("test/loss")) == (None, "lower")
    assert Measures.told({"metrics": measures.record}).known == measures.known


def test_older_runs_tell_their_loss_by_its_name():
    measures = Measures.told({"task": "numbers", "loss": "squared"})
    assert measures.label("test/loss") == "test loss (half squared error)"
    assert measures.label("test/rmse") == "test rmse"


@pytest.mark.parametrize("record", [None, [], "x", {"loss": None}, {"loss": {"direction": "up"}}])
def test_a_record_that_is_none_is_left_out(record):
    measures = Measures.told({"task": "classes", "loss": "mse-one-hot", "metrics": record})
    assert measures.label("test/loss") == "test loss (mean squared error)"
    assert measures.direction("test/loss") == "lower"
