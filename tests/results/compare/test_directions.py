import pytest

from runner.results.compare.directions import direction, worsening


@pytest.mark.parametrize(
    ("metric", "way"),
    [
        ("train/loss", -1),
        ("best/val/loss", -1),
        ("test/rmse", -1),
        ("w_error", -1),
        ("test/accuracy", 1),
        ("model/weight_norm", 0),
        ("lossless", 0),
        ("accuracy/gap", 0),
        ("Error rate", -1),
    ],
)
def test_name_tells_the_direction(metric: str, way: int) -> None:
    assert direction(metric) == way


def test_worse_is_up_for_losses_down_for_accuracies_and_away_for_others() -> None:
    assert worsening("test/loss", 1.0, 1.5) == 0.5
    assert worsening("test/loss", 1.0, 0.5) == -0.5
    assert worsening("test/accuracy", 1.0, 0.5) == 0.5
    assert (
        worsening("model/weight_norm", 1.0, 0.5) == worsening("model/weight_norm", 0.5, 1.0) == 0.5
    )
