import pytest

from runner.results.compare.check import worsening
from runner.results.directions import direction, recorded_directions


@pytest.mark.parametrize(
    ("metric", "way"),
    [
        ("train/loss", "lower"),
        ("best/val/loss", "lower"),
        ("test/rmse", "lower"),
        ("w_error", "lower"),
        ("test/accuracy", "higher"),
        ("model/weight_norm", None),
        ("lossless", None),
        ("accuracy/gap", None),
        ("Error rate", "lower"),
    ],
)
def test_name_tells_the_direction(metric: str, way: str | None) -> None:
    assert direction(metric, {}) == way


def test_what_runs_record_comes_before_the_name() -> None:
    summaries = [
        {"metrics": {"loss": {"direction": "higher"}, "odd": {"direction": "sideways"}}},
        {"metrics": {"surprise": {"direction": "lower", "unit": "nats"}}},
        {"metrics": None},
        {"status": "ok"},
    ]
    recorded = recorded_directions(summaries)
    assert recorded == {"loss": "higher", "surprise": "lower"}
    assert direction("best/val/loss", recorded) == "higher"
    assert direction("test/surprise", recorded) == "lower"
    assert direction("test/accuracy", recorded) == "higher"


def test_worse_is_up_for_losses_down_for_accuracies_and_away_for_others() -> None:
    assert worsening("lower", 1.0, 1.5) == 0.5
    assert worsening("lower", 1.0, 0.5) == -0.5
    assert worsening("higher", 1.0, 0.5) == 0.5
    assert worsening(None, 1.0, 0.5) == worsening(None, 0.5, 1.0) == 0.5
